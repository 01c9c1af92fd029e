"""Videos some of whose media are gone: made again from the upload, or failed with a reason."""

import time
from functools import partial

from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import each
from videosite.log import logger
from videosite.pipeline import jobs
from videosite.pipeline.control import resume
from videosite.pipeline.lost import find_lost
from videosite.pipeline.reopening import lose, reopen
from videosite.pipeline.source import has_copy, is_there
from videosite.store.tables import Job, Video

PAGE = 5
"""Videos between two looks at the clock."""
TURN_S = 10.0
"""Each minute's time for it: all files of each video are listed."""
LOST = ("media_lost", "The video's media are gone from storage, and so is its upload.")


def restore(now_s: float) -> int:
    """Make again what is published and not there; returns for how many something was done."""
    until_s, count = time.monotonic() + TURN_S, 0
    while page := next_page("published", now_s, _list_page):
        count += each(page, partial(_restore, now_s))
        if time.monotonic() >= until_s:
            break
    return count


def _list_page(after: str | None) -> tuple[list[Video], str | None]:
    start = {"video_id": {"N": after}} if after else None
    found = Video.scan(limit=PAGE, page_size=PAGE, last_evaluated_key=start, consistent_read=True)
    rows = list(found)
    last = found.last_evaluated_key
    return rows, str(last["video_id"]["N"]) if last else None


def _restore(now_s: float, video: Video) -> bool:
    job = jobs.load(video.video_id, video.active_generation)
    # One that ended just now: people are told of that first.
    if job is None or job.watch == jobs.WATCH_ENDED or video.status != job.status:
        return False
    if job.status == "failed" and job.publish_anew and job.error_code == "encoder_changed":
        return _start_anew(video, job, now_s)
    lost = find_lost(job) if job.status == "completed" else None
    if not lost:
        return False
    logger.warning("media missing", extra={"video_id": video.video_id, "generation": job.generation})
    if not is_there(job):
        return lose(job, LOST, now_s)
    if not has_copy(job):
        return _start_anew(video, job, now_s)
    if not reopen(job, lost, now_s):
        return False
    resume(video.video_id, job.generation)
    return True


def _start_anew(video: Video, job: Job, now_s: float) -> bool:
    """Segments of another encoder would not fit those that are there."""
    if not jobs.start_anew(video, job, now_s):
        return False
    resume(video.video_id, job.generation + 1)
    return True
