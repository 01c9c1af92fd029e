"""Files that are not what they say, or are made to hurt: refused in seconds, with a reason."""

import json
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, FFPROBE, ffmpeg
from videosite.errors import BadInputError
from videosite.media.command import probe_argv
from videosite.media.plan import make_plan
from videosite.media.probe import parse_probe

SMALL = "160x90"
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
HUGE = ("-f", "lavfi", "-i", "color=s=8000x8000", "-frames:v", "1")
STILL = ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-frames:v", "1")
SECRET = "SECRET-OF-ANOTHER-FILE"


def written(content: bytes | str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        data = content.encode() if isinstance(content, str) else content
        (folder / "source.mp4").write_bytes(data)
        return folder / "source.mp4"

    return make


def made(*arguments: str, suffix: str = "mp4") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        ffmpeg(*arguments, str(folder / f"source.{suffix}"))
        return folder / f"source.{suffix}"

    return make


def playlist(folder: Path) -> Path:
    """An HLS list of local files: opening it would read another user's file."""
    make_clip(folder / "other.ts", frames=10, size=SMALL)
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
    return written(f"{head}file://{folder}/other.ts\n#EXT-X-ENDLIST\n")(folder)


def concat_script(folder: Path) -> Path:
    make_clip(folder / "other.mp4", frames=10, size=SMALL)
    return written(f"ffconcat version 1.0\nfile '{folder}/other.mp4'\n")(folder)


def cover_art(folder: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "color=s=64x64:d=1", "-frames:v", "1", str(folder / "cover.png"))
    ffmpeg(
        "-f", "lavfi", "-i", "sine=d=1", "-i", str(folder / "cover.png"), "-map", "0", "-map", "1",
        "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic", str(folder / "song.m4a"),
    )  # fmt: skip
    return folder / "song.m4a"


def cut_short(folder: Path) -> Path:
    """The moov box is at the end, so without the end nothing is known."""
    whole = make_clip(folder / "whole.mp4", frames=50, size=SMALL)
    return written(whole.read_bytes()[: whole.stat().st_size // 2])(folder)


def far_apart(suffix: str) -> Callable[[Path], Path]:
    return made(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", "-frames:v", "2",
        "-vf", "setpts='N*36000/TB'", "-fps_mode", "passthrough", *X264, "-bf", "0", suffix=suffix,
    )  # fmt: skip


def many_streams(count: int, suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        clip = make_clip(folder / "one.mkv", frames=5, size=SMALL, audio=False)
        maps = [argument for _ in range(count) for argument in ("-map", "0:v")]
        ffmpeg("-i", str(clip), *maps, "-c", "copy", str(folder / f"many.{suffix}"))
        return folder / f"many.{suffix}"

    return make


SVG = '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>'
MPD = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>file:///etc/</BaseURL></Period></MPD>'

FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (written(b""), "unreadable"),
    "random": (written(bytes((n * n * 31 + n) % 251 for n in range(60_000))), "unreadable"),
    "text": (written(SECRET * 100), "unreadable"),
    "HLS list": (playlist, "unreadable"),
    "concat script": (concat_script, "unreadable"),
    "SVG": (written(SVG), "unreadable"),
    "DASH manifest": (written(MPD), "unreadable"),
    "PNG": (made(*STILL, suffix="png"), "unreadable"),
    "GIF": (made("-f", "lavfi", "-i", "testsrc2=d=1", suffix="gif"), "unreadable"),
    "AVIF": (made(*STILL, "-c:v", "libsvtav1", suffix="avif"), "picture"),
    "cut short": (cut_short, "unreadable"),
    "sound": (made("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"), "no_video"),
    "sound named wav": (made("-f", "lavfi", "-i", "sine=d=1", suffix="wav"), "no_video"),
    "sound with a cover": (cover_art, "no_video"),
    "8000 x 8000": (made(*HUGE, "-c:v", "mpeg4"), "too_large"),
    "ten hours, two frames": (far_apart("mp4"), "bad_rate"),
    "ten hours, two frames, mkv": (far_apart("mkv"), "bad_rate"),
    "33 streams": (many_streams(33, "mp4"), "too_many_streams"),
    "60 streams": (many_streams(60, "mp4"), "unreadable"),
    "60 streams, mkv": (many_streams(60, "mkv"), "too_many_streams"),
    "60 streams, TS": (many_streams(60, "ts"), "too_many_streams"),
}  # fmt: skip


def refusal(path: Path) -> BadInputError | None:
    """What ingest says of a file: ffprobe's own refusal is `unreadable`."""
    done = subprocess.run(
        probe_argv(FFPROBE, str(path), allow_file=True),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=10,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
    )
    assert SECRET.encode() not in done.stdout
    if done.returncode != 0:
        return BadInputError("unreadable", "")
    try:
        make_plan(parse_probe(json.loads(done.stdout)))
    except BadInputError as error:
        return error
    return None


@pytest.mark.parametrize("kind", FILES)
def test_refused(kind: str, tmp_path: Path) -> None:
    make, code = FILES[kind]
    path = make(tmp_path)
    start_s = time.monotonic()
    found = refusal(path)
    assert time.monotonic() - start_s < 10
    assert found is not None
    assert found.code == code


def test_an_ordinary_clip_is_not(tmp_path: Path) -> None:
    assert refusal(make_clip(tmp_path / "clip.mp4", frames=10, size=SMALL)) is None


def test_files_are_closed_to_what_asks_for_addresses(tmp_path: Path) -> None:
    """Without `allow_file`, as in the product, a local path is refused by the protocol list."""
    clip = make_clip(tmp_path / "clip.mp4", frames=10, size=SMALL)
    for argv in (probe_argv(FFPROBE, str(clip)), probe_argv(FFPROBE, f"file:{clip}")):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert done.returncode != 0
        assert b"h264" not in done.stdout


@pytest.mark.parametrize("kind", ["HLS list", "concat script"])
def test_the_encoder_refuses_scripts_too(kind: str, tmp_path: Path) -> None:
    """A worker must not rely on what ingest checked."""
    script = FILES[kind][0](tmp_path)
    limits = probe_argv(FFPROBE, str(script), allow_file=True)
    limits = limits[limits.index("-protocol_whitelist") : limits.index("-show_format")]
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-v", "error", *limits, "-i", str(script), "-f", "null", "-"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
