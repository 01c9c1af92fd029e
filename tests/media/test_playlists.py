"""Playlists written beside the segments they name, opened by real players' demuxers."""

import subprocess
from pathlib import Path

import av
import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import FFMPEG, encode_tracks, encode_video, ffmpeg, plan_of
from videosite.media.boxes import codec_string
from videosite.media.dash import manifest
from videosite.media.hls import master_playlist, media_playlist, subtitle_playlist
from videosite.media.plan import Plan
from videosite.media.subtitles import SUBTITLES_FILE
from videosite.media.webvtt import Cue, write

FRAMES = 130
CODECS = ("h264", "av1")
ALL = {"allowed_extensions": "ALL"}
"""FFmpeg distrusts .m4s in local lists otherwise."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole asset on disk: two renditions of each codec, two tracks, one of them in 5.1 too, subtitles."""
    folder = tmp_path_factory.mktemp("asset")
    picture = make_clip(folder / "picture.mp4", frames=FRAMES, size="320x300")
    (folder / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    clip = folder / "clip.mp4"
    ffmpeg(
        "-i", str(picture), "-f", "lavfi", "-i", "sine=d=5,aformat=channel_layouts=5.1",
        "-i", str(folder / "a.srt"), "-map", "0:v", "-map", "0:a", "-map", "1", "-map", "2",
        "-c:v", "copy", "-c:a", "aac", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng", str(clip),
    )  # fmt: skip
    plan = plan_of(clip)
    assert plan.audio
    assert plan.subtitles
    videos = {
        n: track
        for codec in CODECS
        for n, track in encode_video(clip, plan, names=plan.renditions_of(codec)).items()
    }
    tracks = videos | encode_tracks(clip, plan)
    codecs = {}
    for name, track in tracks.items():
        (folder / name).mkdir()
        (folder / name / "init.mp4").write_bytes(track.inits[0])
        codecs[name] = codec_string(track.inits[0])
        for number, fragment in enumerate(track.fragments):
            (folder / name / f"seg_{number:05d}.m4s").write_bytes(fragment.data)
        ready = plan.segments_of(name)
        (folder / name / "index.m3u8").write_text(media_playlist(plan, name, ready, ended=True, kind="VOD"))
        (folder / name / "live.m3u8").write_text(media_playlist(plan, name, ready, ended=True))
    for text in plan.subtitles:
        (folder / text.name).mkdir()
        (folder / text.name / "index.m3u8").write_text(subtitle_playlist(plan))
        (folder / text.name / SUBTITLES_FILE).write_text(write([Cue(1000, 2000, "Hello")]))
    master = master_playlist(plan, CODECS, codecs, live=False, subtitles=plan.subtitles)
    (folder / "master.m3u8").write_text(master)
    (folder / "growing.m3u8").write_text(master_playlist(plan, ["h264"], codecs, live=True))
    counts = {name: plan.segments_of(name) for name in tracks}
    mpd = manifest(plan, CODECS, codecs, counts, ended=True, subtitles=plan.subtitles)
    (folder / "manifest.mpd").write_text(mpd)
    return folder


def asset_plan(folder: Path) -> Plan:
    return plan_of(folder / "clip.mp4")


@pytest.mark.parametrize(("list_name", "codecs"), [("master.m3u8", CODECS), ("growing.m3u8", ("h264",))])
def test_hls_plays_whole(list_name: str, codecs: tuple[str, ...], folder: Path) -> None:
    plan = asset_plan(folder)
    renditions = [rung for rung in plan.renditions if rung.codec in codecs]
    for index, rung in enumerate(renditions):
        with av.open(str(folder / list_name), "r", options=ALL) as container:
            assert len(container.streams.video) == len(renditions)
            assert sorted(it.codec_context.layout.nb_channels for it in container.streams.audio) == [2, 2, 6]
            stream = container.streams.video[index]
            assert (stream.width, stream.height) == (rung.width, rung.height)
            assert stream.codec_context.codec.canonical_name == rung.codec
            assert [number_of(frame) for frame in container.decode(stream)] == list(range(FRAMES))
    with av.open(str(folder / list_name), "r", options=ALL) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert plan.audio
    assert samples == plan.audio.frames * 1024


def test_hls_tells_the_true_duration(folder: Path) -> None:
    with av.open(str(folder / "h264-300p/index.m3u8"), "r", options=ALL) as container:
        assert container.duration == FRAMES * av.time_base // 25


def test_dash_plays_whole(folder: Path) -> None:
    for stream in ("0:v:0", "0:v:1", "0:v:2", "0:v:3"):
        assert count_frames(folder / "manifest.mpd", stream) == FRAMES
    plan = asset_plan(folder)
    assert plan.audio
    for number in range(3):
        assert count_frames(folder / "manifest.mpd", f"0:a:{number}") == plan.audio.frames


@pytest.mark.parametrize("list_name", ["master.m3u8", "manifest.mpd"])
def test_subtitles_are_found_and_in_their_language(list_name: str, folder: Path) -> None:
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-v", "error", "-allowed_extensions", "ALL", "-i", list_name, "-map", "0:s:0",
         "-f", "webvtt", "-"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    assert "00:01.000 --> 00:02.000\nHello" in done.stdout


def count_frames(path: Path, stream: str) -> int:
    """Decoded frames of one stream, by FFmpeg."""
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-v", "error", "-allowed_extensions", "ALL", "-i", path.name, "-map", stream,
         "-fps_mode", "passthrough", "-f", "framecrc", "-"],
        cwd=path.parent, stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    return sum(not line.startswith(b"#") for line in done.stdout.splitlines())


def test_sizes_stay_under_what_the_master_promises(folder: Path) -> None:
    plan = asset_plan(folder)
    lines = (folder / "master.m3u8").read_text().splitlines()
    for rung in plan.renditions:
        line = lines[lines.index(f"{rung.name}/index.m3u8") - 1]
        assert f"RESOLUTION={rung.width}x{rung.height}," in line
        promised_bps = int(line.split("BANDWIDTH=")[1].split(",")[0])
        for number in range(plan.segments):
            size = (folder / rung.name / f"seg_{number:05d}.m4s").stat().st_size
            seconds = float(plan.segment_duration_s(rung.name, number))
            assert size * 8 <= promised_bps * max(1.0, seconds)
