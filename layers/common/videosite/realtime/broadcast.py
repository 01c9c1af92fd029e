"""Stored messages of one channel to its sockets: here, or, if they are many, in parallel invocations.

A channel that everybody hears is stored in shards. Each is posted to by an invocation of its own, and the
caller waits for all of them: the stream goes on only then, so what follows on the channel comes after.
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
from videosite.realtime.fanout import send_stored
from videosite.settings import require
from videosite.store import functions
from videosite.store.sockets import Outcome

Invoke = Callable[[str, Mapping[str, Any]], Any]

DIRECT = 2000
"""Up to so many listeners are posted to where the message was read; another invocation would cost more
than it brings."""


def broadcast(
    channel: str, frames: Sequence[bytes], now_s: float, until_s: float, invoke: Invoke = functions.invoke
) -> Counter[Outcome]:
    """Post a channel's stored messages, in order. `until_s`: when to stop, in `time.monotonic` seconds.

    Raises:
        RetryableError: `invocation_failed`; some shards may have got them.
    """
    keys = channels.shards(channel)
    manager = ConnectionManager()
    if len(keys) == 1:
        return send_stored(channel, frames, manager.listeners(channel, now_s), now_s, until_s)
    first = list(islice(manager.listeners_in(keys, now_s), DIRECT + 1))
    if len(first) <= DIRECT:
        return send_stored(channel, frames, first, now_s, until_s)
    return _in_parallel(channel, keys, frames, now_s + until_s - time.monotonic(), invoke)


def _in_parallel(
    channel: str, keys: Sequence[str], frames: Sequence[bytes], ends_at_s: float, invoke: Invoke
) -> Counter[Outcome]:
    encoded = [b64encode(frame).decode() for frame in frames]
    whole = {"channel": channel, "frames": encoded, "ends_at_s": ends_at_s}
    name = require("shard_function")
    with ThreadPoolExecutor(len(keys)) as pool:
        # Not `map`: it cancels the calls not begun when one fails, and those shards would hear nothing.
        calls = [pool.submit(invoke, name, {**whole, "shard": key}) for key in keys]
    total: Counter[Outcome] = Counter()
    for call in calls:
        total.update({Outcome(outcome): number for outcome, number in call.result().items()})
    return total


def post_shard(event: Mapping[str, Any], now_s: float) -> dict[str, int]:
    """What an invocation does for one shard; returns how many sockets there were of each outcome."""
    listeners = ConnectionManager().listeners_in([event["shard"]], now_s)
    frames = [b64decode(frame) for frame in event["frames"]]
    until_s = time.monotonic() + event["ends_at_s"] - now_s
    outcomes = send_stored(event["channel"], frames, listeners, now_s, until_s)
    return {str(outcome): count for outcome, count in outcomes.items()}
