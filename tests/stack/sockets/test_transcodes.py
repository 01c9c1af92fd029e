"""What sockets hear of transcodes, and who hears it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.functions.events import job_record, stream_event
from tests.media.clips import bunny
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site, Socket
from tests.unit.pipeline.conftest import make_job, make_video
from videosite import ids
from videosite.store.tables import Video

VIDEOS = 16
PARALLEL = 8


def test_owner_and_admin_hear_of_it_and_others_do_not(admin: Site, creator: Site, viewer: Site) -> None:
    with (
        creator.socket() as own,
        admin.socket("ws/admin") as console,
        viewer.socket() as stranger,
    ):
        video_id = creator.upload(bunny(), "Bunny")
        for socket in (own, console):
            done = socket.until("transcode_complete")
            assert (done["video_id"], done["title"], done["format_type"]) == (video_id, "Bunny", "h264")
            assert done["final"] is True
            assert done["file_size"] > 1_000_000
            assert done["seq"] >= 1
            progress = [
                frame["progress"]
                for frame in socket.frames
                if frame["type"] == "transcode_progress" and frame["video_id"] == video_id
            ]
            assert progress == sorted(progress)
            assert len(set(progress)) >= 4
            state = socket.ask({"action": "subscribe", "video_id": video_id}, "transcode_progress")
            assert (state["channel"], state["status"], state["progress"]) == (
                f"video#{video_id}", "completed", 100,
            )  # fmt: skip
        stranger.drain(1)
        assert not [frame for frame in stranger.frames if frame["type"].startswith("transcode")]


def test_a_refused_upload_is_announced(creator: Site, tmp_path: Path) -> None:
    file = tmp_path / "text.mp4"
    file.write_text("no video")
    with creator.socket() as socket:
        video_id = creator.upload(file)
        failed = socket.until("transcode_failed", 15)
    assert (failed["video_id"], failed["code"]) == (video_id, "unreadable")


# --- many at once -------------------------------------------------------------------------------------


@pytest.fixture
def failed_videos(stack: RunningStack, creator: Site, viewer: Site) -> Iterator[dict[int, str]]:
    """Videos of two users whose transcodes have failed, and their owners. Nobody is told of it yet: they
    wait for a generation that is not there."""
    owners = [site.get("users/me")["user_id"] for site in (creator, viewer)]
    now_ms = int(time.time() * 1000)
    videos = {ids.video_id(now_ms, number): owners[number % 2] for number in range(VIDEOS)}
    with inside(stack):
        for video_id, owner_id in videos.items():
            video = make_video(video_id, owner_id=owner_id)
            make_job(video, plan=None, watch=None, status="failed", error_code="made_up")
            video.update([Video.active_generation.set(2)])
    yield videos
    with inside(stack):
        for video_id in videos:
            Video(video_id).delete()


def test_what_parallel_functions_tell_comes_once_in_order_to_its_owner_alone(
    stack: RunningStack, admin: Site, creator: Site, viewer: Site, failed_videos: dict[int, str]
) -> None:
    """Several workers tell of the same and of other videos at the same time, on one channel of admins."""
    with creator.socket() as own, viewer.socket() as other, admin.socket("ws/admin") as console:
        heard = {"admin": console} | {
            f"user#{site.get('users/me')['user_id']}": socket
            for site, socket in ((creator, own), (viewer, other))
        }
        with inside(stack):
            for video_id in failed_videos:
                Video(video_id).update([Video.active_generation.set(1)])
        events = [stream_event(job_record(video_id)) for video_id in failed_videos for _ in range(2)]
        with ThreadPoolExecutor(PARALLEL) as pool:
            answers = pool.map(lambda event: stack.invoke("ProgressFunction", event)["Payload"], events)
            assert list(answers) == [{"batchItemFailures": []}] * len(events)
        for channel, socket in heard.items():
            mine = {
                video_id for video_id, owner in failed_videos.items() if channel in ("admin", f"user#{owner}")
            }
            frames = [socket.until("transcode_failed") for _ in mine]
            assert {frame["video_id"] for frame in frames} == mine
            assert_in_order(frames, channel)
            assert_nothing_more(socket)


def assert_in_order(frames: list[dict[str, Any]], channel: str) -> None:
    """Numbered without a gap, on their channel."""
    assert {frame["channel"] for frame in frames} == {channel}
    assert {after["seq"] - before["seq"] for before, after in pairwise(frames)} == {1}


def assert_nothing_more(socket: Socket) -> None:
    """What comes before the answer to a ping sent now is all there is."""
    heard = len(socket.frames)
    socket.ask("ping", "pong")
    assert [frame["type"] for frame in socket.frames[heard:]] == ["pong"]
