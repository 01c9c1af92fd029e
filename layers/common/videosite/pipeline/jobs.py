"""The job item: the one truth about a transcode, and every change of its state.

    accepted ──> planned ──> processing ──> completed
        └───────────┴────────────┴──> failed | cancelled

Each change is conditional on run and status, so a repeated or late one changes nothing. The video's
own status changes in the same transaction.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.errors import NotFoundError
from videosite.pipeline import quotas, sidecars
from videosite.store.objects import ObjectHead
from videosite.store.statistics import count
from videosite.store.tables import (
    Availability,
    Job,
    Progress,
    Video,
    availability_item,
    job_item,
    progress_item,
)
from videosite.store.transactions import applied, commit

OPEN = ("accepted", "planned", "processing")
ENDED = ("completed", "failed", "cancelled")
WATCH = "open"
"""Value of the sparse `watch` attribute that puts a row into housekeeping's index."""
WATCH_ENDED = "ended"
"""The same for jobs that ended, until housekeeping has seen that people were told."""
WATCH_LEFT = "left"
"""The same for completed jobs, until what nobody needs any more is removed."""
TOLD_AFTER_S = 60
"""How long telling of an end may take before housekeeping looks."""
LOOK_AGAIN_S = 300
"""How long an unfinished job may go unlooked at by housekeeping."""
WAITING_LOOK_S = 60
"""How often housekeeping asks for a job that waits for its owner's other transcodes."""


def load(video_id: int, generation: int) -> Job | None:
    """The job item, read consistently, or None."""
    try:
        return Job.get(video_id, job_item(generation), consistent_read=True)
    except Job.DoesNotExist:
        return None


def load_video(video_id: int) -> Video:
    """The video row, read consistently.

    Raises:
        NotFoundError: `video_not_found`.
    """
    try:
        return Video.get(video_id, consistent_read=True)
    except Video.DoesNotExist:
        raise NotFoundError("video_not_found", "There is no such video.") from None


def load_progress(video_id: int, generation: int) -> Progress | None:
    """The progress item of a job, or None before its first task reported."""
    try:
        return Progress.get(video_id, progress_item(generation), consistent_read=True)
    except Progress.DoesNotExist:
        return None


def load_availability(video_id: int, generation: int) -> Availability | None:
    """The availability item of a job, or None before it was planned."""
    try:
        return Availability.get(video_id, availability_item(generation), consistent_read=True)
    except Availability.DoesNotExist:
        return None


def is_current(job: Job | None, run: int) -> bool:
    """Whether work of `run` still counts: False for stragglers of a cancelled or retried run."""
    return job is not None and job.run == run and job.status in OPEN


def still_runs(job: Job) -> bool:
    """Whether work of the job, as it was read, still counts; reads only what that takes."""
    try:
        now: Any = Job.get(job.video_id, job.item, consistent_read=True, attributes_to_get=["run", "status"])
    except Job.DoesNotExist:
        return False
    return is_current(now, job.run)


def accept(video: Video, source: ObjectHead, now_s: float | None = None) -> Job | None:
    """Start the video's first job for the object that was uploaded.

    Returns None if somebody else accepted it, or the video is past `pending`.
    """
    now_s = time.time() if now_s is None else now_s
    generation = video.active_generation + 1
    job = _new_job(video, source, generation, now_s)
    condition = (Video.status == "pending") & (Video.active_generation == generation - 1)
    return job if _commit(job, "processing", condition, now_s) else None


def made(video_id: int, generation: int, now_s: float) -> str:
    """What jobs are listed by: text that sorts by time, the same for no two of them."""
    return f"{int(now_s * 1000):014d}#{video_id:016d}#{generation:05d}"


def _new_job(video: Video, source: ObjectHead, generation: int, now_s: float) -> Job:
    return Job(
        video.video_id,
        job_item(generation),
        generation=generation,
        asset_key=ids.asset_key(),
        owner_id=video.owner_id,
        title=video.title,
        ladder=video.ladder,
        normalize=video.normalize,
        made=made(video.video_id, generation, now_s),
        source_key=video.source_key,
        source_etag=source.etag,
        source_size_bytes=source.size_bytes,
        created_at_s=now_s,
        updated_at_s=now_s,
        watch=WATCH,
        look_at_s=now_s + LOOK_AGAIN_S,
    )


def start_anew(
    video: Video,
    job: Job,
    now_s: float | None = None,
    ladder: str | None = None,
    normalize: bool | None = None,
    priority: str = "normal",
) -> Job | None:
    """The next generation of an ended job, from the same source; None if the job is not the newest or
    has not ended. What the older generation published is played until the new one is.

    `ladder` and `normalize`: None, as the video has them.
    """
    now_s = time.time() if now_s is None else now_s
    source = ObjectHead(job.source_size_bytes, job.source_etag)
    fresh = _new_job(video, source, job.generation + 1, now_s)
    fresh.ladder = ladder or video.ladder
    fresh.normalize = video.normalize if normalize is None else normalize
    fresh.priority = priority
    ended = Video.status.is_in("completed", "failed", "cancelled")
    condition = ended & (Video.active_generation == job.generation)
    return fresh if _commit(fresh, "processing", condition, now_s) else None


def _commit(job: Job, video_status: str, video_condition: Condition, now_s: float) -> bool:
    # It waits for its file no more; what else it may wait for goes on.
    waits = (Video.watch.remove(), Video.look_at_s.remove()) if job.generation == 1 else ()

    def fill(write: TransactWrite) -> None:
        write.save(job, condition=Job.video_id.does_not_exist())
        write.update(
            Video(job.video_id),
            actions=[
                Video.status.set(video_status),
                Video.active_generation.set(job.generation),
                Video.ladder.set(job.ladder),
                Video.normalize.set(job.normalize),
                Video.updated_at_s.set(now_s),
                *waits,
            ],
            condition=video_condition,
        )

    if commit(fill):
        return False
    sidecars.mark(job.video_id, now_s)
    return True


def wait(job: Job, now_s: float) -> None:
    """Until another of its owner's transcodes has ended: housekeeping asks again. No attempt, and no
    standing still."""
    update(
        job,
        [
            Job.waiting.set(True),
            Job.ingest_attempts.set(0),
            Job.updated_at_s.set(now_s),
            Job.look_at_s.set(now_s + WAITING_LOOK_S),
        ],
    )


def finish(job: Job, status: str, now_s: float | None = None, error: tuple[str, str] | None = None) -> bool:
    """Move an open job to completed, failed or cancelled, and its video with it.

    `error` is (code, message) of a failure. Cancelling bumps `run`. A video with an older published
    generation keeps playing that. Returns False if the job had ended or moved on already.
    """
    now_s = time.time() if now_s is None else now_s
    actions: list[Action] = [
        Job.status.set(status),
        Job.updated_at_s.set(now_s),
        Job.finished_at_s.set(now_s),
        Job.watch.set(WATCH_ENDED),
        Job.look_at_s.set(now_s + TOLD_AFTER_S),
    ]
    if status == "cancelled":
        actions.append(Job.run.set(job.run + 1))
    if error:
        actions += [Job.error_code.set(error[0]), Job.error_message.set(error[1][:500])]
    video_actions: list[Action] = [Video.status.set(status), Video.updated_at_s.set(now_s)]
    if status == "completed":
        video_actions.append(Video.published_generation.set(job.generation))
    ended = move(job, actions, video_actions, OPEN, quotas.release)
    if ended and status == "failed":
        count("transcodes_failed", 1, now_s)
    return ended


def is_published(job: Job, codec: str) -> bool:
    """Whether a codec's media were checked and its lists written since its tasks were last done."""
    return codec in job.published.as_dict() and codec not in (job.publish_anew or ())


def move(
    job: Job,
    actions: list[Action],
    video_actions: list[Action],
    allowed: Sequence[str],
    use: Callable[[TransactWrite, Job], None] | None = None,
) -> bool:
    """Change a job and its video together, if the job is still in its run and in one of the `allowed`
    statuses; False if not. `use` adds to the transaction what becomes of its owner's quota."""

    def fill(write: TransactWrite) -> None:
        write.update(
            Job(job.video_id, job.item),
            actions=actions,
            condition=(Job.run == job.run) & Job.status.is_in(*allowed),
        )
        write.update(
            Video(job.video_id),
            actions=video_actions,
            condition=(Video.active_generation == job.generation) & (Video.status != "deleting"),
        )
        if use:
            use(write, job)

    if commit(fill):
        return False
    sidecars.mark(job.video_id)
    return True


def update(job: Job, actions: list[Action], condition: Condition | None = None) -> bool:
    """Change the job item if it is still open in the same run; False if it is not."""
    guard = (Job.run == job.run) & Job.status.is_in(*OPEN)
    full = guard & condition if condition is not None else guard
    return applied(lambda: job.update(actions=actions, condition=full))
