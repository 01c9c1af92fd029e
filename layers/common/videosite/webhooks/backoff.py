"""When a delivery is tried again. Pure."""

import random
from collections.abc import Callable

DELAYS_S = (2, 10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600)
"""After the first, second … attempt that failed. The ninth is the last, about 21 hours after the first."""
JITTER = 0.25
MAX_ASKED_S = 3600
"""A receiver may ask for more patience (Retry-After), up to so much."""

_DICE = random.SystemRandom()
"""The system's: workers that begin from one snapshot would else draw the same numbers."""


def delay_s(
    failed: int, asked_s: float = 0, uniform: Callable[[float, float], float] = _DICE.uniform
) -> float | None:
    """Seconds until the next attempt after `failed` of them (≥ 1) in a row; None: give up.

    `asked_s`: what the receiver's Retry-After said; it is not tried again before.
    """
    if failed > len(DELAYS_S):
        return None
    return max(DELAYS_S[failed - 1] * uniform(1 - JITTER, 1 + JITTER), min(asked_s, MAX_ASKED_S))
