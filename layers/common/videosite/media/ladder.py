"""Which renditions a source gets, out of `ladders.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from videosite.errors import BadInputError

DEFAULT_LADDER = "standard"

SMALLEST_BESIDE_OTHERS = 360
"""The 240 rung is only for sources below 360 lines."""

OWN_SIZE_FACTOR = 1.1
"""A source larger than its next rung by more than this keeps its own size on top."""

SMALLEST = {"h264": 2, "av1": 64}
"""Pixels per side an encoder takes; SVT-AV1's own limit is 64."""

HIGH_RATE_FACTOR = 1.5
"""Cap at more than 30 fps; about half of twice the frames is new."""

SHAPE = Fraction(16, 9)
"""Of the pictures the caps are made for; wider ones get more by their pixels."""

BUFFER_S = 1
"""Rate buffer, in seconds of the cap: a segment of 2 s has at most half as many bits again as its cap."""


@dataclass(frozen=True)
class Rendition:
    """One rung: a folder of segments. `crf` is capped by `maxrate_kbps` over `bufsize_kbps`."""

    name: str
    codec: str
    width: int
    height: int
    crf: int
    maxrate_kbps: int
    bufsize_kbps: int
    preset: str


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("ladders.toml").read_text())


def ladders() -> dict[str, str]:
    """Ladder → what it is for."""
    return {name: ladder["description"] for name, ladder in _data()["ladders"].items()}


def make_ladder(
    width: int, height: int, rate: float = 30.0, ladder: str = DEFAULT_LADDER
) -> tuple[Rendition, ...]:
    """Renditions for a displayed size: every rung up to it, never larger, even sizes, at least one.

    A source between two rungs keeps its own size as the top rung, with the cap of the rung above.
    By codec in order of publication, each largest first.

    Raises:
        BadInputError: `too_small`, no codec of the ladder can hold it.
    """
    found = []
    for codec in ("h264", "av1"):
        settings = _data()["ladders"][ladder].get(codec)
        if settings and min(width, height) >= SMALLEST[codec]:
            caps = {int(side): kbps for side, kbps in _data()["caps"][codec].items()}
            for side in _sides(min(width, height), settings.get("sides") or list(caps)):
                found.append(_rendition(codec, settings, caps, width, height, side, rate))
    if not found:
        raise BadInputError("too_small", f"The picture is too small for the ladder {ladder}.")
    return tuple(found)


def work_s(renditions: Iterable[Rendition], rate: float, source_pixels: int) -> float:
    """CPU seconds a worker takes for a second of video, of the codec that takes longest.

    Decoding is in the encoders' speeds as far as the source is no larger than the largest rendition.
    """
    took_s: dict[str, float] = {}
    renditions = tuple(renditions)
    beyond = source_pixels - max(rung.width * rung.height for rung in renditions)
    for rung in renditions:
        megapixels = rung.width * rung.height * rate / 1e6
        took_s[rung.codec] = took_s.get(rung.codec, 0.0) + megapixels / _data()["speeds"][rung.preset]
    decoding_s = max(0, beyond) * rate / 1e6 / float(_data()["speeds"]["decoding"])
    return max(took_s.values()) + decoding_s


def vmaf_floor(rendition: Rendition) -> int:
    """The mean VMAF under which a rendition is called bad; that of the next larger rung, or the largest."""
    floors = {int(side): floor for side, floor in _data()["vmaf_floors"].items()}
    side = min(rendition.width, rendition.height)
    return int(floors[min((rung for rung in floors if rung >= side), default=max(floors))])


def _sides(short_side: int, rungs: list[int]) -> list[int]:
    top = min(short_side, max(rungs))
    sides = [side for side in rungs if side <= top]
    if len(sides) > 1 and sides[0] >= SMALLEST_BESIDE_OTHERS:
        sides = [side for side in sides if side >= SMALLEST_BESIDE_OTHERS]
    if not sides or top > sides[0] * OWN_SIZE_FACTOR:
        sides.insert(0, top)
    return sides


def _rendition(
    codec: str,
    settings: Mapping[str, Any],
    caps: Mapping[int, int],
    width: int,
    height: int,
    side: int,
    rate: float,
) -> Rendition:
    scale = side / min(width, height)
    rung_side = min(rung for rung in caps if rung >= side)
    shown_width, shown_height = even(width, scale), even(height, scale)
    # Two screens side by side are two pictures.
    wide = shown_width * shown_height / (rung_side**2 * SHAPE)
    cap = int(caps[rung_side] * max(Fraction(1), wide) * (HIGH_RATE_FACTOR if rate > 30.5 else 1))
    return Rendition(
        name=f"{codec}-{min(shown_width, shown_height)}p",
        codec=codec,
        width=shown_width,
        height=shown_height,
        crf=settings["crf"],
        maxrate_kbps=cap,
        bufsize_kbps=cap * BUFFER_S,
        preset=settings["preset"],
    )


def even(pixels: int, scale: float) -> int:
    """The nearest even number to the scaled side that is not above the source's; at least 2."""
    return max(2, min(round(pixels * scale / 2) * 2, pixels // 2 * 2))
