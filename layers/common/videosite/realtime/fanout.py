"""Posting to sockets: many at once, no socket is waited for by the others, and all of it ends in time."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from videosite.log import logger
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.messages import addressed, encode
from videosite.store.sockets import Outcome

BUDGET_S = 20.0
"""No post begins so long after the first, which leaves the function time to end."""
CLOSED_AT_ONCE = 200
"""Sockets that one invocation closes since they did not take a stored message. Where more do not, the
reason is rather API Gateway's quota, and all of them coming back would make that worse: those left out find
out by themselves, as clients ask now and then whether they missed something."""

Snapshot = tuple[Mapping[str, Any], Sequence[str]]
"""A frame, and the channels whose sockets get it."""


@dataclass(frozen=True)
class Parcel:
    """What one socket gets on one channel, in this order."""

    connection_id: str
    channel: str
    frames: tuple[bytes, ...]


@dataclass(frozen=True)
class Patience:
    """Which posts are made again, and after which pauses: each is at least half of what stands here."""

    pauses_s: tuple[float, ...] = ()
    again: frozenset[Outcome] = frozenset({Outcome.LATER})


ONCE = Patience()
"""For snapshots: a newer one follows."""
STORED = Patience((0.2, 0.4, 0.8))
_DICE = random.SystemRandom()


def send_newest(
    snapshots: Iterable[Snapshot], now_s: float, until_s: float | None = None
) -> Counter[Outcome]:
    """Post snapshots to the sockets of their channels, once each and without a second attempt: one that
    cannot take it now is passed over. Returns how many posts there were of each outcome.

    A socket in several of a snapshot's channels gets it on the first of them. `until_s`: when to stop, in
    `time.monotonic` seconds; by default after `BUDGET_S`.
    """
    listeners = cache(lambda channel: ConnectionManager().listeners(channel, now_s))
    parcels: list[Parcel] = []
    for frame, channels in snapshots:
        found: dict[str, Parcel] = {}
        for channel in channels:
            frames = (encode(addressed(frame, channel)),)
            for connection_id in listeners(channel):
                found.setdefault(connection_id, Parcel(connection_id, channel, frames))
        parcels += found.values()
    until_s = time.monotonic() + BUDGET_S if until_s is None else until_s
    outcomes = post_all(parcels, ONCE, until_s)
    _forget_gone(parcels, outcomes, now_s, until_s)
    return Counter(outcomes)


def send_stored(parcels: Sequence[Parcel], now_s: float, until_s: float) -> list[Outcome]:
    """Post stored messages, again to sockets that could not take them; returns what became of each parcel.

    A socket that still cannot is closed: its client comes back and asks for what it missed. What is `LEFT`
    should be sent by somebody else. `until_s`: when to stop, in `time.monotonic` seconds.
    """
    outcomes = post_all(parcels, STORED, until_s)
    _close_slow(parcels, outcomes, until_s)
    _forget_gone(parcels, outcomes, now_s, until_s)
    return outcomes


def post_all(parcels: Sequence[Parcel], patience: Patience, until_s: float) -> list[Outcome]:
    """Post every parcel; returns what became of each. They have their turns in order, so those that are
    `LEFT` at `until_s` are the last ones."""
    if not parcels:
        return []
    # Imported where somebody listens: for most changes nobody does.
    from videosite.store import posting

    async def work() -> list[Outcome]:
        room = asyncio.Semaphore(posting.IN_FLIGHT)
        return await asyncio.gather(*(_deliver(parcel, patience, room, until_s) for parcel in parcels))

    return posting.run(work())


async def _deliver(parcel: Parcel, patience: Patience, room: asyncio.Semaphore, until_s: float) -> Outcome:
    """Post a parcel's frames. After one that did not arrive none is sent: it would hide the gap."""
    from videosite.store import posting

    frames = deque(parcel.frames)
    outcome, whole = Outcome.LEFT, Outcome.SENT
    for pause_s in (0.0, *patience.pauses_s):
        if pause_s:
            # Outside of the room: who waits for a slow socket keeps no place from the others.
            await asyncio.sleep(_DICE.uniform(pause_s / 2, pause_s))
        async with room:
            # Here, after the wait for a place, which may have been long.
            while frames and time.monotonic() <= until_s:
                outcome = await posting.post(parcel.connection_id, frames[0])
                if outcome in (Outcome.LATER, Outcome.GONE):
                    break
                if outcome is Outcome.REFUSED:
                    whole = outcome
                frames.popleft()
                # Of what is left of them, if the time is over now.
                outcome = Outcome.LATER
        if not frames:
            return whole
        if outcome not in patience.again:
            break
    return outcome


def _close_slow(parcels: Sequence[Parcel], outcomes: Sequence[Outcome], until_s: float) -> None:
    # A socket may be slow on several channels.
    slow = dict.fromkeys(parcel.connection_id for parcel in _with_outcome(Outcome.LATER, parcels, outcomes))
    if not slow:
        return
    from videosite.store import posting

    room = asyncio.Semaphore(posting.IN_FLIGHT)

    async def close(connection_id: str) -> bool:
        async with room:
            in_time = time.monotonic() <= until_s
            return in_time and await posting.hang_up(connection_id) is Outcome.SENT

    async def work() -> int:
        return sum(await asyncio.gather(*map(close, list(slow)[:CLOSED_AT_ONCE])))

    logger.info("slow sockets", extra={"count": len(slow), "closed": posting.run(work())})


def _forget_gone(
    parcels: Sequence[Parcel], outcomes: Sequence[Outcome], now_s: float, until_s: float
) -> None:
    """Forget the sockets that are gone, as far as there is time: housekeeping and the next post find the
    others."""
    manager = ConnectionManager()
    for parcel in _with_outcome(Outcome.GONE, parcels, outcomes):
        if time.monotonic() > until_s:
            return
        try:
            manager.forget_gone(parcel.connection_id, parcel.channel, now_s)
        except Exception:
            # Others have got what was said; that must not be undone by this.
            logger.exception("not forgotten", extra={"connection_id": parcel.connection_id})


def _with_outcome(
    wanted: Outcome, parcels: Sequence[Parcel], outcomes: Sequence[Outcome]
) -> Iterator[Parcel]:
    return (parcel for parcel, outcome in zip(parcels, outcomes, strict=True) if outcome is wanted)
