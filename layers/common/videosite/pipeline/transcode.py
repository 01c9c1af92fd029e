"""One task: claim it, encode it, complete or split it, send what follows."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from videosite import ids
from videosite.errors import PermanentError, RetryableError, UnavailableError, VideoSiteError
from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import jobs, tasks
from videosite.pipeline.batches import remaining_s
from videosite.pipeline.dispatch import after_task
from videosite.pipeline.faults import settle
from videosite.pipeline.meter import Measured, Meter
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.source import if_match, source_url
from videosite.pipeline.tasks import LostLeaseError
from videosite.pipeline.watch import Watch
from videosite.pipeline.work import SIDE_WORK, check_encoder, do_task
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.faults import is_passing
from videosite.store.presigned import UNREADABLE
from videosite.store.tables import Job, Task

CRASHED = ("worker_crashed", "The transcode stopped working on this video several times.")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2, 60
ASKED_S = 60
"""Life of the address at which storage is asked."""
PATIENCE_S = 3600
"""How long a task waits for storage and tables that do not answer."""
FIXED = frozenset({"init_differs"})
"""What comes out the same in a second attempt does in all."""


@dataclass(frozen=True)
class Delivery:
    """The queue message a task came with, and how long the function may still run."""

    queue_url: str
    receipt_handle: str
    remaining_s: Callable[[], float]
    memory_mb: int
    receives: int = 1
    """How many times the message was handed out, this time included."""

    @classmethod
    def of(cls, record: Any) -> Self:
        """From a Chalice SQS record; the queue is told by its ARN's name."""
        message = record.to_dict()
        name = message["eventSourceARN"].rsplit(":", 1)[1]
        urls = (require("urgent_queue_url"), require("bulk_queue_url"))
        return cls(
            next(url for url in urls if url.rsplit("/", 1)[1] == name),
            record.receipt_handle,
            lambda: remaining_s(record),
            int(record.context.memory_limit_in_mb),
            int(message["attributes"]["ApproximateReceiveCount"]),
        )

    def hide(self, seconds: float) -> None:
        """Hand the message out again after `seconds`, unless it is deleted or hidden again before."""
        queues.set_visibility(self.queue_url, self.receipt_handle, max(0, round(seconds)))


def transcode(body: dict[str, Any], delivery: Delivery) -> None:
    """Work on the task a message names.

    A message of an ended run, of a task somebody works on, or of a task that is done changes nothing;
    for a task that is done it repeats the sends its worker may have died before.

    Raises:
        RetryableError: the attempt failed; the message should come again.
    """
    job = jobs.load(body["video_id"], body["generation"])
    if job is None or job.plan is None or not jobs.is_current(job, body["run"]):
        return
    task = tasks.load(tasks.job_key(job.video_id, job.generation), body["task_id"])
    if task is None:
        return
    if task.status == "done":
        after_task(job)
        return
    if task.status == "failed" and task.run == job.run:
        # Its worker died, or the tables were busy, before it could fail the job.
        jobs.finish(job, "failed", error=(task.error_code or CRASHED[0], task.error_message or CRASHED[1]))
        return
    if task.status == "running" and (task.lease_until_s or 0) > time.time():
        return
    if task.attempt >= get_settings().max_attempts and task.group not in SIDE_WORK:
        with contextlib.suppress(LostLeaseError):
            _give_up(job, task, *CRASHED)
        return
    owner = ids.opaque_id()
    if not tasks.claim(task, job.run, owner):
        return
    meter = Meter(delivery.memory_mb)
    try:
        _attempt(job, task, owner, delivery, meter)
    except LostLeaseError:
        tasks.add_lost(task, meter.read())
        logger.info("task taken away", extra={"video_id": job.video_id, "task": task.task_id})


def _attempt(job: Job, task: Task, owner: str, delivery: Delivery, meter: Meter) -> None:
    """One claimed attempt, to its transaction or to its release."""
    watch = Watch(job, task, owner, lambda: delivery.hide(get_settings().lease_s), delivery.remaining_s)
    reporter = Reporter(job, task)
    try:
        delivery.hide(get_settings().lease_s)
        check_encoder(job)
        end, size_bytes = _work(job, task, watch, reporter)
    except LostLeaseError:
        raise
    except Exception as raised:
        if not isinstance(raised, VideoSiteError):
            logger.exception("worker error", extra={"video_id": job.video_id, "task": task.task_id})
        error = raised
        if isinstance(raised, UnavailableError) and raised.code == UNREADABLE:
            error = settle(raised, source_url(job, ASKED_S), if_match(job))
        if _may_help(task, error) or reporter.gained:
            raise _release(task, owner, delivery, error, meter.read(), reporter.gained) from error
        _give_up(job, task, *_said(error), owner, meter.read())
        return
    measured = meter.read()
    tasks.complete(job, task, owner, end, size_bytes, measured)
    logger.info(
        "task done",
        extra={
            "video_id": job.video_id,
            "task": task.task_id,
            "end": end,
            "cpu_s": round(measured.cpu_s, 2),
        },
    )
    fresh = jobs.load(job.video_id, job.generation)
    if fresh and jobs.is_current(fresh, job.run):
        after_task(fresh)


def _work(job: Job, task: Task, watch: Watch, reporter: Reporter) -> tuple[int, int]:
    """`do_task`; a video does without side work that fails for good, or whose workers all crashed."""
    plan = Plan.from_dict(job.plan or {})
    if task.group not in SIDE_WORK:
        return do_task(job, plan, task, watch, reporter)
    try:
        if task.attempt <= get_settings().max_attempts:
            return do_task(job, plan, task, watch, reporter)
    except LostLeaseError:
        raise
    except Exception as error:
        if _may_help(task, error):
            raise
        logger.exception("side work failed", extra={"video_id": job.video_id, "task": task.task_id})
    return task.end, 0


def _may_help(task: Task, error: Exception) -> bool:
    """Whether another attempt may come out otherwise. The one rule for all work and all faults."""
    if isinstance(error, PermanentError):
        return False
    if is_passing(error):
        return _waited_s(task) < PATIENCE_S
    code, _ = _said(error)
    if code in FIXED and code == task.error_code:
        return False
    return task.attempt < get_settings().max_attempts


def _waited_s(task: Task) -> float:
    """Since storage or tables began not to answer."""
    now_s = time.time()
    return now_s - (task.unavailable_since_s or now_s)


def _release(
    task: Task, owner: str, delivery: Delivery, error: Exception, measured: Measured, gained: bool
) -> RetryableError:
    """Give the task back for another attempt; returns what the message is to come again with.

    A fault of storage or tables costs no attempt; pauses are as long as it has lasted until then. What
    `gained` segments costs none either: the next attempt has less to do.
    """
    again = RetryableError(*_said(error))
    if is_passing(error):
        waited_s = _waited_s(task)
        tasks.put_off(task, owner, time.time() - waited_s, measured)
        delivery.hide(min(max(FIRST_PAUSE_S, waited_s), LONGEST_PAUSE_S))
    else:
        tasks.release(task, owner, again.code, again.message, measured, counts=not gained)
        delivery.hide(2**task.attempt)
    return again


def _said(error: Exception) -> tuple[str, str]:
    """Code and sentence of an error, for people."""
    if isinstance(error, VideoSiteError):
        return error.code, error.message
    return "worker_error", "The transcode failed for an internal reason."


def _give_up(
    job: Job, task: Task, code: str, message: str, owner: str = "", measured: Measured | None = None
) -> None:
    """Fail the task and its job; finished siblings stay for a retry."""
    logger.warning("task failed", extra={"video_id": job.video_id, "task": task.task_id, "code": code})
    tasks.fail(task, code, message, owner, measured)
    jobs.finish(job, "failed", error=(code, message))
