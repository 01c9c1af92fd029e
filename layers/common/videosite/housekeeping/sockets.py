"""Sockets that ended or vanished."""

from videosite.housekeeping.rows import PAGE, each
from videosite.realtime.connections import WATCH_SHARDS, watch_key
from videosite.realtime.liveness import look_after
from videosite.store.tables import SocketConnection


def tidy(now_s: float) -> int:
    """Close the sockets whose token has ended, forget those that are gone; returns how many."""
    return sum(_tidy(watch_key(shard), now_s) for shard in range(WATCH_SHARDS))


def _tidy(key: str, now_s: float) -> int:
    due = SocketConnection.by_deadline.query(key, SocketConnection.look_at_s <= now_s, limit=PAGE)
    return each(due, lambda row: look_after(row.connection_id, now_s))
