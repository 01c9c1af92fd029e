"""What was lost is found."""

import json
from collections.abc import Callable

import pytest

from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.housekeeping.sweep import STEPS, sweep
from videosite.housekeeping.work import STUCK_JOB_S
from videosite.pipeline import jobs, tasks

pytestmark = pytest.mark.usefixtures("aws")
Messages = Callable[[str], list[str]]
NOW_S = 1_800_000_000.0


def test_a_dead_workers_task_is_sent_again(messages: Messages) -> None:
    job = make_job(make_video(), updated_at_s=NOW_S, look_at_s=NOW_S + 9)
    make_task(job, status="running", lease_until_s=NOW_S - 5, watch="open", look_at_s=NOW_S - 5)
    assert sweep(NOW_S)["tasks"] == 1
    assert json.loads(messages("bulk")[0])["task_id"] == "h264#000000"
    assert sweep(NOW_S)["tasks"] == 0


def test_a_task_of_an_ended_job_is_looked_at_no_more(messages: Messages) -> None:
    job = make_job(make_video(), updated_at_s=NOW_S)
    task = make_task(job, status="queued", watch="open", look_at_s=NOW_S - 5)
    jobs.finish(job, "cancelled")
    assert sweep(NOW_S)["tasks"] == 0
    found = tasks.load(task.job, task.task_id)
    assert found is not None
    assert found.watch is None
    assert messages("bulk") == []


def test_a_complete_job_nobody_published_is_published(messages: Messages) -> None:
    make_job(make_video(), open_tasks={"h264": 0, "image": 0}, updated_at_s=NOW_S, look_at_s=NOW_S - 1)
    assert sweep(NOW_S)["jobs"] == 1
    assert json.loads(messages("publish")[0])["codec"] == "h264"
    assert sweep(NOW_S)["jobs"] == 0


def test_a_job_that_never_ends_fails_with_a_reason() -> None:
    make_job(make_video(), updated_at_s=NOW_S - STUCK_JOB_S - 1, look_at_s=NOW_S - 1)
    sweep(NOW_S)
    job = jobs.load(7, 1)
    assert job is not None
    assert (job.status, job.error_code) == ("failed", "stuck")


def test_a_step_that_fails_ends_the_round_only_after_the_others(
    messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(make_video(), updated_at_s=NOW_S, look_at_s=NOW_S - 1)
    make_task(job, status="running", lease_until_s=NOW_S - 5, watch="open", look_at_s=NOW_S - 5)

    def fail(_: float) -> int:
        raise OSError("no table")

    monkeypatch.setattr("videosite.housekeeping.sweep.STEPS", {"first": fail, **STEPS})
    with pytest.raises(ExceptionGroup):
        sweep(NOW_S)
    assert len(messages("bulk")) == 1
