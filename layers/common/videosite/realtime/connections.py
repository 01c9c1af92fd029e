"""Who is connected, and what they hear."""

from pynamodb.expressions.condition import size
from pynamodb.transactions import TransactWrite

from videosite.errors import ConflictError
from videosite.realtime import channels
from videosite.store.tables import SocketConnection, Subscription
from videosite.store.transactions import applied, commit

SOCKET_LIFE_S = 2 * 3600 + 600
"""API Gateway closes a socket after two hours; the rest is slack."""
HANDSHAKE_S = 30
"""A socket is not open before $connect answered (29 s at most), yet its row is there: posts get 410."""
MAX_CHANNELS = 50
"""Channels of one socket, its own two included."""
_CLOSED_S = 60
"""How far back a closed connection's expiry is put: more than clocks of two workers differ."""


class ConnectionManager:
    """Sockets and their subscriptions, as rows. Every method may be repeated."""

    def connect(self, connection_id: str, user_id: str, role: str, scope: str, now_s: float) -> None:
        """Store a socket with the channels it hears without asking.

        Raises:
            RetryableError: `table_busy`.
        """
        expires_at_s = now_s + SOCKET_LIFE_S
        keys = [channels.shard(name, connection_id) for name in channels.home_channels(scope, user_id)]
        connection = SocketConnection(
            connection_id,
            user_id=user_id,
            role=role,
            scope=scope,
            channels=set(keys),
            connected_at_s=now_s,
            expires_at_s=expires_at_s,
        )

        def save_all(write: TransactWrite) -> None:
            # Not over a row that is there: what the socket subscribed to since a first $connect must stay.
            write.save(connection, condition=SocketConnection.connection_id.does_not_exist())
            for key in keys:
                write.save(Subscription(key, connection_id, expires_at_s=expires_at_s))

        commit(save_all)

    def load(self, connection_id: str, now_s: float) -> SocketConnection | None:
        """An open socket, or None if it is not known (any more)."""
        try:
            connection = SocketConnection.get(connection_id, consistent_read=True)
        except SocketConnection.DoesNotExist:
            return None
        return connection if connection.expires_at_s > now_s else None

    def subscribe(self, connection: SocketConnection, channel: str, now_s: float) -> None:
        """Let a socket hear a channel; whether it may is the caller's question.

        Raises:
            ConflictError: `not_connected`, the socket closed meanwhile; `too_many_subscriptions`.
            RetryableError: `table_busy`.
        """
        key = channels.shard(channel, connection.connection_id)
        room = SocketConnection.channels.contains(key) | (size(SocketConnection.channels) < MAX_CHANNELS)
        subscription = Subscription(key, connection.connection_id, expires_at_s=connection.expires_at_s)

        def add(write: TransactWrite) -> None:
            write.save(subscription)
            write.update(
                SocketConnection(connection.connection_id),
                actions=[SocketConnection.channels.add({key})],
                condition=(SocketConnection.expires_at_s > now_s) & room,
            )

        if not commit(add):
            return
        if self.load(connection.connection_id, now_s) is None:
            raise ConflictError("not_connected", "This socket is not known; connect again.")
        raise ConflictError("too_many_subscriptions", "Unsubscribe from something first.")

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

    def disconnect(self, connection_id: str, now_s: float) -> bool:
        """Forget a socket that closed; False if it was forgotten before.

        First the row is marked as expired, which keeps a subscription that is under way from being
        added to it, and says which ones there are.
        """
        connection = SocketConnection(connection_id)
        known = applied(
            lambda: connection.update(
                actions=[SocketConnection.expires_at_s.set(now_s - _CLOSED_S)],
                condition=SocketConnection.connection_id.exists(),
            )
        )
        if not known:
            return False
        with Subscription.batch_write() as batch:
            for key in sorted(connection.channels or ()):
                batch.delete(Subscription(key, connection_id))
        connection.delete()
        return True

    def forget_gone(self, connection_id: str, channel: str, now_s: float) -> bool:
        """Forget a socket that a post to a channel did not reach (410), unless it is still being opened."""
        try:
            connection = SocketConnection.get(connection_id, consistent_read=True)
        except SocketConnection.DoesNotExist:
            Subscription(channels.shard(channel, connection_id), connection_id).delete()
            return True
        if connection.connected_at_s > now_s - HANDSHAKE_S:
            return False
        return self.disconnect(connection_id, now_s)

    def listeners(self, channel: str, now_s: float) -> list[str]:
        """Connection ids of the sockets that hear a channel."""
        return [
            subscription.connection_id
            for key in channels.shards(channel)
            for subscription in Subscription.query(key, consistent_read=True)
            if subscription.expires_at_s > now_s
        ]
