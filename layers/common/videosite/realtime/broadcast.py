"""A channel with many sockets: its stored messages are posted by parallel invocations.

A channel that everybody hears is stored in shards. Each is posted to by invocations of its own, one after the
other for as long as sockets are left, and the caller waits for all of them: the stream goes on only then, so
what follows on the channel comes after.
"""

import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from videosite.realtime import channels
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.fanout import BUDGET_S, Parcel, send_stored
from videosite.settings import require
from videosite.store import functions
from videosite.store.sockets import Outcome

Invoke = Callable[[str, Mapping[str, Any]], Any]

DIRECT = 2000
"""Up to so many listeners are posted to where the message was read; another invocation would cost more
than it brings."""
PER_CALL = 8000
"""Listeners that one invocation posts to: about half of its time, so that there is some left for those that
are slow."""
BROADCAST_S = 120.0
"""No invocation begins so long after the first. With what was posted before and the last invocation, within
the function's timeout."""


def listeners_here(channel: str, now_s: float) -> list[str] | None:
    """Connection ids of a channel's listeners; None: there are too many to post to without `broadcast`."""
    keys = channels.shards(channel)
    listeners = ConnectionManager().listeners_in(keys, now_s)
    if len(keys) == 1:
        return list(listeners)
    first = list(islice(listeners, DIRECT + 1))
    return first if len(first) <= DIRECT else None


def broadcast(channel: str, frames: Sequence[bytes], invoke: Invoke = functions.invoke) -> Counter[Outcome]:
    """Post a channel's stored messages, in order; returns how many sockets there were of each outcome.
    `LEFT`: some had no turn in time.

    Raises:
        RetryableError: `invocation_failed`; some shards may have got them.
    """
    until_s = time.monotonic() + BROADCAST_S
    event = {"channel": channel, "frames": [b64encode(frame).decode() for frame in frames]}
    keys = channels.shards(channel)
    with ThreadPoolExecutor(len(keys)) as pool:
        # Not `map`: it cancels the calls not begun when one fails, and those shards would hear nothing.
        calls = [pool.submit(_call, {**event, "shard": key}, until_s, invoke) for key in keys]
    return sum((call.result() for call in calls), Counter[Outcome]())


def _call(event: Mapping[str, Any], until_s: float, invoke: Invoke) -> Counter[Outcome]:
    """Call for one shard, each time from where the last call came to."""
    total: Counter[Outcome] = Counter()
    after: str | None = None
    while (left_s := until_s - time.monotonic()) > 0:
        # A duration: the two machines' clocks may differ.
        answer = invoke(
            require("shard_function"), {**event, "after": after, "budget_s": min(BUDGET_S, left_s)}
        )
        total.update({Outcome(outcome): number for outcome, number in answer["outcomes"].items()})
        if answer["done"]:
            return total
        after = answer["after"]
    total[Outcome.LEFT] += 1
    return total


def post_shard(event: Mapping[str, Any], now_s: float) -> dict[str, Any]:
    """What an invocation does for one shard: posts to the sockets that come after one in their order.

    Returns how many there were of each outcome, after which the next call should begin, and whether there
    are no more.
    """
    until_s = time.monotonic() + event["budget_s"]
    after = event["after"]
    found = ConnectionManager().listeners_in([event["shard"]], now_s, after)
    listeners = list(islice(found, PER_CALL))
    frames = tuple(b64decode(frame) for frame in event["frames"])
    parcels = [Parcel(connection_id, event["channel"], frames) for connection_id in listeners]
    outcomes = send_stored(parcels, now_s, until_s)
    # Those that are left are the last ones, for the next call.
    turns = [outcome for outcome in outcomes if outcome is not Outcome.LEFT]
    return {
        "outcomes": Counter(map(str, turns)),
        "after": listeners[len(turns) - 1] if turns else after,
        "done": len(turns) == len(listeners) < PER_CALL,
    }
