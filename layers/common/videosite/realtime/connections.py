"""Who is connected, and what they hear."""

from collections.abc import Iterable, Iterator
from zlib import crc32

from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.errors import ConflictError, RetryableError, TooManyError
from videosite.realtime import channels, presence
from videosite.realtime.tickets import Bearer, confirm, require_unchanged
from videosite.store.attempts import attempts
from videosite.store.tables import SocketConnection, Subscription
from videosite.store.transactions import applied, commit

SOCKET_LIFE_S = 2 * 3600 + 600
"""API Gateway closes a socket after two hours; the rest is slack."""
GRACE_S = 60
"""From the end of a socket's token to the end of the socket: time to come with a new token."""
HANDSHAKE_S = 30
"""A socket is not open before $connect answered (29 s at most), yet its row is there: posts get 410."""
SILENCE_S = 120
"""A socket that says nothing for so long is looked at by housekeeping: it may be gone without a word."""
MAX_CHANNELS = 50
"""Channels of one socket, its own two included."""
CLOSE_FROM = 600
"""Messages of one socket in a minute after which it is closed."""
WATCH_SHARDS = 16
"""Of the index of what to look at, which every talking socket moves in once a minute."""
CLASHES = 10
"""Attempts at a transaction that others of the same user's sockets made fail."""
_CLOSED_S = 60
"""How far back a closed connection's end is put: more than clocks of two workers differ."""
_KEPT_S = 24 * 3600
"""Until time-to-live drops a row that housekeeping should have removed: not before, or numbers would not
follow."""


class ConnectionManager:
    """Sockets and what they hear, as rows. Every method may be repeated.

    Users' sockets are grouped by user, admins' are a pool of their own: `user#{id}` reaches one user's
    sockets by the user address, `admin` all by the admin address, `all` everybody's.
    """

    def connect(self, connection_id: str, bearer: Bearer, scope: str, limit: int, now_s: float) -> None:
        """Store a socket with the channels it hears without asking; `limit`: sockets of one user and scope.

        Whoever ends the sockets of an account changes the account first, and would not see this one yet: so
        it is stored only if the account is as it was.

        Raises:
            UnauthorizedError: `session_ended`.
            ForbiddenError: `account_suspended`, `forbidden`.
            TooManyError: `too_many_sockets`.
            RetryableError: `table_busy`.
        """
        ends_at_s = min(bearer.until_s + GRACE_S, now_s + SOCKET_LIFE_S)
        names = channels.home_channels(scope, bearer.user_id)
        keys = [channels.shard(name, connection_id) for name in names]
        connection = SocketConnection(
            connection_id,
            user_id=bearer.user_id,
            role=bearer.role,
            scope=scope,
            channels=set(keys),
            connected_at_s=now_s,
            ends_at_s=ends_at_s,
            watch=watch_key(crc32(connection_id.encode()) % WATCH_SHARDS),
            look_at_s=now_s + SILENCE_S,
            expires_at_s=now_s + SOCKET_LIFE_S + _KEPT_S,
        )
        for _ in attempts(CLASHES):
            there = presence.sockets_of(scope, bearer.user_id)
            if connection_id in there:
                # Not stored anew: what the socket subscribed to since a first $connect must stay.
                return
            if len(there) >= limit:
                raise TooManyError("too_many_sockets", f"You have {limit} sockets open; close one.")

            def save_all(write: TransactWrite, there: frozenset[str] = there) -> None:
                require_unchanged(write, bearer)
                write.save(connection, condition=SocketConnection.connection_id.does_not_exist())
                for key in keys:
                    write.save(Subscription(key, connection_id, expires_at_s=ends_at_s))
                presence.join(write, scope, bearer.user_id, connection_id, there, limit)

            failed = commit(save_all)
            if not failed:
                return
            if 0 in failed:
                confirm(bearer)
        raise RetryableError("table_busy", "The tables are busy.")

    def load(self, connection_id: str, now_s: float) -> SocketConnection | None:
        """An open socket, or None if it is not known (any more)."""
        try:
            connection = SocketConnection.get(connection_id, consistent_read=True)
        except SocketConnection.DoesNotExist:
            return None
        return connection if connection.ends_at_s > now_s else None

    def hear(self, connection_id: str, now_s: float) -> SocketConnection | None:
        """Count a message of a socket; returns it with `said` up to date, None if it is not open.

        Once a minute it also moves on the time at which housekeeping looks at the socket.
        """
        minute = int(now_s // 60)
        connection = SocketConnection(connection_id)
        is_open = SocketConnection.ends_at_s > now_s
        same = is_open & (SocketConnection.minute == minute)
        if applied(lambda: connection.update([SocketConnection.said.add(1)], condition=same)):
            return connection
        actions: list[Action] = [
            SocketConnection.minute.set(minute),
            SocketConnection.said.set(1),
            SocketConnection.look_at_s.set(now_s + SILENCE_S),
        ]
        return connection if applied(lambda: connection.update(actions, condition=is_open)) else None

    def subscribe(self, connection: SocketConnection, channel: str, now_s: float) -> None:
        """Let a socket hear a channel; whether it may is the caller's question.

        Raises:
            ConflictError: `not_connected`, the socket closed meanwhile; `too_many_subscriptions`.
            RetryableError: `table_busy`.
        """
        key = channels.shard(channel, connection.connection_id)
        room = SocketConnection.channels.contains(key) | (size(SocketConnection.channels) < MAX_CHANNELS)

        def add(write: TransactWrite) -> None:
            # The subscription ends with the socket, so a `refresh` under way must not miss it.
            unchanged = SocketConnection.ends_at_s == connection.ends_at_s
            write.save(Subscription(key, connection.connection_id, expires_at_s=connection.ends_at_s))
            write.update(
                SocketConnection(connection.connection_id),
                actions=[SocketConnection.channels.add({key})],
                condition=unchanged & (SocketConnection.ends_at_s > now_s) & room,
            )

        for _ in attempts(CLASHES):
            if not commit(add):
                return
            before_s = connection.ends_at_s
            connection = self._open(connection.connection_id, now_s)
            if connection.ends_at_s == before_s:
                raise ConflictError("too_many_subscriptions", "Unsubscribe from something first.")
        raise RetryableError("table_busy", "The tables are busy.")

    def unsubscribe(self, connection: SocketConnection, channel: str) -> None:
        """Let a socket hear a channel no more.

        Raises:
            RetryableError: `table_busy`.
        """
        key = channels.shard(channel, connection.connection_id)

        def remove(write: TransactWrite) -> None:
            write.delete(Subscription(key, connection.connection_id))
            write.update(
                SocketConnection(connection.connection_id),
                actions=[SocketConnection.channels.delete({key})],
                condition=SocketConnection.connection_id.exists(),
            )

        commit(remove)

    def refresh(self, connection: SocketConnection, bearer: Bearer, now_s: float) -> float:
        """Let a socket live as long as a newer token; returns its new end in Unix seconds.

        Raises:
            ConflictError: `not_connected`.
            RetryableError: `table_busy`.
        """
        for _ in attempts(CLASHES):
            ends_at_s = min(bearer.until_s + GRACE_S, connection.connected_at_s + SOCKET_LIFE_S)
            keys = sorted(connection.channels or ())

            def extend(
                write: TransactWrite,
                known: SocketConnection = connection,
                ends_at_s: float = ends_at_s,
                keys: list[str] = keys,
            ) -> None:
                same_channels = size(SocketConnection.channels) == len(keys)
                write.update(
                    SocketConnection(known.connection_id),
                    actions=[SocketConnection.ends_at_s.set(ends_at_s)],
                    condition=(SocketConnection.ends_at_s == known.ends_at_s) & same_channels,
                )
                for key in keys:
                    write.update(
                        Subscription(key, known.connection_id),
                        actions=[Subscription.expires_at_s.set(ends_at_s)],
                        condition=Subscription.connection_id.exists(),
                    )

            if not commit(extend):
                return ends_at_s
            # It subscribed or unsubscribed meanwhile, or closed.
            connection = self._open(connection.connection_id, now_s)
        raise RetryableError("table_busy", "The tables are busy.")

    def disconnect(self, connection_id: str, now_s: float) -> bool:
        """Forget a socket that closed; False if it was forgotten before.

        First the row is marked as ended, which keeps a subscription that is under way from being added
        to it, and says which ones there are. Then all of it goes at once, with its place in the numbers.

        Raises:
            RetryableError: `table_busy`.
        """
        connection = SocketConnection(connection_id)
        exists = SocketConnection.connection_id.exists()
        ended: list[Action] = [SocketConnection.ends_at_s.set(now_s - _CLOSED_S)]
        if not applied(lambda: connection.update(ended, condition=exists)):
            return False
        for _ in attempts(CLASHES):
            there = presence.sockets_of(connection.scope, connection.user_id)

            def remove_all(write: TransactWrite, there: frozenset[str] = there) -> None:
                write.delete(SocketConnection(connection_id), condition=exists)
                for key in sorted(connection.channels or ()):
                    write.delete(Subscription(key, connection_id))
                presence.leave(write, connection.scope, connection.user_id, connection_id, there)

            failed = commit(remove_all)
            if not failed:
                return True
            if 0 in failed:
                return False
        raise RetryableError("table_busy", "The tables are busy.")

    def forget_gone(self, connection_id: str, channel: str, now_s: float) -> bool:
        """Forget a socket that a post to a channel did not reach (410), unless it is still being opened."""
        try:
            connection = SocketConnection.get(connection_id, consistent_read=True)
        except SocketConnection.DoesNotExist:
            Subscription(channels.shard(channel, connection_id), connection_id).delete()
            return True
        if is_opening(connection, now_s):
            return False
        return self.disconnect(connection_id, now_s)

    def listeners(self, channel: str, now_s: float) -> list[str]:
        """Connection ids of the sockets that hear a channel."""
        return list(self.listeners_in(channels.shards(channel), now_s))

    def listeners_in(self, shards: Iterable[str], now_s: float, after: str | None = None) -> Iterator[str]:
        """Connection ids of the sockets in some shards of a channel, as they are read, in each shard in
        their order; those that come after one, if that is given."""
        beyond = None if after is None else Subscription.connection_id > after
        for key in shards:
            for subscription in Subscription.query(key, beyond, consistent_read=True):
                if subscription.expires_at_s > now_s:
                    yield subscription.connection_id

    def _open(self, connection_id: str, now_s: float) -> SocketConnection:
        connection = self.load(connection_id, now_s)
        if connection is None:
            raise not_connected()
        return connection


def not_connected() -> ConflictError:
    """A socket is not known, or has ended."""
    return ConflictError("not_connected", "This socket is not known or has ended; connect again.")


def is_opening(connection: SocketConnection, now_s: float) -> bool:
    """Whether a socket may not have answered its handshake yet."""
    return connection.connected_at_s > now_s - HANDSHAKE_S


def watch_key(shard: int) -> str:
    """A shard of the index of sockets to look at."""
    return f"watch#{shard}"
