"""Stored messages as events: which kind, under which id, and whose webhooks get them. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from videosite.realtime import channels
from videosite.realtime.messages import encode

TYPES = ("transcode_complete", "transcode_failed", "transcode_cancelled", "system_message")
"""What a webhook may ask for."""
TEST = "webhook_test"
"""What it gets when a test is asked for, whatever it asked for otherwise."""

GLOBAL = "global"
"""Owner of the webhooks that get everybody's events; no user's id is that short."""
EVERYBODY = "*"
"""Stands for all owners."""


@dataclass(frozen=True)
class Event:
    """What is sent: the same to every webhook, and the same each time."""

    message_id: str
    """`webhook-id`: receivers drop repeats by it. Sorts by time."""
    type: str
    """One of `TYPES`, or `TEST`."""
    body: str
    """JSON: the frame as sockets get it, without its place in a channel."""


def event_of(frame: Mapping[str, Any]) -> Event:
    """The event of a stored frame; one event on several channels gives the same."""
    body = {name: value for name, value in frame.items() if name not in ("channel", "seq")}
    seconds = int(datetime.fromisoformat(frame["timestamp"]).timestamp())
    digest = hashlib.blake2b(frame["id"].encode(), digest_size=8).hexdigest()
    # Without a full stop, which separates the parts of what is signed.
    return Event(f"msg_{seconds:08x}{digest}", _type(frame), encode(body).decode())


def _type(frame: Mapping[str, Any]) -> str:
    # Of progress only cancels are stored.
    return "transcode_cancelled" if frame["type"] == "transcode_progress" else str(frame["type"])


def audience(channel: str, frame: Mapping[str, Any]) -> tuple[str, ...]:
    """The owners whose webhooks get a message of a channel.

    An event is stored on several channels: a transcode's on its owner's and the admins'. Each owner gets
    it from one of them.
    """
    if channel == channels.ALL:
        return (EVERYBODY,)
    if channel == channels.ADMIN:
        return (GLOBAL,)
    user_id = channels.user_of(channel)
    if user_id is None:
        return ()
    return (user_id, GLOBAL) if frame["type"] == "system_message" else (user_id,)
