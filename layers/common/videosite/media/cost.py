"""What a transcode cost: AWS Lambda's price for the seconds its workers ran."""

from collections.abc import Mapping

from videosite.media.plan import Plan

GB_SECOND_USD = {"x86_64": 0.0000166667, "aarch64": 0.0000133334}
"""Machine → Lambda's price in us-east-1, first tier (2026-11). Requests are not in it: a task is one."""


def usd_of(gb_s: float, machine: str) -> float:
    """Dollars for gigabyte-seconds on a machine as `platform.machine()` names it."""
    return gb_s * GB_SECOND_USD.get(machine, max(GB_SECOND_USD.values()))


def rendition_usd(plan: Plan, name: str, usd: Mapping[str, float]) -> float | None:
    """A rendition's share of its codec's dollars, by its pixels; None before the codec is done."""
    pixels = {rung.name: rung.width * rung.height for rung in plan.renditions}
    codec = next(rung.codec for rung in plan.renditions if rung.name == name)
    if codec not in usd:
        return None
    together = sum(pixels[other] for other in plan.renditions_of(codec))
    return round(usd[codec] * pixels[name] / together, 6)
