"""Who is there: each user's sockets by address, and how many there are of everybody.

Both change in the transaction that adds or removes a socket, so that reading them needs no search and is
exact. The numbers are cut into shards: one item would be in everybody's transaction.
"""

from collections.abc import Collection
from zlib import crc32

from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.store.tables import Presence, SocketCount

SHARDS = 64
PAGE = 100
"""Users looked at at once."""


def sockets_of(scope: str, user_id: str) -> frozenset[str]:
    """Connection ids of a user's sockets by one address."""
    try:
        return frozenset(Presence.get(_item(scope, user_id), consistent_read=True).sockets or ())
    except Presence.DoesNotExist:
        return frozenset()


def list_page(after: str | None) -> tuple[list[tuple[str, str, frozenset[str]]], str | None]:
    """Some users' sockets: (scope, user id, connection ids) each, and where that ends."""
    rows = Presence.scan(
        Presence.sockets.exists(),
        limit=PAGE,
        page_size=PAGE,
        last_evaluated_key={"item": {"S": after}} if after else None,
        consistent_read=True,
    )
    found = []
    for row in rows:
        scope, _, user_id = row.item.partition("#")
        found.append((scope, user_id, frozenset(row.sockets or ())))
    last = rows.last_evaluated_key
    return found, str(last["item"]["S"]) if last else None


def join(
    write: TransactWrite, scope: str, user_id: str, connection_id: str, there: Collection[str], limit: int
) -> None:
    """Add a socket to its user's, of whom `there` were read before, and to the numbers: two updates.

    The condition of the first fails when a user's first or last socket came or went meanwhile, or when
    `limit` are there.
    """
    room = Presence.sockets.exists() & (size(Presence.sockets) < limit)
    write.update(
        Presence(_item(scope, user_id)),
        actions=[Presence.sockets.add({connection_id})],
        condition=room if there else Presence.item.does_not_exist(),
    )
    _count(write, scope, user_id, 1, first_or_last=not there)


def leave(write: TransactWrite, scope: str, user_id: str, connection_id: str, there: Collection[str]) -> None:
    """Take a socket from its user's, of whom `there` were read before, and from the numbers.

    Nothing if it is not among them. The condition of the write fails as in `join`.
    """
    if connection_id not in there:
        return
    row = Presence(_item(scope, user_id))
    last = len(there) == 1
    if last:
        write.delete(row, condition=Presence.sockets == {connection_id})
    else:
        write.update(
            row,
            actions=[Presence.sockets.delete({connection_id})],
            condition=Presence.sockets.contains(connection_id) & (size(Presence.sockets) > 1),
        )
    _count(write, scope, user_id, -1, first_or_last=last)


def totals() -> tuple[int, int, int]:
    """Distinct users on the user address, connections by it, connections by the admins' address."""
    rows = list(SocketCount.batch_get([_shard(n) for n in range(SHARDS)], consistent_read=True))
    return (
        sum(row.users for row in rows),
        sum(row.user_connections for row in rows),
        sum(row.admin_connections for row in rows),
    )


def _count(write: TransactWrite, scope: str, user_id: str, step: int, first_or_last: bool) -> None:
    actions: list[Action] = [SocketCount.admin_connections.add(step)]
    if scope == "user":
        actions = [SocketCount.user_connections.add(step)]
        if first_or_last:
            actions.append(SocketCount.users.add(step))
    write.update(SocketCount(_shard(crc32(user_id.encode()) % SHARDS)), actions=actions)


def _item(scope: str, user_id: str) -> str:
    return f"{scope}#{user_id}"


def _shard(number: int) -> str:
    return f"count#{number}"
