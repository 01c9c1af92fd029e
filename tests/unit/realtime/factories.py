"""Transcodes that are told of, and who listens."""

import time
from typing import Any

from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.realtime import history
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.messages import system_message
from videosite.realtime.tickets import Bearer
from videosite.store.tables import (
    Job,
    Message,
    Progress,
    SocketConnection,
    User,
    Video,
    job_item,
    progress_item,
)

NOW_S = 1_760_092_200.0
"""2025-10-10T10:30:00Z"""
LIFE_S = 24 * 3600.0


def make_transcode(video_id: int = 7, **values: Any) -> Job:
    """A job of Ada's 10 s clip with ranges 3 of 5 done; `values` change it."""
    video = make_video(video_id, owner_id="ada", title="示例视频")
    job = {
        "created_at_s": time.time(),
        "updated_at_s": time.time(),
        "plan": make_plan(seconds=10).to_dict(),
        "open_tasks": {"h264": 2, "audio": 0, "image": 0},
        "total_tasks": 5,
        "done_tasks": 3,
        **values,
    }
    return make_job(video, **job)


def publish(video_id: int, at_s: float | None = None, run: int = 1, **sizes: int) -> None:
    """Let codecs be published: `h264=1234`."""
    at_s = time.time() if at_s is None else at_s
    for codec, size_bytes in sizes.items():
        job = Job.get(video_id, job_item(1))
        job.update(
            [
                Job.published.set(job.published.as_dict() | {codec: size_bytes}),
                Job.published_run.set(job.published_run.as_dict() | {codec: run}),
                Job.published_at_s.set(job.published_at_s.as_dict() | {codec: at_s}),
            ]
        )


def end(video_id: int, status: str, run: int = 1, at_s: float | None = None, **values: Any) -> None:
    """End a transcode, its video with it."""
    job = Job.get(video_id, job_item(1))
    job.update(
        [
            Job.status.set(status),
            Job.run.set(run),
            Job.updated_at_s.set(time.time() if at_s is None else at_s),
            Job.open_tasks.set({"h264": 0, "audio": 0, "image": 0}),
            *[getattr(Job, name).set(value) for name, value in values.items()],
        ]
    )
    Video(video_id).update([Video.status.set(status)])


def encode_frames(video_id: int, **parts: int) -> None:
    """Frames encoded so far, per task: `h264_000000=50`."""
    named = {name.replace("_", "#", 1): units for name, units in parts.items()}
    Progress(video_id, progress_item(1), parts=named, updated_at_s=2.0).save()


def open_socket(
    connection_id: str, user_id: str = "ada", scope: str = "user", role: str = "creator", at_s: float = NOW_S
) -> SocketConnection:
    """A stored socket, of a token that outlives it."""
    connect(connection_id, Bearer(user_id, role, at_s + LIFE_S), scope, 100, at_s)
    connection = ConnectionManager().load(connection_id, at_s)
    assert connection is not None
    return connection


def connect(
    connection_id: str, bearer: Bearer, scope: str = "user", limit: int = 9, now_s: float = NOW_S
) -> None:
    """Store a socket of somebody whose account is as the bearer says."""
    User(bearer.user_id).update(
        [
            User.role.set(bearer.role),
            User.state.set("active"),
            User.token_version.set(bearer.token_version),
        ]
    )
    ConnectionManager().connect(connection_id, bearer, scope, limit, now_s)


def stored_messages(channel: str) -> list[dict[str, Any]]:
    """Bodies of a channel's messages, in order."""
    return [row.body for row in Message.query(channel, Message.seq > 0)]


def store_messages(channel: str, first: int, end: int, now_s: float) -> None:
    """Store system messages e{first} … e{end - 1} on a channel."""
    for number in range(first, end):
        frame = system_message(f"e{number}", f"text {number}", "info", now_s, now_s + 600)
        history.append(frame, [channel], now_s)
