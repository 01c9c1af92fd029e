"""Videos that fewer people may see than before: their media move to a new, unguessable folder, so that every
address given out before is dead.

Storage copies the objects itself. The job names the folder they go to before the first is copied, and the one
they came from until the last is gone, so each step can be taken up after a crash. Of a transcode that was
cancelled a worker may still write to the old folder for a while, so that is looked at once more afterwards.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pynamodb.expressions.update import Action

from videosite import ids
from videosite.housekeeping.deletion import AGAIN_S, LONGEST_WORK_S
from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.library.metadata import WATCH_REKEY
from videosite.log import logger
from videosite.pipeline import jobs, sidecars
from videosite.settings import get_settings
from videosite.store import cdn, objects, versions
from videosite.store.tables import Job, Video
from videosite.store.transactions import applied

PARALLEL_COPIES = 16
BUDGET_S = 120.0
"""Of one round: about 60,000 objects; what is not copied by then is copied in the next."""


def move(now_s: float) -> int:
    """Move the media of videos whose visibility narrowed; returns of how many."""
    due = Video.by_deadline.query(WATCH_REKEY, Video.look_at_s <= now_s, limit=PAGE)
    until_s = time.monotonic() + BUDGET_S
    return each(list(due), lambda found: time.monotonic() < until_s and _move(found.video_id, now_s, until_s))


def _move(video_id: int, now_s: float, until_s: float) -> bool:
    video = jobs.load_video(video_id)
    mine = Video.watch == WATCH_REKEY
    look_again(video, now_s + AGAIN_S, mine)
    found = list(Job.query(video_id, Job.item.between("job#", "job#~"), consistent_read=True))
    since_s = video.rekey_since_s or 0
    older = [job for job in found if job.created_at_s <= since_s and not job.media_removed]
    # Workers write into the folder they know: that of a transcode under way moves when they are done.
    ended = [job for job in older if job.status in jobs.ENDED]
    if not all(_move_job(job, now_s, until_s) for job in ended) or len(ended) < len(older):
        return False
    if now_s < (last_s := max(map(_written_until_s, ended), default=0.0)):
        look_again(video, last_s, mine)
        return True
    applied(
        lambda: video.update(
            [Video.rekey_since_s.remove(), Video.watch.remove(), Video.look_at_s.remove()],
            condition=mine & (Video.rekey_since_s == video.rekey_since_s),
        )
    )
    sidecars.mark(video_id)
    logger.info("media moved", extra={"video_id": video_id})
    return True


def _written_until_s(job: Job) -> float:
    """Until when a worker may write that has not noticed the job's end."""
    return (job.finished_at_s or job.updated_at_s) + LONGEST_WORK_S


def _move_job(job: Job, now_s: float, until_s: float) -> bool:
    """Whether all of a job's media are at new addresses now, and nothing at the old ones."""
    if not job.old_asset_key:
        if not job.next_asset_key and not _name_next(job):
            return False
        if not _copy(job, until_s) or not _switch(job):
            return False
    old = f"videos/{job.video_id}/{job.old_asset_key}/"
    objects.delete_all(get_settings().media_bucket, old)
    if not cdn.forget(old):
        return False
    if now_s >= _written_until_s(job):
        job.update([Job.old_asset_key.remove()], condition=Job.old_asset_key == job.old_asset_key)
    return True


def _name_next(job: Job) -> bool:
    same = (Job.run == job.run) & Job.next_asset_key.does_not_exist()
    return applied(lambda: job.update([Job.next_asset_key.set(ids.asset_key())], condition=same))


def _copy(job: Job, until_s: float) -> bool:
    """Copy what is not there yet; False if there was not time enough."""
    bucket = get_settings().media_bucket
    source, target = (f"videos/{job.video_id}/{key}/" for key in (job.asset_key, job.next_asset_key))
    there = {key.removeprefix(target) for key, _ in objects.list_keys(bucket, target)}
    files = [key.removeprefix(source) for key, _ in objects.list_keys(bucket, source)]
    missing = [file for file in files if file not in there]

    def copy(file: str) -> bool:
        if time.monotonic() > until_s:
            return False
        versions.copy(bucket, source + file, target + file)
        return True

    with ThreadPoolExecutor(PARALLEL_COPIES) as pool:
        return all(pool.map(copy, missing))


def _switch(job: Job) -> bool:
    """Let the copies be the media, unless the job was taken up again meanwhile."""
    same = (Job.run == job.run) & Job.status.is_in(*jobs.ENDED) & (Job.asset_key == job.asset_key)
    actions: list[Action] = [
        Job.old_asset_key.set(job.asset_key),
        Job.asset_key.set(str(job.next_asset_key)),
        Job.next_asset_key.remove(),
    ]
    switched = applied(partial(job.update, actions, condition=same))
    sidecars.mark(job.video_id)
    return switched
