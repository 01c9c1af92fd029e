"""Cancel and retry."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.housekeeping.conftest import put
from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.errors import ConflictError, NotFoundError
from videosite.housekeeping.work import revive_jobs
from videosite.media.ladder import make_ladder
from videosite.pipeline import jobs, tasks
from videosite.pipeline.control import cancel, retry
from videosite.pipeline.ingest import advance
from videosite.pipeline.publish import media_prefix
from videosite.pipeline.reopening import NOTHING, Lost, reopen
from videosite.pipeline.snapshot import load_status
from videosite.pipeline.transcode import Delivery, transcode
from videosite.store.tables import Job, Progress, Task, progress_item

pytestmark = pytest.mark.usefixtures("aws")
Messages = Callable[[str], list[str]]


def test_cancelling_ends_the_run_and_the_video() -> None:
    job = make_job(make_video())
    cancel(7)
    cancelled = jobs.load(7, 1)
    assert cancelled is not None
    assert (cancelled.status, cancelled.run) == ("cancelled", 2)
    assert cancelled.watch == jobs.WATCH_ENDED
    assert jobs.load_video(7).status == "cancelled"
    assert not jobs.is_current(cancelled, job.run)
    with pytest.raises(ConflictError):
        cancel(7)


def test_a_video_still_waiting_for_its_upload_can_be_cancelled() -> None:
    make_video()
    cancel(7)
    assert jobs.load_video(7).status == "cancelled"


def test_an_unknown_video() -> None:
    with pytest.raises(NotFoundError):
        cancel(8)
    with pytest.raises(NotFoundError):
        retry(8)


def test_retry_redoes_only_what_is_missing(messages: Messages) -> None:
    plan = make_plan()
    job = make_job(make_video(), plan=plan.to_dict(), open_tasks={"h264": 1, "audio": 0, "image": 0})
    make_task(job, "h264", 0, 1, status="done")
    for name in plan.renditions_of("h264"):
        for file in ("init.mp4", "seg_00000.m4s"):
            put("media", f"{media_prefix(job)}{name}/{file}")
    make_task(job, "h264", 1, 3, status="failed", attempt=4, error_code="worker_crashed")
    assert jobs.finish(job, "failed", error=("worker_crashed", "It crashed."))
    retry(7)
    again = jobs.load(7, 1)
    assert again is not None
    assert (again.status, again.run) == ("processing", 2)
    assert again.error_code is None
    assert jobs.load_video(7).status == "processing"
    redone = tasks.load("7#1", "h264#000001")
    assert redone is not None
    assert (redone.status, redone.run, redone.attempt) == ("queued", 2, 0)
    assert redone.error_code is None
    assert [json.loads(body) for body in messages("bulk")] == [
        {"video_id": 7, "generation": 1, "run": 2, "task_id": "h264#000001"}
    ]
    with pytest.raises(ConflictError):
        retry(7)


def test_retry_does_finished_tasks_again_whose_files_are_gone(messages: Messages) -> None:
    counts = {"open_tasks": {"h264": 1, "audio": 0}, "total_tasks": 3, "done_tasks": 2}
    job = make_job(make_video(), plan=make_plan().to_dict(), **counts)
    make_task(job, "h264", 0, 1, status="done")
    make_task(job, "h264", 1, 3, status="failed")
    make_task(job, "audio", 0, 2, status="done")
    assert jobs.finish(job, "failed", error=("segments_missing", "Gone."))
    retry(7)
    again = jobs.load(7, 1)
    assert again is not None
    assert (again.open_tasks.as_dict(), again.done_tasks) == ({"h264": 2, "audio": 1}, 0)
    assert len(messages("bulk")) > 0
    rows = [(task.run, task.status in ("pending", "queued")) for task in Task.query("7#1")]
    assert rows == [(2, True)] * 3


def test_of_two_who_take_up_a_job_one_does(messages: Messages) -> None:
    """They lost different things; what the loser found changes nothing."""
    make_job(
        make_video(), status="completed", open_tasks={"h264": 0, "audio": 0}, total_tasks=2, done_tasks=2
    )
    first, second = jobs.load(7, 1), jobs.load(7, 1)
    assert first is not None
    assert second is not None
    assert reopen(first, Lost({"h264": frozenset({"h264#000000"})}, frozenset({"h264"})))
    assert not reopen(second, Lost({"audio": frozenset({"audio#000000"})}, frozenset({"h264"})))
    again = jobs.load(7, 1)
    assert again is not None
    assert (again.run, again.open_tasks.as_dict(), again.redo) == (
        2,
        {"h264": 1, "audio": 0},
        {"h264#000000"},
    )


def test_an_old_job_that_is_taken_up_is_not_stuck(messages: Messages) -> None:
    job = make_job(make_video(), created_at_s=1.0)
    assert jobs.finish(job, "failed", error=("worker_crashed", "It crashed."))
    Job(7, job.item).update([Job.plan.remove()])
    retry(7)
    revive_jobs(time.time() + jobs.LOOK_AGAIN_S + 1)
    again = jobs.load(7, 1)
    assert again is not None
    assert again.status == "accepted"


def test_a_job_of_a_mended_source_starts_anew_from_the_upload() -> None:
    video = make_video()
    job = make_job(video, mended_key="uploads/7/steady.ts", mended_etag="m")
    assert jobs.finish(job, "failed", error=("encoder_changed", "The encoder changed."))
    retry(7)
    fresh = jobs.load(7, 2)
    assert fresh is not None
    assert (fresh.source_key, fresh.source_etag) == (video.source_key, "e")
    assert fresh.mended_key is None


def test_retrying_a_job_that_never_got_a_plan_ingests_again(messages: Messages) -> None:
    job = make_job(make_video(), status="accepted", plan=None)
    jobs.finish(job, "failed", error=("unreadable", "no"))
    retry(7)
    (body,) = messages("ingest")
    assert json.loads(body)["Records"][0]["s3"]["object"]["key"] == "uploads/7/source.mp4"


def test_a_job_cancelled_before_its_tasks_were_counted_is_taken_up_from_its_plan(messages: Messages) -> None:
    plan = make_plan()
    job = make_job(make_video(), status="planned", plan=plan.to_dict(), open_tasks={}, total_tasks=0)
    make_task(job, "h264", 0, 1, urgent=True)
    cancel(7)
    retry(7)
    taken_up = jobs.load(7, 1)
    assert taken_up is not None
    assert taken_up.status == "planned"
    assert messages("ingest")
    advance(taken_up)
    ready = jobs.load(7, 1)
    assert ready is not None
    assert ready.status == "processing"
    groups = {"h264": 3, "audio": 1, "image": 1, "previews": 1, "loudness": 1}
    assert ready.open_tasks.as_dict() == groups
    assert {task.run for task in Task.query("7#1")} == {ready.run}


def test_a_failed_task_that_comes_again_fails_its_job() -> None:
    """Its worker failed the task and died, or found the tables busy, before it could fail the job."""
    job = make_job(make_video())
    make_task(job, status="failed", error_code="source_damaged", error_message="It is damaged.")
    body = {"video_id": 7, "generation": 1, "run": 1, "task_id": "h264#000000"}
    transcode(body, Delivery("", "", lambda: 600.0, 1024))
    failed = jobs.load(7, 1)
    assert failed is not None
    assert (failed.status, failed.error_code) == ("failed", "source_damaged")


def test_retry_after_the_encoder_changed_is_a_new_generation(messages: Messages) -> None:
    old = make_job(make_video(), recipe="8.1/1")
    jobs.finish(old, "failed", error=("encoder_changed", "Retry starts it anew."))
    retry(7)
    fresh = jobs.load(7, 2)
    assert fresh is not None
    assert fresh.recipe is None
    assert (fresh.status, fresh.source_etag) == ("accepted", old.source_etag)
    assert fresh.asset_key != old.asset_key
    video = jobs.load_video(7)
    assert (video.status, video.active_generation) == ("processing", 2)
    assert messages("ingest")


def test_the_time_a_transcode_stood_still_is_not_in_its_speed() -> None:
    """25 of 250 frames in 10 s; it fails, and is retried a day later."""
    plan = make_plan(sound=False)
    job = make_job(make_video(), plan=plan.to_dict(), started_at_s=1000.0, updated_at_s=1010.0)
    Progress(7, progress_item(1), parts={"h264#000000": 25}, updated_at_s=1010.0).save()
    before = load_status(7)["renditions"][0]
    assert (before["speed"], before["eta_s"]) == (0.1, 90.0)
    assert jobs.finish(job, "failed", now_s=1010.0, error=("x", "It broke."))
    failed = jobs.load(7, 1)
    assert failed is not None
    assert reopen(failed, NOTHING, now_s=87_410.0)
    after = load_status(7)["renditions"][0]
    assert (after["speed"], after["eta_s"]) == (before["speed"], before["eta_s"])


def test_attempts_count_retries_of_what_was_left_and_errors_are_of_what_is_not_there() -> None:
    plan = replace(make_plan(sound=False), renditions=make_ladder(1280, 720, 25.0))
    job = make_job(make_video(), plan=plan.to_dict(), open_tasks={"h264": 0, "av1": 2}, published={"h264": 1})
    assert {it["attempts"] for it in load_status(7)["renditions"]} == {1}
    assert jobs.finish(job, "failed", error=("x", "It broke."))
    errors = {it["codec"]: it["error"] for it in load_status(7)["renditions"]}
    assert errors == {"h264": None, "av1": {"code": "x", "message": "It broke."}}
    retry(7)
    cancel(7)
    retry(7)
    attempts = {it["codec"]: it["attempts"] for it in load_status(7)["renditions"]}
    assert attempts == {"h264": 1, "av1": 3}


def test_a_video_cancelled_before_its_upload_has_nothing_to_retry() -> None:
    make_video()
    with pytest.raises(ConflictError) as waiting:
        retry(7)
    cancel(7)
    with pytest.raises(ConflictError) as cancelled:
        retry(7)
    assert (waiting.value.code, cancelled.value.code) == ("not_failed", "nothing_uploaded")
    assert jobs.load_video(7).status == "cancelled"


def test_what_a_cancel_cut_off_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(make_video(), plan=make_plan().to_dict())
    make_task(job, status="queued")

    def cut_off(*_: object) -> None:
        cancel(7)
        time.sleep(0.01)
        raise tasks.LostLeaseError

    monkeypatch.setattr("videosite.pipeline.transcode.do_task", cut_off)
    monkeypatch.setattr("videosite.pipeline.transcode.check_encoder", lambda _: None)
    monkeypatch.setattr(Delivery, "hide", lambda *_: None)
    body = {"video_id": 7, "generation": 1, "run": 1, "task_id": "h264#000000"}
    transcode(body, Delivery("", "", lambda: 600.0, 1024))
    assert load_status(7)["status"] == "cancelled"
    assert load_status(7)["cost"]["gb_s"] > 0
