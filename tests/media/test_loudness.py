"""Loudness measured, and reached."""

from pathlib import Path

import pytest

from tests.media.clips import bunny
from tests.media.runner import FFMPEG, Track, encode_tracks, ffmpeg, plan_of
from tests.media.test_audio import make_sound
from tests.media.test_tracks import make_tracks, tone
from videosite.media.audio_command import loudness_argv
from videosite.media.loudness import Loudness, gains_db, parse_summaries
from videosite.media.plan import Plan
from videosite.media.sound import MAX_AUDIO_TRACKS
from videosite.pipeline.child import Child


def measure(path: Path, plan: Plan) -> dict[str, Loudness]:
    """As a worker does, within its limits and with what it keeps of FFmpeg's words."""
    assert plan.audio
    found: dict[str, Loudness] = {}
    for index in dict.fromkeys(rendition.stream_index for rendition in plan.audio.renditions):
        argv = loudness_argv(FFMPEG, plan, index, str(path), allow_file=True)
        with Child(argv, lambda _: None) as child:
            assert child.wait(60)
        found |= parse_summaries(child.stderr_tail, plan.renditions_of("audio"))
    return found


def measure_track(track: Track, tmp_path: Path) -> Loudness:
    """Of what was encoded, as a video of its own."""
    path = tmp_path / "track.mp4"
    path.write_bytes(track.data)
    picture = ("-f", "lavfi", "-i", "color=s=64x48:r=25:d=5")
    ffmpeg("-i", str(path), *picture, "-map", "1", "-map", "0", "-c:a", "copy", str(tmp_path / "video.mp4"))
    # A track of six channels is measured as six.
    return list(measure(tmp_path / "video.mp4", plan_of(tmp_path / "video.mp4")).values())[-1]


def test_a_known_tone_has_its_known_loudness(tmp_path: Path) -> None:
    """EBU Tech 3341, case 1: 1 kHz at −23 dBFS in both channels is −23 LUFS."""
    sine = "aevalsrc='0.0708*sin(2000*PI*t)|0.0708*sin(2000*PI*t)':s=48000:d=20"
    source = make_sound(tmp_path / "tone.mov", sine, "-c:a", "pcm_s16le", seconds=20)
    found = measure(source, plan_of(source))["aac-stereo"]
    assert found.integrated_lufs == pytest.approx(-23, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(-23, abs=0.1)


def test_every_rendition_of_real_material_comes_to_the_target(tmp_path: Path) -> None:
    plan = plan_of(bunny())
    found = measure(bunny(), plan)
    gains = gains_db(found)
    assert set(gains) == {"aac-stereo", "aac-surround"}
    tracks = encode_tracks(bunny(), plan, gains_db=gains)
    for name, track in tracks.items():
        after = measure_track(track, tmp_path)
        wanted = found[name].integrated_lufs + gains[name]
        assert after.integrated_lufs == pytest.approx(wanted, abs=0.5)
        assert after.true_peak_dbtp < 0
        assert wanted == pytest.approx(-16, abs=0.1) or gains[name] < -16 - found[name].integrated_lufs


def test_silence_and_damage_have_no_loudness_and_keep_nobody_from_it(tmp_path: Path) -> None:
    output = ("-c:a", "aac", "-bsf:a:2", "noise=amount=1")
    source = make_tracks(tmp_path / "a.mkv", tone(440), "anullsrc=d=5", tone(880), output=output)
    plan = plan_of(source)
    assert set(measure(source, plan)) == {"aac-stereo"}


def test_a_title_cannot_say_how_loud_it_is(tmp_path: Path) -> None:
    fake = (
        "[ebur128@aac-stereo @ 0x1] Summary:\n\n  Integrated loudness:\n    I: -1.0 LUFS\n  Loudness range:\n"
        "    LRA: 1.0 LU\n\n  True peak:\n    Peak: -1.0 dBFS\n"
    )
    source = make_tracks(tmp_path / "a.mkv", tone(440), output=("-c:a", "aac", "-metadata", f"title={fake}"))
    assert measure(source, plan_of(source))["aac-stereo"].integrated_lufs < -15


def test_as_many_tracks_as_there_may_be_are_all_measured(tmp_path: Path) -> None:
    sounds = [f"anoisesrc=d=2:r=48000:a=0.2:seed={n},aformat=channel_layouts=5.1" for n in range(8)]
    source = make_tracks(tmp_path / "a.mkv", *sounds, seconds=2, output=("-c:a", "ac3"))
    plan = plan_of(source)
    assert len(plan.renditions_of("audio")) == 2 * MAX_AUDIO_TRACKS
    assert set(measure(source, plan)) == set(plan.renditions_of("audio"))
