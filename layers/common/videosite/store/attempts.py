"""Trying again."""

import random
import time
from collections.abc import Iterator

MOST = 4
FIRST_PAUSE_S = 0.02
_DICE = random.SystemRandom()
"""The system's: workers that begin from one snapshot would else draw the same numbers."""


def attempts(most: int = MOST) -> Iterator[int]:
    """0, 1 … `most` - 1, with a pause before each but the first: anything up to a limit that doubles
    (full jitter)."""
    for attempt in range(most):
        if attempt:
            time.sleep(_DICE.uniform(0, FIRST_PAUSE_S * 2**attempt))
        yield attempt
