"""The beginning of a video's end: from here on nobody sees it and nothing works on it.

What is left of it is removed by housekeeping, which `WATCH_DELETING` calls.
"""

import time
from collections.abc import Callable

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from videosite.pipeline import jobs, quotas
from videosite.pipeline.tasks import job_key
from videosite.store.statistics import count
from videosite.store.tables import Job, Task, Video
from videosite.store.transactions import commit

WATCH_DELETING = "deleting"
_KEYS = ["video_id", "item"]


def begin(
    video: Video,
    now_s: float | None = None,
    only_if: Condition | None = None,
    also: Callable[[TransactWrite], None] = lambda _: None,
) -> bool:
    """Mark a video as deleted, give its owner the storage back, and stop its transcodes.

    False if that was done before, or `only_if` does not hold. Workers notice within seconds; what they still
    write is removed later. `also`: what is written with it, or not at all.
    """
    now_s = time.time() if now_s is None else now_s
    condition = Video.video_id.exists() & (Video.status != "deleting")

    def fill(write: TransactWrite) -> None:
        write.update(
            Video(video.video_id),
            actions=[
                Video.status.set("deleting"),
                Video.title.set(""),
                Video.description.set(""),
                *(
                    place.remove()
                    for place in (
                        Video.title_key, Video.tags, Video.category, Video.language, Video.category_key,
                        Video.language_key, Video.share_slug, Video.duration_s, Video.rekey_since_s,
                        Video.video_codecs,
                    )
                ),
                Video.updated_at_s.set(now_s),
                Video.deleting_since_s.set(now_s),
                Video.watch.set(WATCH_DELETING),
                Video.look_at_s.set(now_s),
            ],
            condition=condition if only_if is None else condition & only_if,
        )  # fmt: skip
        quotas.give_back_storage(write, video.owner_id, video.source_size_bytes)
        also(write)

    begun = not commit(fill)
    if begun or only_if is None:
        stop_work(video.video_id)
    if begun:
        count("videos_deleted", 1, now_s)
        count("deleted_bytes", video.source_size_bytes, now_s)
    return begun


def stop_work(video_id: int) -> None:
    """Take every job of a video from its workers; safe to repeat."""
    # Not begins_with, see `library.playback.find_asset`.
    found = Job.query(video_id, Job.item.between("job#", "job#~"), consistent_read=True)
    for job in found:
        if job.status in jobs.OPEN:
            _stop(job)


def _stop(job: Job) -> None:
    def fill(write: TransactWrite) -> None:
        write.update(
            Job(job.video_id, job.item),
            actions=[
                Job.status.set("cancelled"),
                Job.run.set(job.run + 1),
                Job.watch.remove(),
                Job.look_at_s.remove(),
            ],
            condition=(Job.run == job.run) & Job.status.is_in(*jobs.OPEN),
        )
        quotas.release(write, job)

    commit(fill)


def remove_rows(video: Video) -> None:
    """Remove the rows of a video's transcodes, also those that a straggler wrote after they were removed."""
    for generation in range(1, video.active_generation + 1):
        with Task.batch_write() as batch:
            for task in Task.query(job_key(video.video_id, generation), consistent_read=True):
                batch.delete(task)
    with Job.batch_write() as batch:
        for row in Job.query(video.video_id, consistent_read=True, attributes_to_get=_KEYS):
            batch.delete(row)
