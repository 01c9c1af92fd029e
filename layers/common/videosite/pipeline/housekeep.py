"""Finds what was lost, late or left behind, and sets it going again. Runs each minute."""

import time
from collections.abc import Callable

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from videosite import ids
from videosite.log import logger
from videosite.pipeline import jobs, tasks
from videosite.pipeline.control import resume
from videosite.pipeline.dispatch import send
from videosite.pipeline.tasks import QUEUED_LOOK_S
from videosite.settings import get_settings
from videosite.store import objects, queues
from videosite.store.tables import Job, Task, Video

PAGE = 200
"""Rows looked at per sweep and kind; the rest waits a minute."""
UPLOAD_GRACE_S = 60
UPLOAD_WINDOW_S = 48 * 3600
STUCK_JOB_S = 48 * 3600


def sweep(now_s: float | None = None) -> dict[str, int]:
    """One round; returns how many of each kind were set going again."""
    now_s = time.time() if now_s is None else now_s
    counts = {
        "tasks": _each(_overdue_tasks(now_s), lambda task: _revive_task(task, now_s)),
        "jobs": _each(_overdue_jobs(now_s), lambda job: _revive_job(job, now_s)),
        "uploads": _each(_silent_uploads(now_s), _report_upload),
    }
    logger.info("swept", extra=counts)
    return counts


def _each[Row](rows: list[Row], revive: Callable[[Row], bool]) -> int:
    """How many were set going. One that fails is left for the next round and does not end this one."""
    count = 0
    for row in rows:
        try:
            count += revive(row)
        except Exception:
            logger.exception("not swept", extra={"row": repr(row)[:200]})
    return count


def _overdue_tasks(now_s: float) -> list[Task]:
    return list(Task.by_deadline.query(jobs.WATCH, Task.look_at_s < now_s, limit=PAGE))


def _revive_task(found: Task, now_s: float) -> bool:
    """Send a task again whose message was lost or whose worker died without its message coming back."""
    task = tasks.load(found.job, found.task_id)
    if task is None or task.status not in ("queued", "running"):
        return False
    video_id, generation = (int(part) for part in task.job.split("#"))
    job = jobs.load(video_id, generation)
    if job is None or not jobs.is_current(job, task.run):
        # Its job ended: nobody needs to look at it again.
        _set_look_at(task, None)
        return False
    # A queued one may only wait its turn: more messages would make the queue longer, not shorter.
    wait_s = QUEUED_LOOK_S if task.status == "queued" else get_settings().lease_s * 2
    _set_look_at(task, now_s + wait_s)
    send(job, task)
    return True


def _set_look_at(task: Task, look_at_s: float | None) -> None:
    actions: list[Action] = (
        [Task.watch.remove(), Task.look_at_s.remove()]
        if look_at_s is None
        else [Task.look_at_s.set(look_at_s)]
    )
    try:
        task.update(actions=actions, condition=Task.status.is_in("queued", "running"))
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise


def _overdue_jobs(now_s: float) -> list[Job]:
    return list(Job.by_deadline.query(jobs.WATCH, Job.look_at_s < now_s, limit=PAGE))


def _revive_job(found: Job, now_s: float) -> bool:
    """Repeat what follows from a job's state: its ingest, its next tasks, its publication."""
    generation = int(found.item.removeprefix("job#"))
    job = jobs.load(found.video_id, generation)
    if job is None or job.status not in jobs.OPEN:
        return False
    if now_s - job.created_at_s > STUCK_JOB_S:
        return jobs.finish(job, "failed", error=("stuck", "The transcode did not end within two days."))
    jobs.update(job, [Job.look_at_s.set(now_s + jobs.LOOK_AGAIN_S)])
    resume(job.video_id, generation)
    return True


def _silent_uploads(now_s: float) -> list[Video]:
    """Recent videos still pending although their upload had time to be reported."""
    oldest = ids.video_id(int((now_s - UPLOAD_WINDOW_S) * 1000), 0)
    newest = ids.video_id(int((now_s - UPLOAD_GRACE_S) * 1000), 0)
    return [
        video
        for visibility in ("private", "unlisted", "public")
        for video in Video.by_visibility.query(
            visibility,
            Video.video_id.between(oldest, newest),
            filter_condition=Video.status == "pending",
            limit=PAGE,
        )
    ]


def _report_upload(video: Video) -> bool:
    """Send the event that was lost, if the object is there."""
    bucket = get_settings().uploads_bucket
    head = objects.head(bucket, video.source_key)
    if head is None:
        return False
    queues.send_ingest(bucket, video.source_key, head.size_bytes, head.etag)
    return True
