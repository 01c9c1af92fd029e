"""The state of a transcode as a progress message."""

from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.snapshot import transcode_status
from videosite.realtime.messages import TranscodeProgress, transcode_progress
from videosite.realtime.texts import Params
from videosite.store.tables import Job, Progress, Video

_CODES = {"accepted": "reading", "planned": "preparing", "pending": "waiting_for_upload"}


def load_snapshot(video: Video) -> TranscodeProgress:
    """The newest state of a video's newest transcode, read consistently."""
    job = jobs.load(video.video_id, video.active_generation) if video.active_generation else None
    progress = jobs.load_progress(video.video_id, video.active_generation) if job else None
    return snapshot(video, job, progress)


def snapshot(video: Video, job: Job | None, progress: Progress | None) -> TranscodeProgress:
    """The message of a state. Pure."""
    status = transcode_status(video, job, progress)
    return transcode_progress(status, job.run if job else 0, *describe(video, job))


def describe(video: Video, job: Job | None) -> tuple[str, Params]:
    """What is being done, as (code, parameters) of a text."""
    status = job.status if job else video.status
    if job is None or status != "processing":
        return _CODES.get(status, status), {}
    plan = Plan.from_dict(job.plan) if job.plan else None
    left = job.open_tasks.as_dict()
    encoded = [rung for rung in plan.renditions if left.get(rung.codec) == 0] if plan else []
    if plan and encoded:
        resolution = encoded[0].name.partition("-")[2]
        return "encoded", {"resolution": resolution, "done": len(encoded), "total": len(plan.renditions)}
    return "transcoding", {"done": job.done_tasks, "total": job.total_tasks}
