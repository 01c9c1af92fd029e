"""Posting frames to sockets: many at once, and no socket is waited for by the others."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from videosite.realtime.connections import ConnectionManager
from videosite.realtime.messages import addressed, encode
from videosite.store.sockets import Outcome

Post = Callable[[str, bytes], Awaitable[Outcome]]

BUDGET_S = 20.0
"""Posting ends before the function's timeout, whatever the channels and rounds of one invocation; what is
left over of stored messages stays stored, and a newer snapshot follows one that was left out."""
ATTEMPTS = 4
"""At one frame of a stored message, where a post was throttled or met a passing fault."""
PAUSE_S = 0.2
"""The first pause between them is anything up to this; the bound doubles (full jitter)."""


@dataclass(frozen=True)
class Parcel:
    """What one socket gets on one channel, in this order."""

    connection_id: str
    channel: str
    frames: tuple[bytes, ...]


def send_newest(
    frame: Mapping[str, Any],
    channels: Sequence[str],
    now_s: float,
    post: Post | None = None,
    until_s: float | None = None,
) -> Counter[Outcome]:
    """Post a snapshot to channels' sockets, once each and without a second attempt.

    `until_s`: when to stop posting, in `time.monotonic` seconds; by default after `BUDGET_S`.

    A socket in several of the channels gets it on the first of them. One that cannot take it now is
    passed over: a newer snapshot follows.
    """
    parcels: dict[str, Parcel] = {}
    manager = ConnectionManager()
    for channel in channels:
        data = encode(addressed(frame, channel))
        for connection_id in manager.listeners(channel, now_s):
            parcels.setdefault(connection_id, Parcel(connection_id, channel, (data,)))
    if until_s is None:
        until_s = time.monotonic() + BUDGET_S
    return _post_all(list(parcels.values()), post, until_s, 1, now_s)


def send_stored(
    channel: str,
    frames: Sequence[bytes],
    listeners: Iterable[str],
    now_s: float,
    until_s: float,
    post: Post | None = None,
) -> Counter[Outcome]:
    """Post a channel's stored messages to its listeners, in order, again to those that could not take them.
    `until_s`: when to stop posting, in `time.monotonic` seconds.

    A socket that still cannot is left to ask for a replay: it sees the gap in `seq`.
    """
    parcels = [Parcel(connection_id, channel, tuple(frames)) for connection_id in listeners]
    return _post_all(parcels, post, until_s, ATTEMPTS, now_s)


def _post_all(
    parcels: Sequence[Parcel], post: Post | None, until_s: float, attempts: int, now_s: float
) -> Counter[Outcome]:
    """Post every parcel and forget the sockets that are gone; returns how many there were of each outcome."""
    if not parcels:
        return Counter()
    # Imported where somebody listens: for most changes nobody does.
    from videosite.store import posting

    outcomes = posting.run(_all(parcels, post or posting.post, until_s, attempts))
    manager = ConnectionManager()
    for parcel, outcome in outcomes:
        if outcome is Outcome.GONE:
            manager.forget_gone(parcel.connection_id, parcel.channel, now_s)
    return Counter(outcome for _, outcome in outcomes)


async def _all(
    parcels: Sequence[Parcel], post: Post, until_s: float, attempts: int
) -> list[tuple[Parcel, Outcome]]:
    return await asyncio.gather(*(_deliver(parcel, post, until_s, attempts) for parcel in parcels))


async def _deliver(parcel: Parcel, post: Post, until_s: float, attempts: int) -> tuple[Parcel, Outcome]:
    """What became of a parcel. After a frame that did not arrive none is sent: it would hide the gap."""
    worst = Outcome.SENT
    for index, data in enumerate(parcel.frames):
        outcome = await _try(parcel.connection_id, data, post, until_s, attempts)
        if outcome in (Outcome.LATER, Outcome.GONE):
            return replace(parcel, frames=parcel.frames[index:]), outcome
        if outcome is not Outcome.SENT:
            worst = outcome
    return parcel, worst


async def _try(connection_id: str, data: bytes, post: Post, until_s: float, attempts: int) -> Outcome:
    for attempt in range(attempts):
        if attempt:
            await asyncio.sleep(random.uniform(0, PAUSE_S * 2 ** (attempt - 1)))  # noqa: S311
        if time.monotonic() > until_s:
            break
        outcome = await post(connection_id, data)
        if outcome is not Outcome.LATER:
            return outcome
    return Outcome.LATER
