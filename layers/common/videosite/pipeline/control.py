"""Cancel and retry, of a whole transcode or of one rendition."""

import time

from videosite.errors import ConflictError, NotFoundError
from videosite.media.plan import Plan
from videosite.pipeline import jobs, sidecars, tasks
from videosite.pipeline.dispatch import after_task, dispatch
from videosite.pipeline.lost import find_lost
from videosite.pipeline.reopening import reopen, take_up
from videosite.pipeline.source import has_copy, is_there
from videosite.pipeline.tasks import job_key
from videosite.settings import get_settings
from videosite.store import queues
from videosite.store.tables import Job, Task, Video
from videosite.store.transactions import applied

NOTHING_TO_KEEP = ("encoder_changed", "media_lost")
"""Errors after which a retry starts anew: the segments would not match, or are gone."""

TRANSCODING = ConflictError("not_ended", "This video is being transcoded.")
SOURCE_GONE = ConflictError("source_gone", "The upload is not there any more, so nothing can be made of it.")


def cancel(video_id: int) -> None:
    """Stop a video's transcode, or one that waits for its file. Workers notice within seconds; what they
    still write is refused.

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
    cancelled = applied(
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
    sidecars.mark(video.video_id)
    return cancelled


def retry(video_id: int) -> None:
    """Take a failed or cancelled transcode up again, doing only what is missing.

    One whose segments are of no use any more is started anew.

    Raises:
        NotFoundError: `video_not_found`.
        ConflictError: `not_failed`, there is nothing to retry; `nothing_uploaded`, it was cancelled before;
            `not_ended`, somebody else was faster.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    if job is None and video.status == "cancelled":
        raise ConflictError("nothing_uploaded", "Its upload was cancelled. Upload the file as a new video.")
    if job is None or job.status not in ("failed", "cancelled"):
        raise ConflictError("not_failed", "Only a failed or cancelled transcode can be retried.")
    if job.error_code in NOTHING_TO_KEEP or not has_copy(job):
        if jobs.start_anew(video, job) is None:
            raise TRANSCODING
        resume(video_id, job.generation + 1)
        return
    if not reopen(job, find_lost(job), waits=True):
        raise TRANSCODING
    resume(video_id, video.active_generation)


def retry_rendition(video_id: int, name: str) -> None:
    """Make what storage lacks of one rendition, and nothing else; the video stays playable meanwhile.

    A transcode that failed or was cancelled is taken up as by `retry`: renditions of a codec are encoded
    together, and a codec is published whole. Workers leave out what is there already.

    Raises:
        NotFoundError: `video_not_found`; `rendition_not_found`.
        ConflictError: `not_ended`, it is being transcoded; `nothing_missing`; `source_gone`.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    plan = Plan.from_dict(job.plan) if job and job.plan else None
    if job is None or plan is None or not any(name in plan.renditions_of(group) for group in plan.groups):
        raise NotFoundError("rendition_not_found", "This video has no such rendition.")
    if job.status in ("failed", "cancelled"):
        retry(video_id)
        return
    if job.status != "completed":
        raise TRANSCODING
    lost = find_lost(job, [name])
    if not lost:
        raise ConflictError("nothing_missing", "Nothing of this rendition is missing.")
    if not is_there(job):
        raise SOURCE_GONE
    if not has_copy(job):
        transcode_anew(video_id)
        return
    if not reopen(job, lost, waits=True):
        raise TRANSCODING
    resume(video_id, job.generation)


def transcode_anew(
    video_id: int, ladder: str | None = None, normalize: bool | None = None, priority: str = "normal"
) -> None:
    """Transcode a video again from its upload, by another ladder perhaps; the older generation plays until
    the new one does.

    Raises:
        NotFoundError: `video_not_found`.
        ConflictError: `nothing_uploaded`; `not_ended`, it is being transcoded; `source_gone`.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    if job is None:
        raise ConflictError("nothing_uploaded", "There is no file to transcode.")
    if job.status in jobs.OPEN:
        raise TRANSCODING
    if not is_there(job):
        raise SOURCE_GONE
    if jobs.start_anew(video, job, ladder=ladder, normalize=normalize, priority=priority) is None:
        raise TRANSCODING
    resume(video_id, job.generation + 1)


def prioritize(video_id: int, priority: str) -> None:
    """Have what is left of a transcode done sooner or later than others'.

    Raises:
        NotFoundError: `video_not_found`.
        ConflictError: `not_running`.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    if job is None or not jobs.update(job, [Job.priority.set(priority)]):
        raise ConflictError("not_running", "This video is not being transcoded.")
    job.refresh(consistent_read=True)
    if job.status == "processing":
        dispatch(job)


def resume(video_id: int, generation: int) -> None:
    """Set a reopened job going, once it has its place: its unfinished and its lost tasks under the new run,
    or the ingest it never passed. May be repeated."""
    job = jobs.load(video_id, generation)
    if job and job.status == "accepted" and job.plan:
        job = take_up(job)
    if job is None or job.status not in jobs.OPEN:
        return
    if job.status != "processing":
        queues.send_ingest(
            get_settings().uploads_bucket, job.source_key, job.source_size_bytes, job.source_etag
        )
        return
    for task in Task.query(job_key(video_id, generation), consistent_read=True):
        if task.status != "done" or task.task_id in (job.redo or ()):
            tasks.renew(task, job.run)
    after_task(job)
