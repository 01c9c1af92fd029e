"""What nobody needs any more: once a video was published, media of older generations and a mended copy of its
source; and a file of another size than announced, which nobody counted.

A day later, since players have the older media open, and quality is still being measured by the copy. The
file at once.
"""

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.log import logger
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.publish import media_prefix
from videosite.settings import get_settings
from videosite.store import objects, versions
from videosite.store.tables import Job, job_item
from videosite.store.transactions import applied

LATER_S = 24 * 3600
AGAIN_S = 60


def look_later(job: Job, now_s: float, condition: Condition) -> None:
    """Have the leftovers of a completed job removed in a day; nothing happens if it has moved on."""
    applied(
        lambda: job.update(
            [Job.watch.set(jobs.WATCH_LEFT), Job.look_at_s.set(now_s + LATER_S)], condition=condition
        )
    )


def remove_refused(job: Job) -> None:
    """Remove the file of a failed job that is not of the announced size."""
    if job.error_code == "size_mismatch":
        versions.delete_versions(get_settings().uploads_bucket, job.source_key)


def remove(now_s: float) -> int:
    """Remove what is due; returns of how many videos."""
    due = Job.by_deadline.query(jobs.WATCH_LEFT, Job.look_at_s <= now_s, limit=PAGE)
    return each(list(due), lambda found: _remove(found, now_s))


def _remove(found: Job, now_s: float) -> bool:
    job = jobs.load(found.video_id, int(found.item.removeprefix("job#")))
    if job is None or job.watch != jobs.WATCH_LEFT or job.status != "completed":
        return False
    video = jobs.load_video(job.video_id)
    if video.rekey_since_s:
        # What is being moved is in two places: it goes when it is in one.
        look_again(job, now_s + AGAIN_S, Job.watch == jobs.WATCH_LEFT)
        return False
    # A newer generation may be at work with a copy under the same key.
    removed = int(video.active_generation == job.generation and _remove_copy(job))
    if video.published_generation == job.generation:
        # Up to the one before; of the first there is none.
        older = Job.item.between("job#", job_item(job.generation - 1))
        removed += sum(map(_remove_media, Job.query(job.video_id, older, consistent_read=True)))
    seen: list[Action] = [Job.watch.remove(), Job.look_at_s.remove()]
    applied(lambda: job.update(seen, condition=Job.watch == jobs.WATCH_LEFT))
    sidecars.mark(job.video_id)
    return bool(removed)


def _remove_copy(job: Job) -> bool:
    """The key stays in the row: it says that the plan is not for the upload as it is."""
    if not job.mended_key or not job.mended_etag:
        return False
    versions.delete_versions(get_settings().uploads_bucket, job.mended_key)
    applied(lambda: job.update([Job.mended_etag.remove()], condition=Job.status == "completed"))
    return True


def _remove_media(job: Job) -> bool:
    if job.status in jobs.OPEN:
        return False
    # First, so that no list names what is not there.
    applied(lambda: job.update([Job.media_removed.set(True)], condition=Job.run == job.run))
    count = objects.delete_all(get_settings().media_bucket, media_prefix(job))
    logger.info("older media removed", extra={"video_id": job.video_id, "objects": count})
    return count > 0
