"""The frames clients get: what is in each kind. Pure; where they go is somebody else's concern.

A frame becomes what is sent by `addressed`, which adds `channel` and, for stored ones, `seq`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from videosite.pipeline.snapshot import iso_time
from videosite.realtime.texts import DEFAULT_LANGUAGE, Params, render
from videosite.store.tables import Job

Level = Literal["info", "warning", "error"]


class TranscodeProgress(TypedDict):
    """The newest state of a transcode, nothing older. With status `cancelled` it is an end."""

    type: Literal["transcode_progress"]
    id: str
    """The same on every channel, for dropping repeats."""
    video_id: int
    generation: int
    run: int
    """Grows with each cancel and retry of a generation; within a run `progress` only grows."""
    status: Literal["pending", "processing", "completed", "failed", "cancelled", "deleting"]
    progress: int
    """Whole percent."""
    message: str
    code: str
    """What `message` says, for the reader's own words; `params` are its parameters."""
    params: Params
    text: Mapping[str, str]
    """`message` by language."""
    error: Mapping[str, str] | None
    renditions: list[dict[str, Any]]
    """As in the transcode-status document."""
    timestamp: str
    """When this state was reached."""


class TranscodeComplete(TypedDict):
    """One codec can be played. Stored."""

    type: Literal["transcode_complete"]
    id: str
    video_id: int
    generation: int
    run: int
    """Of the job that ended: grows with each cancel and retry."""
    title: str
    format_type: str
    """h264 | av1"""
    file_size: int
    """Bytes of the codec's renditions, audio included."""
    final: bool
    """True on the last codec: the transcode has ended."""
    message: str
    code: str
    params: Params
    text: Mapping[str, str]
    timestamp: str


class TranscodeFailed(TypedDict):
    """The transcode ended without a result. Stored."""

    type: Literal["transcode_failed"]
    id: str
    video_id: int
    generation: int
    run: int
    """Of the job that ended: grows with each cancel and retry."""
    title: str
    error: str
    """A sentence."""
    code: str
    """Stable name of the error."""
    params: Params
    timestamp: str


class SystemMessage(TypedDict):
    """Something an operator says. Stored."""

    type: Literal["system_message"]
    id: str
    message: str
    level: Level
    code: str
    params: Params
    timestamp: str
    text: NotRequired[Mapping[str, str]]
    """`message` by language, where it is the platform's own."""
    expires_at: str
    """From then on it need not be shown any more."""


class Pong(TypedDict):
    """The answer to a ping."""

    type: Literal["pong"]
    timestamp: str
    expires_at: str
    """When the socket will be closed, unless it is refreshed."""


class Unsubscribed(TypedDict):
    """A video is heard no more: the answer to an unsubscribe, or to a refresh by which that may not be heard.

    A subscribe is answered with the video's newest progress.
    """

    type: Literal["unsubscribed"]
    video_id: int
    channel: str


class Refreshed(TypedDict):
    """The answer to a refresh. Before it come `unsubscribed` of videos that its token may not hear."""

    type: Literal["refreshed"]
    expires_at: str


class Resumed(TypedDict):
    """A part of the answer to a resume, of one channel."""

    type: Literal["resumed"]
    channel: str
    recovered: bool
    """Whether nothing is missing. If false there are no messages: read the state instead."""
    seq: int
    """The channel's position after this frame."""
    messages: list[dict[str, Any]]
    """Stored frames, in order."""
    more: bool
    """Whether another part follows."""


class Read(TypedDict):
    """The answer to a read."""

    type: Literal["read"]
    unread: int
    """Notifications that are left unread."""


class Error(TypedDict):
    """What the client sent could not be done."""

    type: Literal["error"]
    code: str
    message: str
    action: str | None
    """The action asked for, if that much was understood."""


class Addressed(TypedDict):
    """What `addressed` adds to the four kinds that are sent to channels."""

    channel: str
    """The channel it was sent to: `user#…`, `video#…`, `admin` or `all`."""
    seq: NotRequired[int]
    """Of stored ones: the number in the channel, without gaps."""


Stored = TranscodeProgress | TranscodeComplete | TranscodeFailed | SystemMessage
Frame = Stored | Pong | Unsubscribed | Refreshed | Resumed | Read | Error


def transcode_progress(status: Mapping[str, Any], run: int, code: str, params: Params) -> TranscodeProgress:
    """From a transcode-status document. The same state gives the same `id`, so that clients drop repeats."""
    text = render(code, params)
    state = json.dumps([status, run, code, params], sort_keys=True).encode()
    digest = hashlib.blake2b(state, digest_size=8).hexdigest()
    return {
        "type": "transcode_progress",
        "id": f"{status['video_id']}.{status['generation']}.{run}.progress.{digest}",
        "video_id": status["video_id"],
        "generation": status["generation"],
        "run": run,
        "status": status["status"],
        "progress": status["progress"],
        "message": text[DEFAULT_LANGUAGE],
        "code": code,
        "params": params,
        "text": text,
        "error": status["error"],
        "renditions": status["renditions"],
        "timestamp": status["updated_at"],
    }


def transcode_complete(event_id: str, job: Job, codec: str, final: bool, now_s: float) -> TranscodeComplete:
    """A codec of a job was published."""
    text = render("completed", {})
    return {
        "type": "transcode_complete",
        "id": event_id,
        "video_id": job.video_id,
        "generation": job.generation,
        "run": job.run,
        "title": job.title,
        "format_type": codec,
        "file_size": job.published.as_dict()[codec],
        "final": final,
        "message": text[DEFAULT_LANGUAGE],
        "code": "completed",
        "params": {},
        "text": text,
        "timestamp": iso_time(now_s),
    }


def transcode_failed(event_id: str, job: Job, now_s: float) -> TranscodeFailed:
    """A run of a job failed."""
    return {
        "type": "transcode_failed",
        "id": event_id,
        "video_id": job.video_id,
        "generation": job.generation,
        "run": job.run,
        "title": job.title,
        "error": job.error_message or "The transcode failed.",
        "code": job.error_code or "failed",
        "params": {},
        "timestamp": iso_time(now_s),
    }


def system_message(
    event_id: str, message: str, level: Level, starts_at_s: float, ends_at_s: float
) -> SystemMessage:
    """An operator's own words, so there is no code to translate them by."""
    return {
        "type": "system_message",
        "id": event_id,
        "message": message,
        "level": level,
        "code": "announcement",
        "params": {},
        "timestamp": iso_time(starts_at_s),
        "expires_at": iso_time(ends_at_s),
    }


def webhook_disabled(event_id: str, host: str, now_s: float, ends_at_s: float) -> SystemMessage:
    """A webhook to `host` was switched off, which its owner is told."""
    params = {"host": host}
    text = render("webhook_disabled", params)
    frame = system_message(event_id, text[DEFAULT_LANGUAGE], "warning", now_s, ends_at_s)
    return {**frame, "code": "webhook_disabled", "params": params, "text": text}


def pong(now_s: float, ends_at_s: float) -> Pong:
    """Proof that the socket and the functions behind it work."""
    return {"type": "pong", "timestamp": iso_time(now_s), "expires_at": iso_time(ends_at_s)}


def unsubscribed(video_id: int, channel: str) -> Unsubscribed:
    """The channel is heard no more."""
    return {"type": "unsubscribed", "video_id": video_id, "channel": channel}


def refreshed(ends_at_s: float) -> Refreshed:
    """The socket lives longer."""
    return {"type": "refreshed", "expires_at": iso_time(ends_at_s)}


def resumed(
    channel: str, seq: int, recovered: bool, messages: Sequence[dict[str, Any]] = (), more: bool = False
) -> Resumed:
    """What a channel's listener missed, or that it cannot be had."""
    return {
        "type": "resumed",
        "channel": channel,
        "recovered": recovered,
        "seq": seq,
        "messages": list(messages),
        "more": more,
    }


def read(unread: int) -> Read:
    """Notifications were marked as read."""
    return {"type": "read", "unread": unread}


def error(code: str, message: str, action: str | None = None) -> Error:
    """Why a client's message was not followed."""
    return {"type": "error", "code": code, "message": message, "action": action}


def addressed(frame: Mapping[str, Any], channel: str, seq: int | None = None) -> dict[str, Any]:
    """The frame as a channel's listeners get it."""
    return {**frame, "channel": channel} if seq is None else {**frame, "channel": channel, "seq": seq}


def encode(frame: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON without spaces. Half a surrogate pair, which a client may have sent, becomes a "?"."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
