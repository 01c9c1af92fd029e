"""Sockets, what they hear, and what was said."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from videosite.store.tables.base import ExpiryAttribute, IntegerAttribute, Table


class Ticket(Table):
    """Opens one socket, within a minute. Stored by the SHA-256 of its secret."""

    class Meta:
        name = "tickets"
        table_name = ""

    ticket_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    until_s = NumberAttribute()
    """When the access token ends that it was given for."""
    token_version = IntegerAttribute(default=0)
    """The access token's."""
    used_by = UnicodeAttribute(null=True)
    """The connection it was used by."""
    expires_at_s = ExpiryAttribute()


class ConnectionsByDeadline(GlobalSecondaryIndex["SocketConnection"]):
    """Open sockets, by when housekeeping should look at them. `watch` is cut into shards."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class SocketConnection(Table):
    """One open WebSocket."""

    class Meta:
        name = "connections"
        table_name = ""

    connection_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    scope = UnicodeAttribute()
    """user | admin: the address it came in by"""
    channels = UnicodeSetAttribute(null=True)
    """`channel_shard`s it is subscribed to, so that closing needs no search."""
    connected_at_s = NumberAttribute()
    ends_at_s = NumberAttribute(default=0)
    """The end of its token, with grace: from then on it hears nothing and is not listened to."""
    minute = IntegerAttribute(default=0)
    """The minute (Unix time / 60) of its newest message."""
    said = IntegerAttribute(default=0)
    """Messages in that minute."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)
    expires_at_s = ExpiryAttribute()
    """Time-to-live's, long after housekeeping's turn."""

    by_deadline = ConnectionsByDeadline()


class Subscription(Table):
    """One connection's interest in one channel, in one of the channel's shards."""

    class Meta:
        name = "subscriptions"
        table_name = ""

    channel_shard = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    expires_at_s = ExpiryAttribute()


class _PresenceTable(Table):
    class Meta:
        name = "presence"
        table_name = ""

    item = UnicodeAttribute(hash_key=True)


class Presence(_PresenceTable):
    """The open sockets of one user by one address: item `{scope}#{user_id}`. Gone with the last of them."""

    class Meta:
        name = "presence"
        table_name = ""

    sockets = UnicodeSetAttribute(null=True)
    """Connection ids."""


class SocketCount(_PresenceTable):
    """One shard of the number of sockets: item `count#{shard}`."""

    class Meta:
        name = "presence"
        table_name = ""

    users = IntegerAttribute(default=0)
    """Distinct users on the user address."""
    user_connections = IntegerAttribute(default=0)
    admin_connections = IntegerAttribute(default=0)


class _MessagesTable(Table):
    class Meta:
        name = "messages"
        table_name = ""

    channel = UnicodeAttribute(hash_key=True)
    seq = IntegerAttribute(range_key=True)


class Message(_MessagesTable):
    """A stored message (seq ≥ 1), a channel's counter (seq 0) or a dedupe item (channel `event#{id}`)."""

    class Meta:
        name = "messages"
        table_name = ""

    kind = UnicodeAttribute()
    """message | counter | event"""
    last_seq = IntegerAttribute(null=True)
    """On a counter: the newest seq given out."""
    event_id = UnicodeAttribute(null=True)
    positions: MapAttribute[str, int] = MapAttribute(default=dict)
    """On a dedupe item: channel → seq of the event's message there."""
    body = JSONAttribute(null=True)
    """On a message: the frame sent to clients."""
    expires_at_s = ExpiryAttribute(null=True)


class ReadMarks(_MessagesTable):
    """What one user has read: channel `read#{user_id}`, seq 0."""

    class Meta:
        name = "messages"
        table_name = ""

    marks = JSONAttribute(default=dict)
    """Channel → {"upto", "also"}, see `videosite.realtime.marks`."""
    version = IntegerAttribute(default=0)
    """Grows with each change, which is conditional on it."""


class Announcement(_MessagesTable):
    """A system message with its schedule: channel `announcements`, seq its id."""

    class Meta:
        name = "messages"
        table_name = ""

    kind = UnicodeAttribute(default="announcement")
    text = UnicodeAttribute()
    level = UnicodeAttribute()
    """info | warning | error"""
    audience = UnicodeAttribute()
    """all | admins | user"""
    user_id = UnicodeAttribute(null=True)
    """With audience user: who."""
    starts_at_s = NumberAttribute()
    ends_at_s = NumberAttribute()
    sent = BooleanAttribute(default=False)
    """Whether it was stored as a message, at its start."""
    created_at_s = NumberAttribute()
    expires_at_s = ExpiryAttribute()
