"""What a stop of the stack cut off is taken up at its next start."""

import json
from collections.abc import Callable

import pytest

from infra.local.takeup import take_up
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline import tasks

pytestmark = pytest.mark.usefixtures("aws")
STARTED_S = 1_800_000_000.0
LEASE_END_S = STARTED_S + 60
"""A lease taken half a minute before the stop."""


def test_a_task_that_was_cut_off_is_free_and_sent_at_once(messages: Callable[[str], list[str]]) -> None:
    job = make_job(make_video(), look_at_s=STARTED_S + 200, created_at_s=STARTED_S)
    task = make_task(
        job, status="running", attempt=2, lease_owner="gone", lease_until_s=LEASE_END_S, watch="open",
        look_at_s=LEASE_END_S,
    )  # fmt: skip
    assert take_up(STARTED_S)["tasks"] == 1
    (body,) = messages("bulk")
    assert json.loads(body)["task_id"] == task.task_id
    found = tasks.load(task.job, task.task_id)
    assert found is not None
    assert (found.status, found.attempt) == ("queued", 1)
    assert tasks.claim(found, job.run, "new worker")


def test_a_worker_of_the_new_start_keeps_its_task(messages: Callable[[str], list[str]]) -> None:
    job = make_job(make_video(), look_at_s=STARTED_S + 200, created_at_s=STARTED_S)
    lease_until_s = STARTED_S + 120
    task = make_task(
        job, status="running", attempt=1, lease_owner="new", lease_until_s=lease_until_s, watch="open",
        look_at_s=4_000_000_000,
    )  # fmt: skip
    take_up(STARTED_S)
    tasks.heartbeat(task, "new")
    assert messages("bulk") == []


def test_a_job_nobody_planned_or_published_goes_on(messages: Callable[[str], list[str]]) -> None:
    """However long ago it was begun."""
    make_job(make_video(), open_tasks={"h264": 0, "image": 0}, look_at_s=4_000_000_000, updated_at_s=1.0)
    assert take_up(STARTED_S)["jobs"] == 1
    assert len(messages("publish")) == 1
