"""Pictures that cannot be made: the video does without them."""

from collections.abc import Callable

import pytest

from tests.unit.library.factories import make_transcode
from tests.unit.pipeline.conftest import make_task
from videosite.errors import BadInputError, RetryableError
from videosite.pipeline import jobs, tasks, transcode
from videosite.pipeline.transcode import Delivery
from videosite.settings import get_settings
from videosite.store.tables import Job, Task

pytestmark = pytest.mark.usefixtures("messages")


class Hidden(Delivery):
    def hide(self, seconds: float) -> None:
        """There is no queue."""


def deliver(job: Job, task: Task) -> None:
    body = {"video_id": job.video_id, "generation": 1, "run": job.run, "task_id": task.task_id}
    transcode.transcode(body, Hidden("", "", lambda: 600.0, 1024))


def fails(error: Exception) -> Callable[..., tuple[int, int, float]]:
    def do_task(*_: object) -> tuple[int, int, float]:
        raise error

    return do_task


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(transcode, "check_encoder", lambda _: None)
    _, found = make_transcode(7, open_tasks={"h264": 1, "image": 1})
    return found


def state(job: Job, task: Task) -> tuple[str, str, int]:
    """(job's status, task's status, tasks of its group that are left)."""
    now, row = jobs.load(7, 1), tasks.load(task.job, task.task_id)
    assert now
    assert row
    return now.status, row.status, now.open_tasks.as_dict()[task.group]


@pytest.mark.parametrize("error", [BadInputError("bad", "Bad."), ValueError("a defect")])
def test_a_video_goes_on_without_its_pictures(
    error: Exception, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task(job, "image", 0, 1, attempt=get_settings().max_attempts - 1)
    monkeypatch.setattr(transcode, "do_task", fails(error))
    deliver(job, task)
    assert state(job, task) == ("processing", "done", 0)


def test_a_passing_fault_is_tried_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(job, "image", 0, 1)
    monkeypatch.setattr(transcode, "do_task", fails(RetryableError("busy", "Busy.")))
    with pytest.raises(RetryableError):
        deliver(job, task)
    assert state(job, task) == ("processing", "queued", 1)


def test_pictures_that_crash_their_worker_are_left_out(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = get_settings().max_attempts
    task = make_task(job, "image", 0, 1, status="running", attempt=attempts, lease_until_s=1.0)
    monkeypatch.setattr(transcode, "do_task", fails(AssertionError("not tried again")))
    deliver(job, task)
    assert state(job, task) == ("processing", "done", 0)


def test_a_task_whose_message_cannot_be_hidden_is_given_back(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its lease would turn away who gets the message next."""
    task = make_task(job, "image", 0, 1)

    def refuse(*_: object) -> None:
        raise OSError("no queue")

    monkeypatch.setattr(Hidden, "hide", refuse)
    with pytest.raises(OSError, match="no queue"):
        deliver(job, task)
    assert state(job, task) == ("processing", "queued", 1)


def test_a_range_that_fails_still_fails_the_video(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(job, "h264", 0, 1)
    monkeypatch.setattr(transcode, "do_task", fails(BadInputError("bad", "Bad.")))
    deliver(job, task)
    assert state(job, task)[:2] == ("failed", "failed")
