"""Messages and subscriptions of what is no more. The other messages of a channel keep their numbers; who
resumes over the gap reads the state instead."""

import time
from collections.abc import Sequence
from typing import Any

from videosite.realtime import history, notices
from videosite.realtime.channels import shards
from videosite.realtime.connections import ConnectionManager
from videosite.store.tables import Message, SocketConnection, Subscription


def forget_subscriptions(channel: str) -> None:
    """Let no socket hear a channel any more."""
    manager = ConnectionManager()
    for shard in shards(channel):
        for found in Subscription.query(shard, consistent_read=True):
            manager.unsubscribe(SocketConnection(found.connection_id), channel)


def stored_frames(channel: str) -> list[dict[str, Any]]:
    """Every message that is stored on a channel."""
    rows = Message.query(channel, Message.seq > history.COUNTER_SEQ, consistent_read=True)
    return [row.body for row in rows]


def forget_events(user_id: str, frames: Sequence[dict[str, Any]]) -> None:
    """Take events off every channel but the one they are about, which says which there were.

    To `user_id`, whose notifications they are, they count as read.
    """
    # One that was told by a straggler after the first time is stored twice.
    ids = {str(frame["id"]) for frame in frames}
    if not ids:
        return
    notices.mark_read(user_id, "viewer", ids, time.time())
    own = {frame["channel"] for frame in frames}
    places = [place for found in history.positions(ids) for place in found.items() if place[0] not in own]
    with Message.batch_write() as batch:
        for channel, seq in places:
            batch.delete(Message(channel, seq))
    with Message.batch_write() as batch:
        for event_id in ids:
            batch.delete(Message(history.event_key(event_id), history.COUNTER_SEQ))


def forget_channel(channel: str) -> None:
    """Remove a channel's messages and its counter."""
    with Message.batch_write() as batch:
        for row in Message.query(channel, consistent_read=True):
            batch.delete(row)
