"""Videos whose media are gone from storage: made again from the upload, or failed with a reason."""

from functools import partial

from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import each
from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.control import resume
from videosite.pipeline.publish import missing_files
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Video

PAGE = 5
"""Videos per minute: all files of each are listed."""
LOST = ("media_lost", "The video's media are gone from storage, and so is its upload.")


def restore(now_s: float) -> int:
    """Transcode anew what is published and not there; returns for how many something was done."""
    return each(next_page("published", now_s, _list_page), partial(_restore, now_s))


def _list_page(after: str | None) -> tuple[list[Video], str | None]:
    start = {"video_id": {"N": after}} if after else None
    found = Video.scan(limit=PAGE, page_size=PAGE, last_evaluated_key=start, consistent_read=True)
    rows = list(found)
    last = found.last_evaluated_key
    return rows, str(last["video_id"]["N"]) if last else None


def _restore(now_s: float, video: Video) -> bool:
    job = jobs.load(video.video_id, video.active_generation)
    if video.status != "completed" or job is None or job.status != "completed":
        return False
    # One with a watch ended just now: people are told of that first.
    if job.watch or not _lacks(job):
        return False
    logger.warning("media missing", extra={"video_id": video.video_id, "generation": job.generation})
    source = objects.head(get_settings().uploads_bucket, job.source_key)
    if source is None or source.etag != job.source_etag:
        return jobs.lose(job, LOST, now_s)
    if not jobs.start_anew(video, job, now_s):
        return False
    resume(video.video_id, job.generation + 1)
    return True


def _lacks(job: Job) -> bool:
    plan = Plan.from_dict(job.plan or {})
    groups = (*job.published.as_dict(), "audio")
    return any(missing_files(job, plan, name) for group in groups for name in plan.renditions_of(group))
