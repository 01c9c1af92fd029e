"""Which renditions a source gets. The ladder is data: change it here."""

from dataclasses import dataclass

MAX_SHORT_SIDE = 1080

RUNGS: tuple[tuple[int, int], ...] = ((1080, 5000), (720, 2800), (480, 1200), (360, 700), (240, 350))
"""(short side in pixels, cap in kbit/s at up to 30 fps), largest first."""

SMALLEST_BESIDE_OTHERS = 360
"""The 240 rung is only for sources below 360 lines."""

CRF = 23
HIGH_RATE_FACTOR = 1.5
"""Cap at more than 30 fps; about half of twice the frames is new."""


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
    short = min(width, height)
    top = min(short, MAX_SHORT_SIDE)
    sides = [side for side, _ in RUNGS if side <= top and (side >= SMALLEST_BESIDE_OTHERS or top < 360)]
    if not sides or top > sides[0] * 1.1:
        sides.insert(0, top)
    return tuple(_rendition(width, height, side, rate) for side in sides)


def _rendition(width: int, height: int, side: int, rate: float) -> Rendition:
    scale = side / min(width, height)
    cap = min((kbps for rung, kbps in RUNGS if rung >= side), default=RUNGS[0][1])
    cap = int(cap * (HIGH_RATE_FACTOR if rate > 30.5 else 1))
    return Rendition(
        name=f"h264-{_even(side)}p",
        codec="h264",
        width=_even(width * scale),
        height=_even(height * scale),
        crf=CRF,
        maxrate_kbps=cap,
        bufsize_kbps=cap * 2,
        preset="fast",
    )


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)
