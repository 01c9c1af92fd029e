"""Files that are not what they say, or are made to hurt: refused in seconds, with a reason."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.build import ROOT
from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, FFPROBE, ffmpeg
from tests.media.storage import serve
from videosite.errors import BadInputError
from videosite.media import decoders
from videosite.media.command import probe_argv
from videosite.pipeline import ingest, jobs, probe, quotas
from videosite.pipeline.binaries import find_binary
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, job_item

MEMORY_BYTES = 300 << 20
MATRIX = ROOT / "docs/hostile-input.md"
SMALL = "160x90"
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error")
HUGE = ("-f", "lavfi", "-i", "color=s=8000x8000", "-frames:v", "1")
STILL = ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-frames:v", "1")
PATTERN = ("-f", "lavfi", "-i", "testsrc2=s=160x96:d=1")
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


def million_fps(folder: Path) -> Path:
    return made(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=1000000", "-frames:v", "200", *X264, "-bf", "0",
        "-video_track_timescale", "1000000",
    )(folder)  # fmt: skip


def odd_sound(folder: Path) -> Path:
    return made(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:d=1", "-f", "lavfi", "-i", "sine=d=1", *X264, "-c:a", "dfpwm",
        suffix="mov",
    )(folder)  # fmt: skip


def far_apart(suffix: str, hours: int = 10) -> Callable[[Path], Path]:
    return made(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", "-frames:v", "2",
        "-vf", f"setpts='N*{hours * 3600}/TB'", "-fps_mode", "passthrough", *X264, "-bf", "0", suffix=suffix,
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
    "empty": (written(b""), "empty"),
    "random": (written(bytes((n * n * 31 + n) % 251 for n in range(60_000))), "unreadable"),
    "text": (written(SECRET * 100), "unreadable"),
    "HLS list": (playlist, "unreadable"),
    "concat script": (concat_script, "unreadable"),
    "SVG": (written(SVG), "unreadable"),
    "DASH manifest": (written(MPD), "unreadable"),
    "PNG": (made(*STILL, suffix="png"), "picture"),
    "JPEG": (made(*STILL, suffix="jpg"), "picture"),
    "WebP": (made(*STILL, suffix="webp"), "picture"),
    "TIFF": (made(*STILL, suffix="tiff"), "picture"),
    "BMP": (made(*STILL, suffix="bmp"), "picture"),
    "GIF": (made("-f", "lavfi", "-i", "testsrc2=d=1", suffix="gif"), "picture"),
    "AVIF": (made(*STILL, "-c:v", "libsvtav1", suffix="avif"), "picture"),
    "cut short": (cut_short, "unreadable"),
    "sound": (made("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"), "no_video"),
    "sound named wav": (made("-f", "lavfi", "-i", "sine=d=1", suffix="wav"), "no_video"),
    "sound with a cover": (cover_art, "no_video"),
    "8000 x 8000": (made(*HUGE, "-c:v", "mpeg4"), "too_large"),
    "8000 x 8000, H.264": (made(*HUGE, *X264), "too_large"),
    "8000 x 8000, H.264 in TS": (made(*HUGE, *X264, suffix="ts"), "too_large"),
    "8000 x 8000, HEVC": (made(*HUGE, *X265, suffix="mkv"), "too_large"),
    "ten hours, two frames": (far_apart("mp4"), "bad_rate"),
    "ten hours, two frames, mkv": (far_apart("mkv"), "bad_rate"),
    "a million frames a second": (million_fps, "bad_rate"),
    "thirteen hours": (far_apart("mkv", 13), "too_long"),
    "a strip, 16 pixels high": (made("-f", "lavfi", "-i", "color=s=9000x16:d=1", *X264), "too_large"),
    "pictures in an odd format": (made(*PATTERN, "-c:v", "asv2", suffix="avi"), "unsupported_codec"),
    "sound in an odd format": (odd_sound, "unsupported_codec"),
    "33 streams": (many_streams(33, "mp4"), "too_many_streams"),
    "60 streams": (many_streams(60, "mp4"), "unreadable"),
    "60 streams, mkv": (many_streams(60, "mkv"), "too_many_streams"),
    "60 streams, TS": (many_streams(60, "ts"), "too_many_streams"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's children, in less memory than the product gives them. Their wall clock is the product's:
    a file that takes longer is a `probe_timeout`, which no case here expects."""
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    monkeypatch.setenv("VIDEOSITE_UPLOADS_BUCKET", "uploads")
    monkeypatch.setattr(probe, "PROBE_MEMORY_BYTES", MEMORY_BYTES)
    monkeypatch.setattr(jobs, "update", lambda *_, **__: True)
    monkeypatch.setattr(jobs, "load", lambda *_: None)
    monkeypatch.setattr(quotas, "take_slot", lambda _: True)
    monkeypatch.setattr(ingest, "_save_plan", lambda *_: None)
    get_settings.cache_clear()
    find_binary.cache_clear()


def refusal(path: Path, monkeypatch: pytest.MonkeyPatch) -> BadInputError | None:
    """What ingest says of an upload, or None if it takes it."""
    data = path.read_bytes()
    job = Job(
        1,
        job_item(1),
        generation=1,
        status="accepted",
        source_key="k",
        source_etag="right",
        source_size_bytes=len(data),
    )
    with serve(data) as base:
        monkeypatch.setattr(objects, "presign_get", lambda *_: f"{base}/source")
        monkeypatch.setattr(objects, "first_bytes", lambda _bucket, _key, count: data[:count])
        try:
            ingest.advance(job)
        except BadInputError as error:
            return error
    return None


@pytest.mark.parametrize("kind", FILES)
def test_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, code = FILES[kind]
    found = refusal(make(tmp_path), monkeypatch)
    assert found is not None
    assert found.code == code
    assert SECRET not in found.message
    assert f"| {kind} | `{code}` | {found.message} |" in MATRIX.read_text().splitlines()


def test_the_matrix_lists_nothing_else() -> None:
    rows = re.findall(r"^\| (.+) \| `\w+` \| .+ \|$", MATRIX.read_text(), re.MULTILINE)
    assert rows == list(FILES)


def test_an_ordinary_clip_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(make_clip(tmp_path / "clip.mp4", frames=10, size=SMALL), monkeypatch) is None


def test_every_allowed_decoder_exists() -> None:
    listed = "".join(
        subprocess.run(
            [binary, "-v", "quiet", "-decoders"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        ).stdout
        for binary in (FFMPEG, FFPROBE)
    )  # fmt: skip
    known = {line.split()[1] for line in listed.splitlines() if len(line.split()) > 1}
    assert set(decoders.ALLOWED.split(",")) <= known


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
