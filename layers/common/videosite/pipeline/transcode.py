"""One task: claim it, encode it, complete or split it, send what follows."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from videosite import ids
from videosite.errors import PermanentError, RetryableError
from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import jobs, tasks
from videosite.pipeline.batches import remaining_s
from videosite.pipeline.dispatch import after_task
from videosite.pipeline.meter import Measured, Meter
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.tasks import LostLeaseError
from videosite.pipeline.watch import Watch
from videosite.pipeline.work import SIDE_WORK, check_encoder, do_task
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.tables import Job, Task

CRASHED = ("worker_crashed", "The transcode stopped working on this video several times.")
MAX_BACKOFF_S = 30


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
    try:
        delivery.hide(get_settings().lease_s)
        check_encoder(job)
        end, size_bytes = _work(job, task, watch)
    except LostLeaseError:
        raise
    except PermanentError as error:
        _give_up(job, task, error.code, error.message, owner, meter.read())
        return
    except Exception as error:
        _release(job, task, owner, delivery, error, meter.read())
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


def _work(job: Job, task: Task, watch: Watch) -> tuple[int, int]:
    """`do_task`; a video does without side work that fails for good, or whose workers all crashed."""
    plan, max_attempts = Plan.from_dict(job.plan or {}), get_settings().max_attempts
    if task.group not in SIDE_WORK:
        return do_task(job, plan, task, watch, Reporter(job, task))
    try:
        if task.attempt <= max_attempts:
            return do_task(job, plan, task, watch, Reporter(job, task))
    except LostLeaseError:
        raise
    except Exception as error:
        if task.attempt < max_attempts and not isinstance(error, PermanentError):
            raise
        logger.exception("side work failed", extra={"video_id": job.video_id, "task": task.task_id})
    return task.end, 0


def _release(
    job: Job, task: Task, owner: str, delivery: Delivery, error: Exception, measured: Measured
) -> None:
    """Give the task back for another attempt, or give it up after the last."""
    known = error if isinstance(error, RetryableError) else None
    code = known.code if known else "worker_error"
    message = known.message if known else "The transcode failed for an internal reason."
    if not known:
        logger.exception("worker error", extra={"video_id": job.video_id, "task": task.task_id})
    if task.attempt >= get_settings().max_attempts:
        _give_up(job, task, code, message, owner, measured)
        return
    tasks.release(task, owner, code, message, measured)
    delivery.hide(min(2**task.attempt, MAX_BACKOFF_S))
    raise RetryableError(code, message) from error


def _give_up(
    job: Job, task: Task, code: str, message: str, owner: str = "", measured: Measured | None = None
) -> None:
    """Fail the task and its job; finished siblings stay for a retry."""
    logger.warning("task failed", extra={"video_id": job.video_id, "task": task.task_id, "code": code})
    tasks.fail(task, code, message, owner, measured)
    jobs.finish(job, "failed", error=(code, message))
