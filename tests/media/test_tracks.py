"""Several tracks: each comes out as itself, in its layouts, whatever is wrong with its neighbours."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.media.runner import FFMPEG, FFPROBE, Track, encode_audio, encode_tracks, ffmpeg, plan_of
from tests.media.storage import IF_MATCH, serve
from tests.media.test_audio import Samples, decode, level_db, make_sound
from videosite.media.boxes import codec_string
from videosite.media.plan import Plan, make_plan
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE
from videosite.media.tracks import UNDECODABLE
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.probe import probe as pipeline_probe
from videosite.settings import get_settings

SECONDS = 5


def make_tracks(path: Path, *sounds: str, seconds: int = SECONDS, output: tuple[str, ...] = ()) -> Path:
    """A tiny video with several lavfi sounds, the language of the nth being the nth of en, de, fr."""
    inputs = [part for sound in sounds for part in ("-f", "lavfi", "-i", sound)]
    maps = [part for number in range(len(sounds) + 1) for part in ("-map", str(number))]
    tags = [
        part
        for number, language in enumerate(("eng", "ger", "fre")[: len(sounds)])
        for part in (f"-metadata:s:a:{number}", f"language={language}")
    ]
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}", *inputs, *maps,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", *tags, *output, str(path),
    )  # fmt: skip
    return path


def tone(hertz: int, seconds: int = SECONDS) -> str:
    return f"sine={hertz}:r=48000:d={seconds}"


def pitch(samples: Samples) -> int:
    """The loudest frequency of one channel, in whole Hz, of the second second."""
    second = samples[SAMPLE_RATE : 2 * SAMPLE_RATE]
    return int(np.argmax(np.abs(np.fft.rfft(second))))


def assert_whole(plan: Plan, track: Track) -> None:
    assert len(set(track.inits)) == 1
    assert codec_string(track.inits[0]) == "mp4a.40.2"
    assert plan.audio
    found = [(fragment.tfdt, fragment.samples) for fragment in track.fragments]
    assert found == [plan.expected("aac-stereo", number) for number in range(plan.audio.segments)]


def test_each_track_is_itself_and_surround_keeps_its_channels(tmp_path: Path) -> None:
    six = "aevalsrc='" + "|".join(f"0.2*sin({hertz}*2*PI*t)" for hertz in range(300, 900, 100))
    six += f"':c=5.1:s=48000:d={SECONDS}"
    source = make_tracks(tmp_path / "a.mkv", tone(440), six, tone(1000), output=("-c:a", "flac"))
    plan = plan_of(source)
    assert plan.audio
    assert [it.language for it in plan.audio.renditions] == ["en", "de", "de", "fr"]
    tracks = encode_tracks(source, plan, [(0, 1), (1, plan.audio.segments)])
    for track in tracks.values():
        assert_whole(plan, track)
    sounds = {name: decode(track) for name, track in tracks.items()}
    assert {name: len(sound) for name, sound in sounds.items()} == {
        "aac-stereo": 2, "aac-stereo-2": 2, "aac-surround-2": 6, "aac-stereo-3": 2,
    }  # fmt: skip
    assert pitch(sounds["aac-stereo"][0]) == 440
    assert pitch(sounds["aac-stereo-3"][1]) == 1000
    assert pitch(sounds["aac-stereo-2"][0]) in (300, 500)
    # Front, centre and surround; the low-frequency channel keeps no 600 Hz.
    channels = [0, 1, 2, 4, 5]
    assert [pitch(sounds["aac-surround-2"][n]) for n in channels] == [300, 400, 500, 700, 800]


def test_the_mono_streams_of_broadcast_are_pairs(tmp_path: Path) -> None:
    """MXF has a stream for each channel: left and right of one track, then of the next."""
    source = make_tracks(
        tmp_path / "a.mxf", *map(tone, (440, 880, 500, 700)),
        output=("-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-c:a", "pcm_s16le"),
    )  # fmt: skip
    plan = plan_of(source)
    assert plan.audio
    assert plan.audio.names == ["aac-stereo", "aac-stereo-2"]
    tracks = encode_tracks(source, plan, [(0, 1), (1, plan.audio.segments)])
    for track in tracks.values():
        assert_whole(plan, track)
    sounds = [decode(track) for track in tracks.values()]
    assert [[pitch(channel) for channel in sound] for sound in sounds] == [[440, 880], [500, 700]]


def test_the_sound_of_a_broadcasts_other_programme_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "radio_and_tv.ts"
    sounds = [part for hertz in (880, 440) for part in ("-f", "lavfi", "-i", tone(hertz))]
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={SECONDS}", *sounds,
        "-map", "1", "-map", "0", "-map", "2",
        "-program", "program_num=1:st=0", "-program", "program_num=2:st=1:st=2", str(path),
    )  # fmt: skip
    plan = plan_of(path)
    assert plan.audio
    assert [it.stream_index for it in plan.audio.renditions] == [1]


def test_mono_is_as_loud_in_both_ears(tmp_path: Path) -> None:
    source = make_sound(tmp_path / "mono.mov", tone(440), "-c:a", "pcm_s16le", seconds=SECONDS)
    left, right = decode(encode_audio(source, plan_of(source)))[:, SAMPLE_RATE : 4 * SAMPLE_RATE]
    assert abs(level_db(left) - level_db(right)) < 0.1
    # FFmpeg's sine has an amplitude of an eighth.
    assert abs(level_db(left) - 20 * np.log10(0.125 / np.sqrt(2))) < 0.2


def test_channels_of_no_known_layout_keep_no_neighbour_from_sounding(tmp_path: Path) -> None:
    """Nine channels of raw PCM, and ambisonic sound: one channel of each is heard."""
    raw = tmp_path / "nine.raw"
    wave = np.sin(np.arange(SECONDS * SAMPLE_RATE) * 600 * 2 * np.pi / SAMPLE_RATE) * 8000
    raw.write_bytes(np.repeat(wave.astype("<i2")[:, None], 9, axis=1).tobytes())
    around = f"aevalsrc='0.2*sin(800*2*PI*t)|0|0|0':c='ambisonic 1':s=48000:d={SECONDS}"
    source = tmp_path / "a.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={SECONDS}", "-f", "lavfi", "-i", tone(440),
        "-f", "s16le", "-ar", "48000", "-ac", "9", "-i", str(raw), "-f", "lavfi", "-i", around,
        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-preset", "ultrafast",
        "-c:a:0", "aac", "-c:a:1", "pcm_s16le", "-c:a:2", "libopus", "-mapping_family:a:2", "2", str(source),
    )  # fmt: skip
    plan = plan_of(source)
    tracks = encode_tracks(source, plan)
    for name, hertz in (("aac-stereo", 440), ("aac-stereo-2", 600), ("aac-stereo-3", 800)):
        assert_whole(plan, tracks[name])
        left, right = decode(tracks[name])
        assert pitch(left) == pitch(right) == hertz
        assert level_db(left) > -30


def test_a_damaged_track_is_silence_and_its_neighbour_whole(tmp_path: Path) -> None:
    output = ("-c:a", "aac", "-bsf:a:0", "noise=amount=1")
    source = make_tracks(tmp_path / "a.mkv", tone(440), tone(880), output=output)
    plan = plan_of(source)
    tracks = encode_tracks(source, plan)
    for track in tracks.values():
        assert_whole(plan, track)
    assert level_db(decode(tracks["aac-stereo"])) < -80
    assert pitch(decode(tracks["aac-stereo-2"])[0]) == 880


def test_a_stretch_that_cannot_be_decoded_is_silence_and_the_rest_in_place(tmp_path: Path) -> None:
    noise = "noise=amount='if(between(pts*tb\\,2\\,3)\\,1\\,0)'"
    source = make_tracks(tmp_path / "a.mkv", tone(440), output=("-c:a", "ac3", "-bsf:a", noise))
    plan = plan_of(source)
    track = encode_audio(source, plan)
    assert_whole(plan, track)
    samples = decode(track)[0]
    assert level_db(samples[int(0.5 * SAMPLE_RATE) : int(1.8 * SAMPLE_RATE)]) > -30
    assert level_db(samples[int(3.3 * SAMPLE_RATE) : int(4.8 * SAMPLE_RATE)]) > -30


def make_changing(folder: Path) -> Path:
    """Four seconds of 440 Hz in stereo at 48 kHz, then four of 880 Hz in 5.1 at 44.1 kHz."""
    joined = folder / "joined.ts"
    with joined.open("wb") as out:
        for number, (hertz, layout, rate) in enumerate(((440, "stereo", 48_000), (880, "5.1", 44_100))):
            part = folder / f"{number}.ts"
            sound = f"sine={hertz}:r={rate}:d=4,aformat=channel_layouts={layout}"
            offset = ("-output_ts_offset", str(4 * number))
            make_sound(part, sound, "-c:a", "ac3", "-ar", str(rate), *offset, seconds=4)
            out.write(part.read_bytes())
    return joined


def test_sound_may_change_its_channels_and_rate_on_the_way(tmp_path: Path) -> None:
    """As TV recordings do: FFmpeg starts its filters anew there, and the grid goes on."""
    joined = make_changing(tmp_path)
    plan = plan_of(joined)
    for pieces in ([(0, 4)], [(0, 1), (1, 3), (3, 4)]):
        track = encode_tracks(joined, plan, pieces, way="looped")["aac-stereo"]
        assert_whole(plan, track)
        samples = decode(track)[0]
        assert pitch(samples) == 440
        assert pitch(samples[4 * SAMPLE_RATE :]) == 880


def test_a_track_that_starts_much_later_holds_up_no_other(tmp_path: Path) -> None:
    """FFmpeg must neither wait for it nor give up: it comes out silent, then sounding."""
    source, seconds = tmp_path / "a.mkv", 100
    ffmpeg(
        "-f", "lavfi", "-i", f"color=s=64x48:r=5:d={seconds}", "-f", "lavfi", "-i", tone(440, seconds),
        "-itsoffset", "80", "-f", "lavfi", "-i", tone(880, 20), "-map", "0", "-map", "1", "-map", "2",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(source),
    )  # fmt: skip
    plan = plan_of(source)
    tracks = encode_tracks(source, plan)
    for track in tracks.values():
        assert_whole(plan, track)
    late = decode(tracks["aac-stereo-2"])[0]
    assert level_db(late[: 79 * SAMPLE_RATE]) < -80
    assert pitch(late[80 * SAMPLE_RATE :]) == 880


def test_a_piece_far_behind_the_end_of_its_sound_is_silence(tmp_path: Path) -> None:
    """Where even its seek finds none."""
    source = make_tracks(tmp_path / "a.mkv", tone(440, 1), tone(880, 40), seconds=40, output=("-c:a", "aac"))
    plan = plan_of(source)
    assert plan.audio
    tracks = encode_tracks(source, plan, [(16, 20)])
    assert [f.tfdt // AAC_FRAME_SAMPLES // 94 for f in tracks["aac-stereo"].fragments] == [16, 17, 18, 19]
    assert level_db(decode_piece(tracks["aac-stereo"])) < -80
    assert level_db(decode_piece(tracks["aac-stereo-2"])) > -30


def decode_piece(track: Track) -> Samples:
    """Samples of a piece that does not start at 0."""
    done = subprocess.run(
        [FFMPEG, "-v", "error", "-i", "-", "-f", "f32le", "-ac", "1", "-"],
        input=track.data, capture_output=True, check=True,
    )  # fmt: skip
    return np.frombuffer(done.stdout, dtype=np.float32)


def test_a_silenced_piece_needs_no_source(tmp_path: Path) -> None:
    source = make_tracks(tmp_path / "a.mkv", tone(440), tone(880), output=("-c:a", "aac"))
    plan = plan_of(source)
    for track in encode_tracks(tmp_path / "gone.mkv", plan, way="silent").values():
        assert_whole(plan, track)
        assert level_db(decode(track)) < -80


def test_what_is_said_to_be_undecodable_is_just_that() -> None:
    listed = subprocess.run([FFMPEG, "-hide_banner", "-codecs"], capture_output=True, text=True, check=True)
    found = set(re.findall(r"^ \..A\S+ (\w+)", listed.stdout, re.MULTILINE))
    assert found
    assert found == UNDECODABLE - {"none", "unknown"}


def test_pieces_of_several_tracks_join(tmp_path: Path) -> None:
    noise = "anoisesrc=c=pink:a=0.2:seed={}:r=44100:d=8,aformat=channel_layouts={}"
    sounds = (noise.format(1, "stereo"), noise.format(2, "5.1"))
    source = make_tracks(tmp_path / "a.mov", *sounds, seconds=8, output=("-c:a", "pcm_s16le"))
    plan = plan_of(source)
    assert plan.audio
    whole = encode_tracks(source, plan)
    pieces = encode_tracks(source, plan, [(0, 2), (2, plan.audio.segments)])
    for name, track in pieces.items():
        assert_whole(plan, track)
        assert track.inits[0] == whole[name].inits[0]
        assert [f.data for f in track.fragments[:2]] == [f.data for f in whole[name].fragments[:2]]


def test_sound_that_begins_far_into_the_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MPEG-TS has no header that describes its streams: ffprobe takes what comes in the first 10 MB."""
    source = tmp_path / "late.ts"
    ffmpeg(
        "-f", "lavfi", "-i", "nullsrc=s=480x360:r=25:d=4,noise=alls=100:allf=t",
        "-itsoffset", "2.5", "-f", "lavfi", "-i", tone(440, 2),
        "-c:v", "mpeg2video", "-qscale", "1", "-g", "10", "-c:a", "aac", str(source),
    )  # fmt: skip
    assert source.stat().st_size > 20_000_000
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    get_settings.cache_clear()
    find_binary.cache_clear()
    with serve(source.read_bytes()) as base:
        found = pipeline_probe(f"{base}/source", IF_MATCH)
    assert [(track.codec, track.channels) for track in found.audio] == [("aac", 1)]
    plan = make_plan(found)
    track = encode_audio(source, plan)
    assert_whole(plan, track)
    samples = decode(track)
    assert level_db(samples[:, SAMPLE_RATE : 2 * SAMPLE_RATE]) < -60
    assert level_db(samples[:, 3 * SAMPLE_RATE :]) > -30
