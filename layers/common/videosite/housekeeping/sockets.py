"""Sockets that ended or vanished."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import PAGE, each
from videosite.realtime import presence
from videosite.realtime.connections import WATCH_SHARDS, watch_key
from videosite.realtime.liveness import forget_lost, look_after
from videosite.store import sockets
from videosite.store.clients import POOL_SIZE
from videosite.store.sockets import Outcome
from videosite.store.tables import SocketConnection

BUDGET_S = 60.0
"""Of one round, which is over before the next begins. What it does not come to is a minute late."""


def tidy(now_s: float) -> int:
    """Close the sockets whose token has ended, forget those that are gone; returns how many."""
    until_s = time.monotonic() + BUDGET_S
    # Another shard is first in each round, so that none waits for ever where all is not done in time.
    first = int(now_s // 60)
    return sum(_tidy(watch_key((first + n) % WATCH_SHARDS), now_s, until_s) for n in range(WATCH_SHARDS))


def recount(now_s: float) -> int:
    """Take from the numbers what is counted and has no row, looking at all once a day; returns how many."""
    counted = [
        (scope, user_id, connection_id)
        for scope, user_id, there in next_page("presence", now_s, presence.list_page)
        for connection_id in sorted(there)
    ]
    known = SocketConnection.batch_get([it[2] for it in counted], consistent_read=True)
    ids = {row.connection_id for row in known}
    return each([it for it in counted if it[2] not in ids], lambda it: forget_lost(*it))


def _tidy(key: str, now_s: float, until_s: float) -> int:
    if time.monotonic() >= until_s:
        return 0
    due = SocketConnection.by_deadline.query(key, SocketConnection.look_at_s <= now_s, limit=PAGE)
    ids = [row.connection_id for row in due]
    there = dict(zip(ids, _probe_all(ids, until_s), strict=True))
    return each(ids, _look_after_in_time(there, now_s, until_s))


def _look_after_in_time(there: dict[str, Outcome], now_s: float, until_s: float) -> Callable[[str], bool]:
    def look(connection_id: str) -> bool:
        in_time = there[connection_id] is not Outcome.LEFT and time.monotonic() < until_s
        return in_time and look_after(connection_id, now_s, there.__getitem__)

    return look


def _probe_all(connection_ids: list[str], until_s: float) -> list[Outcome]:
    """Whether sockets are there, asked for many at once: each may take seconds where API Gateway hangs."""

    def probe(connection_id: str) -> Outcome:
        return sockets.probe(connection_id) if time.monotonic() < until_s else Outcome.LEFT

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(probe, connection_ids))
