"""What a client says, and the frames it gets for an answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.errors import BadInputError, ForbiddenError, NotFoundError, VideoSiteError
from videosite.log import logger
from videosite.pipeline import jobs
from videosite.realtime import channels, messages, notices
from videosite.realtime.connections import CLOSE_FROM, MAX_CHANNELS, ConnectionManager, not_connected
from videosite.realtime.messages import addressed
from videosite.realtime.replay import replay
from videosite.realtime.requests import is_whole
from videosite.realtime.snapshots import load_snapshot
from videosite.store.tables import SocketConnection

MAX_BYTES = 4096
"""Of a client's message; the longest sensible ones name 50 channels or hold a token."""
MAX_IDS = 50
"""Notifications marked as read by one message."""
MAX_ID_CHARACTERS = 200
"""Of an id, as over HTTP: it is part of a key, which may have 2,048 bytes."""
PER_MINUTE = 120
"""Messages of one socket that are followed; of more the first is answered with an error."""

Frames = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reply:
    """What a client is answered, in order, and whether its socket is closed then."""

    frames: Frames
    closes: bool = False
    action: str | None = None
    """What was asked for, if that much was understood."""


def answer(connection_id: str, body: object, now_s: float) -> Reply:
    """Do what a client asks; the frames to send back say so if it cannot be done."""
    try:
        connection = ConnectionManager().hear(connection_id, now_s)
    except Exception:
        logger.exception("message not heard", extra={"connection_id": connection_id})
        return Reply([messages.error("internal_error", "Something went wrong; try again.")])
    if connection is None:
        error = not_connected()
        return Reply([messages.error(error.code, error.message)], closes=True)
    if connection.said > PER_MINUTE:
        return _too_many(connection)
    return _follow(connection, body, now_s)


def _too_many(connection: SocketConnection) -> Reply:
    """One error, then silence, then the end: answering a flood would be another one."""
    if connection.said == PER_MINUTE + 1:
        return Reply([messages.error("rate_limited", f"At most {PER_MINUTE} messages a minute.")])
    return Reply([], closes=connection.said >= CLOSE_FROM)


def _follow(connection: SocketConnection, body: object, now_s: float) -> Reply:
    action: str | None = None
    try:
        document = parse(body)
        action = document["action"]
        frames = ACTIONS[document["action"]](connection, document, now_s)
    except VideoSiteError as error:
        frames = [messages.error(error.code, error.message, action)]
    except Exception:
        logger.exception("message not followed", extra={"connection_id": connection.connection_id})
        frames = [messages.error("internal_error", "Something went wrong; try again.", action)]
    return Reply(frames, action=action)


def parse(body: object) -> dict[str, Any]:
    """The document in a frame's text, with a known `action`. A bare `ping` is one, too.

    Raises:
        BadInputError: `too_large`, `bad_json`, `unknown_action`.
    """
    text = body if isinstance(body, str) else ""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadInputError("too_large", f"A message has at most {MAX_BYTES} bytes.")
    if text.strip() == "ping":
        return {"action": "ping"}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInputError("bad_json", "A message is a JSON object.") from None
    if not isinstance(document, dict):
        raise BadInputError("bad_json", "A message is a JSON object.")
    action = document.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise BadInputError("unknown_action", f"The actions are {', '.join(ACTIONS)}.")
    return document


# --- actions ----------------------------------------------------------------------------------------


def _subscribe(connection: SocketConnection, document: Mapping[str, Any], now_s: float) -> Frames:
    video_id = _video_id(document)
    channel = channels.video_channel(video_id)
    _check_may_hear(video_id, connection)
    # In this order nothing is missed: what changes after the snapshot was read is sent to the channel.
    ConnectionManager().subscribe(connection, channel, now_s)
    return [addressed(load_snapshot(jobs.load_video(video_id)), channel)]


def _unsubscribe(connection: SocketConnection, document: Mapping[str, Any], _: float) -> Frames:
    video_id = _video_id(document)
    channel = channels.video_channel(video_id)
    ConnectionManager().unsubscribe(connection, channel)
    return [messages.unsubscribed(video_id, channel)]


def _resume(connection: SocketConnection, document: Mapping[str, Any], now_s: float) -> Frames:
    positions = document.get("positions")
    if not isinstance(positions, dict) or not 0 < len(positions) <= MAX_CHANNELS:
        raise BadInputError("bad_positions", "positions is an object: channel to seq of the last one seen.")
    for channel, seq in positions.items():
        if seq is not None and not is_whole(seq, 0):
            raise BadInputError("bad_positions", "A position is a seq, or null where none is known.")
        _check_hears(channel, connection)
    return list(replay(positions, now_s))


def _read(connection: SocketConnection, document: Mapping[str, Any], now_s: float) -> Frames:
    ids, who = document.get("ids"), (connection.user_id, connection.role)
    if document.get("all") is True:
        return [messages.read(notices.mark_all_read(*who, now_s))]
    if not isinstance(ids, list) or not 0 < len(ids) <= MAX_IDS or not all(map(_may_be_id, ids)):
        raise BadInputError("bad_ids", f"ids is a list of up to {MAX_IDS} ids of messages; or all is true.")
    return [messages.read(notices.mark_read(*who, ids, now_s))]


def _may_be_id(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_ID_CHARACTERS


def _refresh(connection: SocketConnection, document: Mapping[str, Any], now_s: float) -> Frames:
    # Only this action reads tokens; the others start sooner without them.
    from videosite.realtime.tickets import identify

    token = document.get("token")
    if not isinstance(token, str):
        raise BadInputError("bad_token", "token is an access token or a ticket.")
    bearer = identify(token, connection.connection_id, now_s)
    # Another role might not hear all that this socket hears: it ends, and the next one begins with that role.
    if (bearer.user_id, bearer.role) != (connection.user_id, connection.role):
        raise ForbiddenError("forbidden", "This token is not for this socket.")
    # The role may be the same and may do less.
    if not channels.may_use(connection.scope, bearer.role):
        raise ForbiddenError("forbidden", "This address is for admins.")
    dropped = _drop_others_videos(connection)
    return [*dropped, messages.refreshed(ConnectionManager().refresh(connection, bearer, now_s))]


def _drop_others_videos(connection: SocketConnection) -> Frames:
    """Let a socket hear no video any more that it might not subscribe to now: fan-out asks nobody."""
    dropped: list[messages.Unsubscribed] = []
    if channels.may_subscribe_to_any(connection.role):
        return dropped
    for key in sorted(connection.channels or ()):
        channel = key.rpartition("#")[0]
        video_id = channels.video_of(channel)
        if video_id is None:
            continue
        try:
            _check_may_hear(video_id, connection)
        except NotFoundError:
            ConnectionManager().unsubscribe(connection, channel)
            connection.channels.discard(key)
            dropped.append(messages.unsubscribed(video_id, channel))
    return dropped


def _ping(connection: SocketConnection, _: Mapping[str, Any], now_s: float) -> Frames:
    return [messages.pong(now_s, connection.ends_at_s)]


Action = Callable[[SocketConnection, Mapping[str, Any], float], Frames]

ACTIONS: Mapping[str, Action] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "resume": _resume,
    "read": _read,
    "refresh": _refresh,
    "ping": _ping,
}


# --- checks -----------------------------------------------------------------------------------------


def _video_id(document: Mapping[str, Any]) -> int:
    """The video a document names.

    Raises:
        BadInputError: `bad_video_id`.
    """
    video_id = document.get("video_id")
    if not is_whole(video_id, 1):
        raise BadInputError("bad_video_id", "video_id is the number of a video.")
    return video_id


def _check_hears(channel: str, connection: SocketConnection) -> None:
    """Whether a channel is the socket's own, or subscribed to and still allowed.

    Raises:
        ForbiddenError: `not_subscribed`.
        NotFoundError: `video_not_found`.
    """
    if channels.shard(channel, connection.connection_id) not in (connection.channels or ()):
        raise ForbiddenError("not_subscribed", f"This socket does not hear {channel[:80]}.")
    video_id = channels.video_of(channel)
    if video_id is not None:
        _check_may_hear(video_id, connection)


def _check_may_hear(video_id: int, connection: SocketConnection) -> None:
    video = jobs.load_video(video_id)
    if not channels.may_subscribe(video, connection.user_id, connection.role):
        # The same as if there were none: who may not see it need not know.
        raise NotFoundError("video_not_found", "There is no such video.")
