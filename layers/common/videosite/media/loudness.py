"""Loudness by EBU R128: what FFmpeg's `ebur128` says, and the gain that brings sound to −16 LUFS."""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

TARGET_LUFS = -16.0
"""What streaming services and phones expect (AES TD1008; Apple's podcasts: −16 ± 1)."""
MAX_TRUE_PEAK_DBTP = -1.0
"""Room for what the AAC encoder adds to peaks (AES TD1008)."""
MAX_GAIN_DB = 20.0
"""Sound so quiet that it would need more is noise: it would become loud noise."""

_SUMMARY = re.compile(
    r"\[ebur128@(?P<name>\S+) @ \w+\] Summary:\s+Integrated loudness:\s+I:\s+(?P<lufs>\S+) LUFS"
    r".{0,60}?Loudness range:\s+LRA:\s+(?P<range>\S+) LU\b.{0,160}?True peak:\s+Peak:\s+(?P<peak>\S+) dBFS",
    re.DOTALL,
)
SILENCE_LUFS = -70.0
"""The absolute gate of ITU-R BS.1770: what is quieter all along has no loudness."""


@dataclass(frozen=True)
class Loudness:
    """Of a whole rendition."""

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float


def parse_summaries(stderr: str, names: Collection[str]) -> dict[str, Loudness]:
    """Rendition → loudness, of those that have one: neither silence nor undecodable.

    One that is spoken of twice has none: its track changes on the way and was measured in parts, or the
    file's title pretends to be a summary.
    """
    found: dict[str, Loudness] = {}
    matches = list(_SUMMARY.finditer(stderr))
    spoken = Counter(match["name"] for match in matches)
    for match in matches:
        values = [_number(match[key]) for key in ("lufs", "peak", "range")]
        known = match["name"] in names and spoken[match["name"]] == 1
        if known and all(map(math.isfinite, values)) and values[0] > SILENCE_LUFS:
            found[match["name"]] = Loudness(*values)
    return found


def stored(values: Mapping[str, Mapping[str, float]]) -> dict[str, Loudness]:
    """What `dataclasses.asdict` made of them, by rendition."""
    return {name: Loudness(**one) for name, one in values.items()}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def gains_db(loudness: Mapping[str, Loudness]) -> dict[str, float]:
    """Rendition → decibels that bring it to −16 LUFS, or as near as its true peak allows."""
    return {
        name: round(
            min(
                TARGET_LUFS - one.integrated_lufs,
                MAX_TRUE_PEAK_DBTP - one.true_peak_dbtp,
                MAX_GAIN_DB,
            ),
            2,
        )
        for name, one in loudness.items()
    }
