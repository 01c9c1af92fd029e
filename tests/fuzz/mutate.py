"""Valid files of many containers, and damage to them that a number repeats exactly."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.media.clips import make_clip
from tests.media.runner import ffmpeg
from tests.media.test_subtitles import ASS, SRT

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "12")
SIZE = "96x64"
HEADER_BYTES = 4096
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)

SEEDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "mp4": ("mp4", X264, ()),
    "mp4, fragmented": ("mp4", X264, ("-movflags", "frag_keyframe+empty_moov")),
    "mp4, moov first": ("mp4", X264, ("-movflags", "faststart")),
    "mp4, HEVC": ("mp4", ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"), ()),
    "mp4, AV1": ("mp4", ("-c:v", "libsvtav1", "-preset", "12"), ()),
    "mov, ProRes": ("mov", ("-c:v", "prores", "-pix_fmt", "yuv422p10le"), ()),
    "mkv": ("mkv", X264, ()),
    "webm": ("webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), ("-c:a", "libopus")),
    "ts": ("ts", X264, ()),
    "ts, MPEG-2": ("ts", ("-c:v", "mpeg2video", "-q:v", "4"), ()),
    "mpg": ("mpg", ("-c:v", "mpeg2video", "-q:v", "4"), ("-c:a", "mp2")),
    "avi": ("avi", ("-c:v", "mpeg4", "-q:v", "4"), ("-c:a", "mp2")),
    "flv": ("flv", X264, ()),
    "wmv": ("wmv", ("-c:v", "wmv2"), ("-c:a", "wmav2")),
}
"""Name → suffix, video encoder, other output options."""


def make_seeds(folder: Path) -> dict[str, bytes]:
    """The valid files, two seconds each."""
    found = {}
    for number, (name, (suffix, video, output)) in enumerate(SEEDS.items()):
        path = folder / f"seed{number}.{suffix}"
        found[name] = make_clip(path, frames=50, size=SIZE, video=video, output=output).read_bytes()
    found["mkv, subtitles"] = _with_text(folder / f"seed{list(SEEDS).index('mkv')}.mkv")
    return found


def _with_text(clip: Path) -> bytes:
    """A clip with a subtitle track of each kind besides."""
    (clip.parent / "text.srt").write_text(SRT)
    (clip.parent / "text.ass").write_text(ASS)
    texts = [part for name in ("text.srt", "text.ass") for part in ("-i", str(clip.parent / name))]
    maps = [part for number in ("0", "1", "2") for part in ("-map", number)]
    target = clip.with_name("text.mkv")
    ffmpeg("-i", str(clip), *texts, *maps, "-c", "copy", str(target))
    return target.read_bytes()


def mutate(data: bytes, dice: random.Random) -> bytes:
    """One to eight damages, most of them where headers are."""
    damaged = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 8))):
        if not damaged:
            break
        dice.choice(_DAMAGES)(damaged, _place(damaged, dice), dice)
    return bytes(damaged)


def _place(data: bytearray, dice: random.Random) -> int:
    """A position: the start, the end (where an mp4 has its index), or anywhere."""
    span = min(HEADER_BYTES, len(data))
    return dice.choice(
        (dice.randrange(span), len(data) - 1 - dice.randrange(span), dice.randrange(len(data)))
    )


def _flip(data: bytearray, at: int, dice: random.Random) -> None:
    data[at] ^= 1 << dice.randrange(8)


def _noise(data: bytearray, at: int, dice: random.Random) -> None:
    length = min(dice.choice((1, 16, 256, 2048)), len(data) - at)
    data[at : at + length] = dice.randbytes(length)


def _zeros(data: bytearray, at: int, dice: random.Random) -> None:
    length = min(dice.choice((4, 64, 1024)), len(data) - at)
    data[at : at + length] = bytes(length)


def _extreme(data: bytearray, at: int, dice: random.Random) -> None:
    """A number as large or small as it can be, where a size, a count or a time may be."""
    width = dice.choice((1, 2, 4, 8))
    value = dice.choice(EXTREMES) & ((1 << 8 * width) - 1)
    data[at : at + width] = value.to_bytes(width, dice.choice(("big", "little")))


def _cut(data: bytearray, at: int, _dice: random.Random) -> None:
    del data[at:]


def _drop(data: bytearray, at: int, dice: random.Random) -> None:
    del data[at : at + dice.choice((1, 7, 188, 4096))]


def _repeat(data: bytearray, at: int, dice: random.Random) -> None:
    length = dice.choice((8, 188, 4096))
    data[at:at] = data[at : at + length] * dice.choice((1, 3, 20))


_DAMAGES: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    _flip, _noise, _zeros, _extreme, _extreme, _cut, _drop, _repeat,
)  # fmt: skip
