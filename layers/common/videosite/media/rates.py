"""The grid's frame rate R: which one a source gets."""

from fractions import Fraction
from math import ceil

from videosite.media.probe import Source

MAX_RATE = Fraction(60)
MIN_RATE = Fraction(1)
ABSURD_RATE = 1000
"""What ffprobe says of Matroska that tells no rate: the ticks of its clock."""
VARIABLE_RATE = Fraction(30)
"""Of variable sources with fewer than a film's pictures a second, and of those that tell no rate."""
FILM_RATE = Fraction(24000, 1001)
FIELD_CODECS = frozenset({"mpeg1video", "mpeg2video"})
"""Their clock may count fields: the base rate is then twice that of the pictures."""
SAME_RATE = Fraction(1, 1000)
"""Rates closer than this are one rate."""
STANDARD_RATES = tuple(
    sorted(
        Fraction(rate)
        for rate in (
            5, 6, 8, 10, 12, "25/2", "15000/1001", 15, 20, "24000/1001", 24, 25, "30000/1001", 30,
            "48000/1001", 48, 50, "60000/1001", 60,
        )
    )
)  # fmt: skip


def choose_rate(source: Source) -> Fraction:
    """R. A constant rate is kept exactly (every nth frame of one above 60); a variable one gets the
    standard rate nearest above its average, or its base rate where that is a standard one and higher; 30 if
    that is slower than film.

    Neither of ffprobe's rates is right alone: a gap or jitter pulls the average down, and the base rate
    of a variable source may be a million.
    """
    average, base = _rates(source)
    if _is_constant(source, average, base):
        return _constant_rate(base)
    wanted = max(average, base if base in STANDARD_RATES else Fraction(0))
    if wanted < FILM_RATE * (1 - SAME_RATE):
        # Recorders of screens write a picture when something changes: the average says nothing about how
        # things move. Frames that are repeated cost next to nothing.
        return VARIABLE_RATE
    near = min(STANDARD_RATES, key=lambda rate: abs(rate - wanted))
    if abs(near - wanted) <= wanted / 200:
        return near
    return next((rate for rate in STANDARD_RATES if rate >= wanted), MAX_RATE)


def is_variable(source: Source) -> bool:
    """Whether pictures come when something changes, rather than at a rate."""
    return not _is_constant(source, *_rates(source))


def _rates(source: Source) -> tuple[Fraction, Fraction]:
    """The average and the base rate, one for the other where one is not known."""
    average, base = source.average_rate, source.base_rate
    if not 0 < average < ABSURD_RATE:
        average = base if 0 < base < ABSURD_RATE else VARIABLE_RATE
    if base <= 0 or (source.codec in FIELD_CODECS and abs(base - 2 * average) <= base * SAME_RATE):
        base = average
    return average, base


def _is_constant(source: Source, average: Fraction, base: Fraction) -> bool:
    """Whether the average is the base rate but for rounding, or for one odd duration at the end: some
    writers give the last frame none, which makes the average of n frames n/(n-1) times too high."""
    if abs(average - base) <= base * SAME_RATE:
        return True
    if not source.frames or source.frames < 2:
        return False
    return abs(source.frames / average * base - source.frames) <= 1 and base in STANDARD_RATES


def _constant_rate(base: Fraction) -> Fraction:
    rate = base / ceil(base / MAX_RATE) * ceil(MIN_RATE / base)
    rate = rate.limit_denominator(1001)
    near = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return near if abs(near - rate) <= rate / 10_000 else rate
