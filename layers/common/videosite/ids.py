"""Identifiers. Time and randomness are arguments, so tests need no clock."""

import secrets
import time

EPOCH_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z in Unix milliseconds: the zero of `video_id`."""

RANDOM_BITS = 12


def video_id(now_ms: int | None = None, random: int | None = None) -> int:
    """A new video id: 41 bits of milliseconds since 2025 and 12 random bits.

    Below 2^53 until 2094, so JavaScript reads it exactly. Unique only by conditional put: the caller
    tries again on a clash.
    """
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    random = secrets.randbits(RANDOM_BITS) if random is None else random
    return (now_ms - EPOCH_MS) << RANDOM_BITS | random


def created_s(video_id: int) -> float:
    """When an id was made, in Unix seconds.

    >>> created_s(video_id(EPOCH_MS + 5000, 7)) - EPOCH_MS / 1000
    5.0
    """
    return ((video_id >> RANDOM_BITS) + EPOCH_MS) / 1000


def asset_key() -> str:
    """128 random bits as hex: the unguessable folder of one transcode's media."""
    return secrets.token_hex(16)


def opaque_id() -> str:
    """A random identifier for users, leases and sessions: 96 bits, URL-safe."""
    return secrets.token_urlsafe(12)


def timed_id(now_ms: int | None = None) -> str:
    """A version of something that is replaced: milliseconds and chance, 18 hex digits."""
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return f"{now_ms:012x}{secrets.token_hex(3)}"


def timed_s(timed_id: str) -> float:
    """When a `timed_id` was made, in Unix seconds; 0: it is none.

    >>> timed_s(timed_id(5000))
    5.0
    """
    try:
        return int(timed_id[:12], 16) / 1000
    except ValueError:
        return 0.0
