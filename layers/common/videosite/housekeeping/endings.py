"""Ends nobody was told of: the stream's record came to nothing, so its message was never stored."""

from videosite.housekeeping import leftovers
from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.pipeline import jobs
from videosite.realtime.changes import report
from videosite.realtime.notifications import NotificationService
from videosite.store.tables import Job


def tell(now_s: float) -> int:
    """Tell of jobs that ended a while ago; what was told before stays as it is."""
    due = Job.by_deadline.query(jobs.WATCH_ENDED, Job.look_at_s < now_s, limit=PAGE)
    service = NotificationService()
    return each(list(due), lambda job: _tell(job, now_s, service))


def _tell(found: Job, now_s: float, service: NotificationService) -> bool:
    generation = int(found.item.removeprefix("job#"))
    job = jobs.load(found.video_id, generation)
    if job is None or job.status in jobs.OPEN:
        return False
    same_end = (Job.run == job.run) & (Job.watch == jobs.WATCH_ENDED)
    # First, so that one that cannot be told does not stand in the way of the others.
    look_again(job, now_s + jobs.LOOK_AGAIN_S, same_end)
    leftovers.remove_refused(job)
    said = report(job.video_id, generation, now_s, service)
    if job.status == "completed":
        leftovers.look_later(job, now_s, same_end)
    else:
        look_again(job, None, same_end)
    return said
