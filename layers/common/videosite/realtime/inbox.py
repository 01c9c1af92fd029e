"""What a client says, and the frame it gets for an answer."""

import json
from collections.abc import Mapping
from typing import Any

from videosite.errors import BadInputError, ConflictError, NotFoundError, VideoSiteError
from videosite.log import logger
from videosite.pipeline import jobs
from videosite.realtime import messages
from videosite.realtime.channels import may_subscribe, video_channel
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.messages import addressed
from videosite.realtime.snapshots import load_snapshot
from videosite.store.tables import SocketConnection

MAX_BYTES = 4096
"""Of a client's message; the longest sensible one has 60."""
ACTIONS = ("subscribe", "unsubscribe", "ping")


def answer(connection_id: str, body: object, now_s: float) -> Mapping[str, Any]:
    """Do what a client asks; returns the frame to send back, which says so if it cannot be done."""
    action = None
    try:
        document = parse(body)
        action = document["action"]
        if action == "ping":
            return messages.pong(now_s)
        return _follow(connection_id, action, _video_id(document), now_s)
    except VideoSiteError as error:
        return messages.error(error.code, error.message, action)
    except Exception:
        logger.exception("message not followed", extra={"connection_id": connection_id})
        return messages.error("internal_error", "Something went wrong; try again.", action)


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
    if document.get("action") not in ACTIONS:
        raise BadInputError("unknown_action", f"The actions are {', '.join(ACTIONS)}.")
    return document


def _video_id(document: Mapping[str, Any]) -> int:
    """The video a document names.

    Raises:
        BadInputError: `bad_video_id`.
    """
    video_id = document.get("video_id")
    # JSON's true is an int for Python.
    if not isinstance(video_id, int) or isinstance(video_id, bool) or not 0 < video_id < 2**53:
        raise BadInputError("bad_video_id", "video_id is the number of a video.")
    return video_id


def _follow(connection_id: str, action: str, video_id: int, now_s: float) -> Mapping[str, Any]:
    manager = ConnectionManager()
    connection = manager.load(connection_id, now_s)
    if connection is None:
        raise ConflictError("not_connected", "This socket is not known; connect again.")
    channel = video_channel(video_id)
    if action == "unsubscribe":
        manager.unsubscribe(connection, channel)
        return messages.unsubscribed(video_id, channel)
    _check_may_subscribe(video_id, connection)
    # In this order nothing is missed: what changes after the snapshot was read is sent to the channel.
    manager.subscribe(connection, channel, now_s)
    return addressed(load_snapshot(jobs.load_video(video_id)), channel)


def _check_may_subscribe(video_id: int, connection: SocketConnection) -> None:
    video = jobs.load_video(video_id)
    if not may_subscribe(video, connection.user_id, connection.role):
        # The same as if there were none: who may not see it need not know.
        raise NotFoundError("video_not_found", "There is no such video.")
