"""Sockets that vanished without $disconnect, and sockets whose token ended.

A socket that talks moves its own `look_at_s` on. One that is silent is asked for at API Gateway, which
answers 410 when it is gone; that may be ten minutes after a peer vanished without closing, which is when
API Gateway gives it up itself.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from videosite.realtime import messages, presence
from videosite.realtime.connections import SILENCE_S, ConnectionManager, is_opening
from videosite.store import sockets
from videosite.store.sockets import Outcome
from videosite.store.tables import SocketConnection
from videosite.store.transactions import applied, commit

Probe = Callable[[str], Outcome]

MOST_ASKED = 50
"""Sockets asked for while a new one waits: about a second."""
QUIET_S = 90
"""Clients ping every 30 s: who said nothing for so long is hardly there any more."""


def look_after(connection_id: str, now_s: float, probe: Probe = sockets.probe) -> bool:
    """Close a socket that has ended, forget one that is gone; True if there was something to do."""
    try:
        connection = SocketConnection.get(connection_id, consistent_read=True)
    except SocketConnection.DoesNotExist:
        return False
    if connection.ends_at_s <= now_s:
        # Forgotten before it is closed, whose $disconnect then finds nothing to do.
        known = ConnectionManager().disconnect(connection_id, now_s)
        end(connection_id, messages.error("expired_token", "The socket's token has ended; connect again."))
        return known
    if (connection.look_at_s or 0) > now_s:
        return False
    if _is_gone(connection, now_s, probe):
        return ConnectionManager().disconnect(connection_id, now_s)
    applied(
        lambda: connection.update(
            [SocketConnection.look_at_s.set(min(now_s + SILENCE_S, connection.ends_at_s))],
            condition=SocketConnection.look_at_s == connection.look_at_s,
        )
    )
    return False


def make_room(scope: str, user_id: str, now_s: float) -> bool:
    """Forget one of a user's sockets that is gone, else end the one that was silent longest; False if all
    of them talk.

    For a user who has as many as allowed: those of a lost network are no reason to be refused, and API
    Gateway knows them for ten minutes.
    """
    there = list(islice(presence.sockets_of(scope, user_id), MOST_ASKED))
    return any(
        _forget_if_gone(scope, user_id, connection_id, now_s) for connection_id in there
    ) or _end_quietest(there, now_s)


def _end_quietest(connection_ids: Iterable[str], now_s: float) -> bool:
    rows = SocketConnection.batch_get(connection_ids, consistent_read=True)
    quietest = min(rows, key=_heard_s, default=None)
    if quietest is None or _heard_s(quietest) > now_s - QUIET_S:
        return False
    # Forgotten first: its place is free whatever becomes of closing it.
    known = ConnectionManager().disconnect(quietest.connection_id, now_s)
    sockets.close(quietest.connection_id)
    return known


def _heard_s(connection: SocketConnection) -> float:
    """When a socket said something last, or later: `look_at_s` moves for silent ones, too."""
    return max(connection.connected_at_s, 60.0 * (connection.minute + 1))


def _forget_if_gone(scope: str, user_id: str, connection_id: str, now_s: float) -> bool:
    try:
        connection = SocketConnection.get(connection_id, consistent_read=True)
    except SocketConnection.DoesNotExist:
        return forget_lost(scope, user_id, connection_id)
    ended = connection.ends_at_s <= now_s
    return (ended or _is_gone(connection, now_s)) and ConnectionManager().disconnect(connection_id, now_s)


def forget_lost(scope: str, user_id: str, connection_id: str) -> bool:
    """Take a socket without a row from the numbers: time-to-live took that, after a day without
    housekeeping."""
    there = presence.sockets_of(scope, user_id)
    if connection_id not in there:
        return False
    return not commit(lambda write: presence.leave(write, scope, user_id, connection_id, there))


def end(connection_id: str, last_words: messages.Error) -> None:
    """Say why, and close a socket."""
    sockets.post(connection_id, messages.encode(last_words), patient=False)
    sockets.close(connection_id)


def _is_gone(connection: SocketConnection, now_s: float, probe: Probe = sockets.probe) -> bool:
    return not is_opening(connection, now_s) and probe(connection.connection_id) is Outcome.GONE
