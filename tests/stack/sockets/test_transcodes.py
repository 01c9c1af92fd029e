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
from tests.stack.site import Site
from tests.unit.pipeline.conftest import make_job, make_video
from videosite import ids
from videosite.store.tables import Job, Video, job_item

VIDEOS = 10
PARALLEL = 4


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
def videos(stack: RunningStack, creator: Site, viewer: Site) -> Iterator[dict[int, str]]:
    """Videos of two users that are being transcoded, by nobody, and their owners."""
    owners = [site.get("users/me")["user_id"] for site in (creator, viewer)]
    now_ms = int(time.time() * 1000)
    made = {ids.video_id(now_ms, number): owners[number % 2] for number in range(VIDEOS)}
    with inside(stack):
        for video_id, owner_id in made.items():
            make_job(make_video(video_id, owner_id=owner_id), plan=None, watch=None)
    yield made
    with inside(stack):
        for video_id in made:
            Video(video_id).delete()


def test_what_parallel_functions_tell_comes_once_in_order_to_its_owner_alone(
    stack: RunningStack, admin: Site, creator: Site, viewer: Site, videos: dict[int, str]
) -> None:
    """Several workers tell of the same and of other videos at the same time, on one channel of admins."""
    with creator.socket() as own, viewer.socket() as other, admin.socket("ws/admin") as console:
        with inside(stack):
            for video_id in videos:
                job = Job(video_id, job_item(1))
                ended = [Job.status.set("failed"), Job.error_code.set("made_up")]
                job.update([*ended, Job.updated_at_s.set(time.time())])
        events = [stream_event(job_record(video_id)) for video_id in videos for _ in range(2)]
        with ThreadPoolExecutor(PARALLEL) as pool:
            answers = pool.map(lambda event: stack.invoke("ProgressFunction", event)["Payload"], events)
            assert list(answers) == [{"batchItemFailures": []}] * len(events)
        for channel, socket in [
            ("admin", console),
            *(
                (f"user#{site.get('users/me')['user_id']}", it)
                for site, it in ((creator, own), (viewer, other))
            ),
        ]:
            mine = {video_id for video_id, owner in videos.items() if channel in ("admin", f"user#{owner}")}
            frames = [socket.until("transcode_failed") for _ in mine]
            assert {frame["video_id"] for frame in frames} == mine
            assert_in_order(frames, channel)
            socket.ask("ping", "pong")
            heard = [frame for frame in socket.frames if frame["type"] == "transcode_failed"]
            assert heard == frames


def assert_in_order(frames: list[dict[str, Any]], channel: str) -> None:
    """Numbered without a gap, on their channel."""
    assert {frame["channel"] for frame in frames} == {channel}
    assert {after["seq"] - before["seq"] for before, after in pairwise(frames)} == {1}
