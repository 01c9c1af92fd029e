"""Finds what was lost, late or left behind, and sets it going again. Runs each minute."""

import time

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from videosite import ids
from videosite.log import logger
from videosite.pipeline import jobs, tasks
from videosite.pipeline.control import resume
from videosite.pipeline.dispatch import send
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
        "tasks": sum(_revive_task(task, now_s) for task in _overdue_tasks(now_s)),
        "jobs": sum(_revive_job(job, now_s) for job in _overdue_jobs(now_s)),
        "uploads": sum(_report_upload(video) for video in _silent_uploads(now_s)),
    }
    logger.info("swept", extra=counts)
    return counts


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
    _set_look_at(task, now_s + get_settings().lease_s * 2)
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
