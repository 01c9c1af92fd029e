"""Tasks whose worker or message was lost, and jobs that stand still."""

from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.pipeline import jobs, tasks
from videosite.pipeline.control import resume
from videosite.pipeline.dispatch import send
from videosite.pipeline.tasks import QUEUED_LOOK_S
from videosite.settings import get_settings
from videosite.store.tables import Job, Task

STUCK_JOB_S = 48 * 3600


def revive_tasks(now_s: float) -> int:
    """Send tasks again whose message was lost or whose worker died without its message coming back."""
    due = Task.by_deadline.query(jobs.WATCH, Task.look_at_s < now_s, limit=PAGE)
    return each(list(due), lambda task: _revive_task(task, now_s))


def _revive_task(found: Task, now_s: float) -> bool:
    task = tasks.load(found.job, found.task_id)
    if task is None or task.status not in ("queued", "running"):
        return False
    unended = Task.status.is_in("queued", "running")
    video_id, generation = (int(part) for part in task.job.split("#"))
    job = jobs.load(video_id, generation)
    if job is None or not jobs.is_current(job, task.run):
        # Its job ended: nobody needs to look at it again.
        look_again(task, None, unended)
        return False
    # A queued one may only wait its turn: more messages would make the queue longer, not shorter.
    wait_s = QUEUED_LOOK_S if task.status == "queued" else get_settings().lease_s * 2
    look_again(task, now_s + wait_s, unended)
    send(job, task)
    return True


def revive_jobs(now_s: float) -> int:
    """Repeat what follows from a job's state: its ingest, its next tasks, its publication."""
    due = Job.by_deadline.query(jobs.WATCH, Job.look_at_s < now_s, limit=PAGE)
    return each(list(due), lambda job: _revive_job(job, now_s))


def _revive_job(found: Job, now_s: float) -> bool:
    generation = int(found.item.removeprefix("job#"))
    job = jobs.load(found.video_id, generation)
    if job is None or job.status not in jobs.OPEN:
        return False
    if now_s - job.updated_at_s > STUCK_JOB_S:
        return jobs.finish(job, "failed", error=("stuck", "The transcode did not get on for two days."))
    look_again(job, now_s + jobs.LOOK_AGAIN_S, Job.status.is_in(*jobs.OPEN))
    resume(job.video_id, generation)
    return True
