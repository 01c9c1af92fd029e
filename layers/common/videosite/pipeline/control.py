"""Cancel and retry."""

import time

from videosite.errors import ConflictError
from videosite.pipeline import jobs, tasks
from videosite.pipeline.dispatch import after_task
from videosite.pipeline.tasks import job_key
from videosite.settings import get_settings
from videosite.store import queues
from videosite.store.tables import Task, Video
from videosite.store.transactions import applied

NOTHING_TO_KEEP = ("encoder_changed", "media_lost")
"""Errors after which a retry starts anew: the segments would not match, or are gone."""


def cancel(video_id: int) -> None:
    """Stop a video's transcode. Workers notice within seconds; what they still write is refused.

    Raises:
        NotFoundError: `video_not_found`.
        ConflictError: `not_running`, there is nothing to cancel.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    cancelled = jobs.finish(job, "cancelled") if job else _cancel_pending(video)
    if not cancelled:
        raise ConflictError("not_running", "This video is not being transcoded.")


def _cancel_pending(video: Video) -> bool:
    return applied(
        lambda: video.update(
            actions=[
                Video.status.set("cancelled"),
                Video.updated_at_s.set(time.time()),
                Video.watch.remove(),
                Video.look_at_s.remove(),
            ],
            condition=(Video.status == "pending") & (Video.active_generation == 0),
        )
    )


def retry(video_id: int) -> None:
    """Take a failed or cancelled transcode up again, doing only what is missing.

    One whose segments are of no use any more is started anew.

    Raises:
        NotFoundError: `video_not_found`.
        ConflictError: `not_failed`, there is nothing to retry.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    if job and job.status == "failed" and job.error_code in NOTHING_TO_KEEP:
        if jobs.start_anew(video, job):
            resume(video_id, job.generation + 1)
        return
    if job is None or not jobs.reopen(job):
        raise ConflictError("not_failed", "Only a failed or cancelled transcode can be retried.")
    resume(video_id, video.active_generation)


def resume(video_id: int, generation: int) -> None:
    """Set a reopened job going: its unfinished tasks under the new run, or the ingest it never passed."""
    job = jobs.load(video_id, generation)
    if job is None or job.status not in jobs.OPEN:
        return
    if job.status != "processing":
        queues.send_ingest(
            get_settings().uploads_bucket, job.source_key, job.source_size_bytes, job.source_etag
        )
        return
    for task in Task.query(job_key(video_id, generation), consistent_read=True):
        tasks.renew(task, job.run)
    after_task(job)
