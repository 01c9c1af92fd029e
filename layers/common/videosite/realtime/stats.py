"""How many sockets are open, and who is heard by how many."""

from typing import Any

from videosite.realtime import channels, presence
from videosite.store import cursors
from videosite.store.tables import Subscription

ROWS_PER_READ = 1000


def socket_stats() -> dict[str, int]:
    """Distinct users on the user address, and connections by address."""
    users, by_user_address, by_admin_address = presence.totals()
    return {
        "total_users": users,
        "total_user_connections": by_user_address,
        "total_admin_connections": by_admin_address,
        "total_connections": by_user_address + by_admin_address,
    }


def channel_counts(limit: int, cursor: str | None) -> tuple[list[tuple[str, int]], str | None]:
    """Channels with their listeners, in no order, at most `limit`; and where the next ones begin.

    `all` is not among them: everybody hears it. Reads the subscriptions, whose rows of one channel stand
    together, so it is for an admin who looks for something, not for polling.

    Raises:
        BadInputError: `bad_cursor`.
    """
    rows = Subscription.scan(
        page_size=ROWS_PER_READ, last_evaluated_key=_read_cursor(cursor), consistent_read=True
    )
    counts: dict[str, int] = {}
    last: Subscription | None = None
    for row in rows:
        name = row.channel_shard.rpartition("#")[0]
        if name == channels.ALL:
            continue
        if name not in counts and len(counts) == limit and last is not None:
            return list(counts.items()), cursors.encode([last.channel_shard, last.connection_id])
        counts[name] = counts.get(name, 0) + 1
        last = row
    return list(counts.items()), None


def _read_cursor(cursor: str | None) -> dict[str, Any] | None:
    if cursor is None:
        return None
    place = cursors.decode(cursor)
    match place:
        case [str(channel_shard), str(connection_id)] if channel_shard and connection_id:
            return {"channel_shard": {"S": channel_shard}, "connection_id": {"S": connection_id}}
    raise cursors.bad_cursor()
