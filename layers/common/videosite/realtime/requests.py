"""What a client may say: the frames of each action, for those who write clients.

`inbox.py` checks them one by one, since what comes is not to be trusted; the client's types and the
documentation's tables are generated from these.
"""

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict, TypeGuard


class Subscribe(TypedDict):
    """Hear a video's channel; answered with its newest `transcode_progress`."""

    action: Literal["subscribe"]
    video_id: int


class Unsubscribe(TypedDict):
    """Hear a video's channel no more; answered with `unsubscribed`."""

    action: Literal["unsubscribe"]
    video_id: int


class Resume(TypedDict):
    """Ask for what was missed; answered with `resumed`, one or more per channel."""

    action: Literal["resume"]
    positions: Mapping[str, int | None]
    """Channel to `seq` of the last message seen; null where none is known."""


class MarkRead(TypedDict):
    """Mark notifications as read; answered with `read`. One of the two fields."""

    action: Literal["read"]
    ids: NotRequired[list[str]]
    """Up to 50 `id`s of stored messages."""
    all: NotRequired[Literal[True]]


class Refresh(TypedDict):
    """Let the socket live as long as a newer token; answered with `refreshed`."""

    action: Literal["refresh"]
    token: str
    """An access token or a ticket of the same user."""


class Ping(TypedDict):
    """Answered with `pong`. The bare text `ping` is the same."""

    action: Literal["ping"]


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Whether something from a client's JSON is a whole number that JavaScript reads exactly."""
    # JSON's true is an int for Python.
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**53


Request = Subscribe | Unsubscribe | Resume | MarkRead | Refresh | Ping
