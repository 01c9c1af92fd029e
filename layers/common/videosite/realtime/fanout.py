"""Posting frames to sockets: many at once, and no socket is waited for by the others."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from videosite.realtime.connections import ConnectionManager
from videosite.realtime.messages import addressed, encode
from videosite.store import sockets
from videosite.store.clients import POOL_SIZE
from videosite.store.sockets import Outcome

Post = Callable[[str, bytes], Outcome]

BUDGET_S = 20.0
"""Posting ends before the function's timeout, whatever the channels and rounds of one invocation; what is
left over of stored messages stays stored, and a newer snapshot follows one that was left out."""
PAUSE_S = 0.5


@dataclass(frozen=True)
class Parcel:
    """What one socket gets on one channel, in this order."""

    connection_id: str
    channel: str
    frames: tuple[bytes, ...]


def post_once(connection_id: str, data: bytes) -> Outcome:
    """A post that is not worth a second attempt."""
    return sockets.post(connection_id, data, patient=False)


def send_newest(
    frame: Mapping[str, Any],
    channels: Sequence[str],
    now_s: float,
    post: Post = post_once,
    until_s: float | None = None,
) -> Counter[Outcome]:
    """Post a snapshot to the channels' sockets, once each and without a second attempt.

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
    outcomes = _post_all(list(parcels.values()), post, until_s)
    return _settle(manager, outcomes, now_s)


def send_stored(
    channel: str,
    frames: Sequence[bytes],
    now_s: float,
    until_s: float,
    post: Post = sockets.post,
    pause_s: float = PAUSE_S,
) -> Counter[Outcome]:
    """Post a channel's stored messages to its sockets, in order, with a second round for those that
    could not take them. `until_s`: when to stop posting, in `time.monotonic` seconds.

    A socket that still cannot is left to ask for a replay: it sees the gap in `seq`.
    """
    manager = ConnectionManager()
    parcels = [Parcel(id_, channel, tuple(frames)) for id_ in manager.listeners(channel, now_s)]
    outcomes = _post_all(parcels, post, until_s)
    late = [left for left in outcomes if outcomes[left] is Outcome.LATER]
    if late:
        time.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311
        for parcel in late:
            del outcomes[parcel]
        outcomes |= _post_all(late, post, until_s)
    return _settle(manager, outcomes, now_s)


def _post_all(parcels: Sequence[Parcel], post: Post, until_s: float) -> dict[Parcel, Outcome]:
    """What became of each parcel; of one that was not wholly sent, the key holds the frames left."""
    deliver = partial(_deliver, post=post, until_s=until_s)
    if len(parcels) < 2:
        return dict(map(deliver, parcels))
    with ThreadPoolExecutor(min(POOL_SIZE, len(parcels))) as pool:
        return dict(pool.map(deliver, parcels))


def _deliver(parcel: Parcel, post: Post, until_s: float) -> tuple[Parcel, Outcome]:
    worst = Outcome.SENT
    for index, data in enumerate(parcel.frames):
        outcome = Outcome.LATER if time.monotonic() > until_s else post(parcel.connection_id, data)
        if outcome in (Outcome.LATER, Outcome.GONE):
            return replace(parcel, frames=parcel.frames[index:]), outcome
        if outcome is not Outcome.SENT:
            worst = outcome
    return parcel, worst


def _settle(manager: ConnectionManager, outcomes: Mapping[Parcel, Outcome], now_s: float) -> Counter[Outcome]:
    """Forget the sockets that are gone; returns how many there were of each outcome."""
    for parcel, outcome in outcomes.items():
        if outcome is Outcome.GONE:
            manager.forget_gone(parcel.connection_id, parcel.channel, now_s)
    return Counter(outcomes.values())
