"""Which renditions a source gets. The ladder is data: change it here."""

from dataclasses import dataclass

MAX_SHORT_SIDE = 1080

RUNGS: tuple[tuple[int, int], ...] = ((1080, 5000), (720, 2800), (480, 1200), (360, 700), (240, 350))
"""(short side in pixels, cap in kbit/s at up to 30 fps), largest first."""

SMALLEST_BESIDE_OTHERS = 360
"""The 240 rung is only for sources below 360 lines."""

OWN_SIZE_FACTOR = 1.1
"""A source larger than its next rung by more than this keeps its own size on top."""

CRF = 23
HIGH_RATE_FACTOR = 1.5
"""Cap at more than 30 fps; about half of twice the frames is new."""

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


def make_ladder(width: int, height: int, rate: float = 30.0) -> tuple[Rendition, ...]:
    """H.264 renditions for a displayed size: every rung up to it, never larger, even sizes, at least one.

    A source between two rungs keeps its own size as the top rung, with the cap of the rung above.
    """
    top = min(width, height, MAX_SHORT_SIDE)
    sides = [side for side, _ in RUNGS if side <= top]
    if len(sides) > 1 and sides[0] >= SMALLEST_BESIDE_OTHERS:
        sides = [side for side in sides if side >= SMALLEST_BESIDE_OTHERS]
    if not sides or top > sides[0] * OWN_SIZE_FACTOR:
        sides.insert(0, top)
    return tuple(_rendition(width, height, side, rate) for side in sides)


def _rendition(width: int, height: int, side: int, rate: float) -> Rendition:
    scale = side / min(width, height)
    cap = min((kbps for rung, kbps in RUNGS if rung >= side), default=RUNGS[0][1])
    cap = int(cap * (HIGH_RATE_FACTOR if rate > 30.5 else 1))
    shown_width, shown_height = _even(width, scale), _even(height, scale)
    return Rendition(
        name=f"h264-{min(shown_width, shown_height)}p",
        codec="h264",
        width=shown_width,
        height=shown_height,
        crf=CRF,
        maxrate_kbps=cap,
        bufsize_kbps=cap * BUFFER_S,
        preset="fast",
    )


def _even(pixels: int, scale: float) -> int:
    """The nearest even number to the scaled side that is not above the source's; at least 2."""
    return max(2, min(round(pixels * scale / 2) * 2, pixels // 2 * 2))
