"""When a task is tried again: a fault of storage is waited for, what comes out the same is not repeated."""

import time
from collections.abc import Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.library.factories import make_transcode
from tests.unit.pipeline.conftest import make_task
from videosite.errors import RetryableError, UnavailableError
from videosite.media.plan import Plan
from videosite.pipeline import jobs, tasks, transcode, work
from videosite.pipeline.encode import Encoded
from videosite.pipeline.transcode import PATIENCE_S, Delivery
from videosite.settings import get_settings
from videosite.store.tables import Job, Task

pytestmark = pytest.mark.usefixtures("messages")
AWAY = UnavailableError("storage_unreadable", "It is away.")
DIFFERS = RetryableError("init_differs", "They differ.")
SILENT = Encoded(good=0, size_bytes=0, stopped=False, stderr_tail="")
STOPPED = Encoded(good=0, size_bytes=0, stopped=True, stderr_tail="")


class Clock:
    """The time of workers; a message that is hidden comes when it is no more."""

    def __init__(self) -> None:
        self.now_s = time.time()
        self.pauses_s: list[float] = []

    def time(self) -> float:
        return self.now_s

    def hide(self, _: Delivery, seconds: float) -> None:
        if seconds != get_settings().lease_s:
            self.pauses_s.append(seconds)
            self.now_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(time, "time", found.time)
    monkeypatch.setattr(Delivery, "hide", lambda delivery, seconds: found.hide(delivery, seconds))
    return found


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Job:
    monkeypatch.setattr(transcode, "check_encoder", lambda _: None)
    _, found = make_transcode(7, open_tasks={"h264": 1, "image": 1})
    return found


def deliver(job: Job, task: Task, do_task: Callable[[], tuple[int, int]]) -> int:
    """Deliver the task's message until it is not asked for again; returns how often."""
    body = {"video_id": job.video_id, "generation": 1, "run": job.run, "task_id": task.task_id}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcode, "do_task", lambda *_: do_task())
        for times in range(1, 200):
            try:
                transcode.transcode(body, Delivery("", "", lambda: 600.0, 1024))
            except RetryableError:
                continue
            return times
    raise AssertionError("it comes for ever")


def fails(error: Exception, until: Callable[[], bool] = lambda: False) -> Callable[[], tuple[int, int]]:
    def do_task() -> tuple[int, int]:
        if until():
            return 1, 0
        raise error

    return do_task


def state(task: Task) -> tuple[str, str | None, str, int]:
    """(job's status, its code, task's status, its attempt)."""
    job, row = jobs.load(7, 1), tasks.load(task.job, task.task_id)
    assert job
    assert row
    return job.status, job.error_code, row.status, row.attempt


@pytest.mark.parametrize("group", ["h264", "image"])
@pytest.mark.parametrize("error", [AWAY, EndpointConnectionError(endpoint_url="https://s3.example.org")])
def test_an_outage_of_minutes_is_waited_for(group: str, error: Exception, job: Job, clock: Clock) -> None:
    task = make_task(job, group, 0, 1)
    over_s = clock.now_s + 600
    deliver(job, task, fails(error, lambda: clock.now_s > over_s))
    assert state(task) == ("processing", None, "done", 1)
    assert clock.pauses_s[:6] == [2, 2, 4, 8, 16, 32]
    assert max(clock.pauses_s) == 60
    assert clock.now_s <= over_s + 60


def test_one_that_does_not_end_fails_the_job(job: Job, clock: Clock) -> None:
    task, began_s = make_task(job, "h264", 0, 1), clock.now_s
    deliver(job, task, fails(AWAY))
    assert state(task)[:3] == ("failed", "storage_unreadable", "failed")
    assert PATIENCE_S <= clock.now_s - began_s <= PATIENCE_S + 60


def test_side_work_is_then_left_out(job: Job, clock: Clock) -> None:
    task = make_task(job, "image", 0, 1)
    deliver(job, task, fails(AWAY))
    assert state(task)[:3] == ("processing", None, "done")


def test_an_outage_between_does_not_change_what_an_attempt_has_shown(job: Job) -> None:
    """Sound that gave nothing directly is tried as looped then, and not as silence."""
    task = make_task(job, "h264", 0, 1)
    errors = iter([RetryableError("no_segment", "Nothing."), AWAY])

    def do_task() -> tuple[int, int]:
        row = tasks.load(task.job, task.task_id)
        assert row
        seen.append((row.attempt, row.error_code))
        for error in errors:
            raise error
        return 1, 0

    seen: list[tuple[int, str | None]] = []
    deliver(job, task, do_task)
    assert seen == [(1, None), (2, "no_segment"), (2, "no_segment")]


def test_what_came_out_the_same_twice_is_not_tried_again(job: Job) -> None:
    task = make_task(job, "h264", 0, 1)
    assert deliver(job, task, fails(DIFFERS)) == 2
    assert state(task) == ("failed", "init_differs", "failed", 2)


@pytest.mark.parametrize(
    ("encoded", "code"),
    [((SILENT, SILENT), "source_damaged"), ((STOPPED, STOPPED), "too_slow"), ((STOPPED, SILENT), None)],
)
def test_a_range_that_gives_nothing_twice_for_one_reason_says_it(
    encoded: tuple[Encoded, Encoded], code: str | None, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, given = make_task(job, "h264", 0, 1), iter(encoded)
    monkeypatch.setattr(work, "source_url", lambda *_: "")
    monkeypatch.setattr(work, "settle", lambda error, *_: error)
    monkeypatch.setattr(work, "_video", lambda *_: next(given, Encoded(1, 1, False, "")))

    def do_task() -> tuple[int, int]:
        row = tasks.load(task.job, task.task_id)
        assert row
        watch, reporter = type("W", (), {}), type("R", (), {"resume": lambda *_: None})()
        return work.do_task(job, Plan.from_dict(job.plan or {}), row, watch, reporter)  # type: ignore[arg-type]

    deliver(job, task, do_task)
    assert state(task)[1] == code


def test_a_store_that_does_not_answer_is_not_called_damage(
    job: Job, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever FFmpeg said of it."""
    task = make_task(job, "h264", 0, 1)
    monkeypatch.setattr(work, "source_url", lambda *_: "http://127.0.0.1:9/source")
    monkeypatch.setattr(work, "_video", lambda *_: SILENT)
    reporter = type("R", (), {"resume": lambda *_: None})()
    plan = Plan.from_dict(job.plan or {})
    with pytest.raises(UnavailableError):
        work.do_task(job, plan, task, type("W", (), {}), reporter)  # type: ignore[arg-type]
