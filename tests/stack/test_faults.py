"""Everything arrives twice, late or never, and workers die: one job, one correct result."""

import contextlib
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.harm import encoders, kill_worker, spare_tasks, wait_for
from tests.media.clips import make_clip, number_of
from tests.media.runner import decode_video
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from tests.stack.test_pipeline import fetch_rendition
from videosite.pipeline import dispatch, ingest, jobs, tasks, transcode
from videosite.settings import get_settings
from videosite.store import queues
from videosite.store.tables import Task

pytestmark = pytest.mark.stack

FRAMES = 500


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("faults") / "clip.mp4", frames=FRAMES, size="960x540")


def assert_exact(admin: Site, video_id: int, tmp_path: Path) -> None:
    """Published once, every frame there once."""
    base = admin.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    frames = decode_video(fetch_rendition(base, "h264-540p"), tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(FRAMES))


def test_workers_killed_in_the_middle_of_their_ranges(
    stack: RunningStack, admin: Site, clip: Path, tmp_path: Path
) -> None:
    """Three of them; `make faults` kills twenty and restarts the stack. Their FFmpegs end with them."""
    video_id = admin.upload(clip)
    for _ in range(3):
        victim = wait_for(lambda: spare_encoder(stack, video_id))
        assert kill_worker(victim)
        victim.wait(timeout=5)
    status = admin.wait(video_id, timeout_s=120)
    assert status["status"] == "completed", status
    with inside(stack):
        attempts = [task.attempt for task in Task.query(tasks.job_key(video_id, 1))]
    assert max(attempts) >= 2
    assert_exact(admin, video_id, tmp_path)


def spare_encoder(stack: RunningStack, video_id: int) -> psutil.Process | None:
    """One that encodes video, some time into it, on a task that has attempts left."""
    is_spare = spare_tasks(stack, video_id)
    old = time.time() - 0.3
    return next((one for one in encoders(stack, video_id) if is_spare(one) and one.create_time() < old), None)


def test_one_upload_reported_three_times_is_one_job(
    stack: RunningStack, admin: Site, clip: Path, tmp_path: Path
) -> None:
    video_id = admin.upload(clip)
    with inside(stack):
        video = jobs.load_video(video_id)
        for _ in range(2):
            queues.send_ingest(get_settings().uploads_bucket, video.source_key, clip.stat().st_size, "x")
    assert admin.wait(video_id)["status"] == "completed"
    with inside(stack):
        queues.send_ingest(get_settings().uploads_bucket, video.source_key, clip.stat().st_size, "x")
        time.sleep(2)
        assert jobs.load_video(video_id).active_generation == 1
        assert jobs.load(video_id, 2) is None
    assert_exact(admin, video_id, tmp_path)


def test_every_task_message_twice(stack: RunningStack, admin: Site, clip: Path, tmp_path: Path) -> None:
    video_id = admin.upload(clip)
    sent: set[str] = set()
    while admin.status(video_id)["status"] == "processing" or not sent:
        with inside(stack):
            job = jobs.load(video_id, 1)
            for task in Task.query(tasks.job_key(video_id, 1)) if job else ():
                if task.task_id not in sent and task.status in ("queued", "running", "done"):
                    assert job is not None
                    dispatch.send(job, task)
                    sent.add(task.task_id)
        time.sleep(0.2)
    assert admin.wait(video_id)["status"] == "completed"
    with inside(stack):
        job = jobs.load(video_id, 1)
        assert job is not None
        assert job.done_tasks == job.total_tasks
        assert set(job.open_tasks.as_dict().values()) == {0}
    assert_exact(admin, video_id, tmp_path)


def test_cancelling_stops_encoders_and_retry_does_the_rest(
    stack: RunningStack, admin: Site, clip: Path, tmp_path: Path
) -> None:
    video_id = admin.upload(clip)
    wait_for(lambda: encoders(stack, video_id))
    admin.post(f"videos/{video_id}/cancel")
    wait_for(lambda: not encoders(stack, video_id), timeout_s=15)
    assert admin.status(video_id)["status"] == "cancelled"
    with inside(stack):
        before = {task.task_id for task in Task.query(tasks.job_key(video_id, 1)) if task.status == "done"}
    admin.post(f"videos/{video_id}/retry")
    assert admin.wait(video_id)["status"] == "completed"
    with inside(stack):
        rows = {task.task_id: task for task in Task.query(tasks.job_key(video_id, 1))}
    assert all(rows[task_id].run == 1 for task_id in before)
    assert_exact(admin, video_id, tmp_path)


class Dead(BaseException):
    """A worker's end, at a place of the test's choice."""


def test_a_worker_that_dies_after_its_transaction_and_before_its_messages(
    stack: RunningStack, admin: Site, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tasks are done by workers that never send what follows; the redelivered message does."""
    video_id = admin.upload(clip, complete=False)
    with inside(stack):
        # Plan here, with nothing sent, so that this test's workers are the only ones.
        monkeypatch.setattr(ingest, "dispatch", lambda _: 0)
        video = jobs.load_video(video_id)
        wait_for(lambda: video.status == "pending")
        ingest.ingest(get_settings().uploads_bucket, video.source_key)

        def die(_: object) -> None:
            raise Dead

        monkeypatch.setattr(transcode, "after_task", die)
        delivery = transcode.Delivery("", "", lambda: 600.0, 1024)
        monkeypatch.setattr(transcode.Delivery, "hide", lambda *_: None)
        rows = list(Task.query(tasks.job_key(video_id, 1)))
        bodies = [{"video_id": video_id, "generation": 1, "run": 1, "task_id": task.task_id} for task in rows]
        for body in bodies:
            with contextlib.suppress(Dead):
                transcode.transcode(body, delivery)
        job = jobs.load(video_id, 1)
        assert job is not None
        assert job.status == "processing"
        assert set(job.open_tasks.as_dict().values()) == {0}
        monkeypatch.setattr(transcode, "after_task", dispatch.after_task)
        transcode.transcode(bodies[0], delivery)
    assert admin.wait(video_id)["status"] == "completed"
    assert_exact(admin, video_id, tmp_path)


def test_a_straggler_of_an_older_generation_or_run_changes_nothing(
    stack: RunningStack, admin: Site, clip: Path
) -> None:
    video_id = admin.upload(clip)
    assert admin.wait(video_id)["status"] == "completed"
    admin.wait_measured(video_id)
    with inside(stack):
        before = jobs.load(video_id, 1)
        for generation, run in ((0, 1), (1, 0), (2, 1)):
            queues.send(
                get_settings().bulk_queue_url,
                {"video_id": video_id, "generation": generation, "run": run, "task_id": "h264#000000"},
            )
        time.sleep(2)
        after = jobs.load(video_id, 1)
    assert before is not None
    assert after is not None
    assert before.serialize() == after.serialize()
