"""Object created → probe → refuse or plan → tasks.

Idempotent by construction: S3's event, the client's "complete" call and the sweep may all report one
upload, and any of them may come twice. The job is accepted by condition on the video row; each later
step is skipped when its result is there.
"""

import time
from functools import partial

from pynamodb.transactions import TransactWrite

from videosite.errors import BadInputError, NotFoundError, RetryableError
from videosite.log import logger
from videosite.media.clock import may_jump
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import PICTURE, Source, check_source, is_picture
from videosite.pipeline import jobs, quotas, sidecars, tasks
from videosite.pipeline.clock import steady_copy
from videosite.pipeline.dispatch import dispatch
from videosite.pipeline.events import created_objects, video_id_of
from videosite.pipeline.probe import find_end, look, probe
from videosite.pipeline.source import if_match, source_url
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.faults import is_passing
from videosite.store.statistics import count
from videosite.store.tables import Availability, Job, Progress, Video, availability_item, progress_item
from videosite.store.transactions import applied, commit

MAX_SOURCE_BYTES = 5 * 1024**3
PROBE_URL_S = 300
URGENT_LOUDNESS_S = 300
"""Sound that is to be normalised waits for its loudness, and the first play for it. A track is measured at 50
(5.1) to 130 times realtime: of a video up to this long in seconds. A longer one would hold an urgent worker
for minutes while others wait for their first range."""
MAX_ATTEMPTS = 5
PATIENCE_S = 600
"""After this many attempts and seconds a job fails; housekeeping repeats them each five minutes."""


def ingest_event(body: object) -> None:
    """Ingest every object an event names; see `ingest`."""
    for created in created_objects(body):
        ingest(created.bucket, created.key)


def ingest(bucket: str, key: str) -> None:
    """Take one uploaded object as far as dispatched tasks, or to a failed video with a reason.

    Raises:
        RetryableError: storage or tables were not available; the event should come again.
    """
    video_id = video_id_of(key)
    if bucket != get_settings().uploads_bucket or video_id is None:
        logger.info("ignored object", extra={"key": key[:200]})
        return
    try:
        video = jobs.load_video(video_id)
    except NotFoundError:
        return
    job = _accepted_job(video, key)
    if job is None or (job.status == "accepted" and job.plan):
        # The latter is taken up again by `control.resume`.
        return
    if job.status == "processing":
        advance(job)
        return
    jobs.update(job, [Job.ingest_attempts.add(1)])
    try:
        _check_attempts(job, time.time())
        if job.status == "accepted" and job.source_size_bytes != video.source_size_bytes:
            raise BadInputError(
                "size_mismatch",
                f"{video.source_size_bytes:,} bytes were announced and {job.source_size_bytes:,} arrived.",
            )
        advance(job)
    except BadInputError as error:
        logger.info("refused", extra={"video_id": video_id, "code": error.code})
        jobs.finish(job, "failed", error=(error.code, error.message))
    except Exception as error:
        if isinstance(error, RetryableError) or is_passing(error):
            jobs.update(job, [Job.ingest_attempts.add(-1)])
        raise


def _check_attempts(job: Job, now_s: float) -> None:
    """Give up on an upload that ingest does not understand or survive, for whatever reason.

    Faults that pass do not count. Time counts too, since one upload may be reported many times at once.
    """
    if job.ingest_attempts > MAX_ATTEMPTS and now_s - job.updated_at_s > PATIENCE_S:
        raise BadInputError(
            "ingest_failed",
            f"Preparing the transcode failed {job.ingest_attempts - 1} times for an internal reason.",
        )


def _accepted_job(video: Video, key: str) -> Job | None:
    """The job for this upload: a new one, or the one an earlier delivery began and did not finish."""
    if key != video.source_key:
        return None
    if video.status == "pending":
        source = objects.head(get_settings().uploads_bucket, key)
        if source is None:
            return None
        job = jobs.accept(video, source)
        if job:
            return job
        video = jobs.load_video(video.video_id)
    job = jobs.load(video.video_id, video.active_generation)
    return job if job and job.status in jobs.OPEN else None


def advance(job: Job) -> None:
    """Bring an open job from wherever it stands to dispatched tasks.

    Raises:
        BadInputError: the upload is refused.
    """
    if job.status == "accepted":
        if not quotas.take_slot(job):
            jobs.wait(job, time.time())
            return
        _plan(job)
        job = jobs.load(job.video_id, job.generation) or job
    if job.status == "planned" and job.plan:
        _create_tasks(job, Plan.from_dict(job.plan))
        job = jobs.load(job.video_id, job.generation) or job
    if job.status == "processing":
        dispatch(job)


def _plan(job: Job) -> None:
    if job.source_size_bytes == 0:
        raise BadInputError("empty", "The file is empty.")
    check_size(job.source_size_bytes)
    try:
        source = understand(job)
        plan = make_plan(source, job.ladder, job.normalize)
        plan = look(plan, _address(job), job.source_size_bytes, headers=if_match(job))
    except BadInputError as error:
        # ffprobe may not open pictures at all, so it cannot tell them from noise.
        if error.code == "unreadable" and is_picture(
            objects.first_bytes(get_settings().uploads_bucket, job.source_key, 12)
        ):
            raise PICTURE from error
        raise
    _save_plan(job, plan, time.time())


def _save_plan(job: Job, plan: Plan, now_s: float) -> None:
    """Together with what it takes of its owner's minutes.

    Raises:
        BadInputError: `quota_exceeded`.
    """
    copy = (Job.mended_key.set(job.mended_key), Job.mended_etag.set(job.mended_etag))
    limit_minutes = quotas.limits(job.owner_id).minutes
    seconds = round(float(plan.duration_s), 3)

    def fill(write: TransactWrite) -> None:
        write.update(
            Job(job.video_id, job.item),
            actions=[
                Job.plan.set(plan.to_dict()),
                Job.video_codecs.set(set(plan.codecs)),
                *(copy if job.mended_key else ()),
                Job.waiting.set(False),
                Job.status.set("planned"),
                Job.updated_at_s.set(now_s),
            ],
            condition=(Job.run == job.run) & (Job.status == "accepted"),
        )
        quotas.add_minutes(write, job.owner_id, seconds, limit_minutes, now_s)

    failed = commit(fill)
    if failed == {1}:
        raise BadInputError("quota_exceeded", quotas.minutes_exceeded(limit_minutes))
    if failed:
        return
    applied(
        lambda: Video(job.video_id).update(
            [Video.duration_s.set(seconds), Video.video_codecs.set(set(plan.codecs))],
            condition=Video.status == "processing",
        )
    )
    sidecars.mark(job.video_id, now_s)
    count("transcodes", 1, now_s)
    count("transcoded_s", seconds, now_s)


def understand(job: Job) -> Source:
    """What the job's source is. One whose clock jumps is mended before, and named in `job` as read from here.

    Raises:
        BadInputError: it is refused.
        RetryableError: `storage_unreadable`.
    """
    source = _probe(job)
    steady = steady_copy(job, source, _address(job), if_match(job)) if may_jump(source) else None
    if steady:
        job.mended_key, job.mended_etag = steady
        source = _probe(job)
    if not source.says_its_end:
        source = find_end(source, _address(job), if_match(job))
    # Not before: what a clock says that jumps is wrong.
    check_source(source)
    return source


def _address(job: Job) -> str:
    return source_url(job, PROBE_URL_S)


def _probe(job: Job) -> Source:
    return probe(_address(job), headers=if_match(job), judge=False)


def check_size(size_bytes: int) -> None:
    """Refuse an upload that is too large, or will be.

    Raises:
        BadInputError: `too_large`.
    """
    if size_bytes > MAX_SOURCE_BYTES:
        raise BadInputError("too_large", "The file is larger than 5 GiB.")


def planned_tasks(plan: Plan) -> list[tuple[str, int, int, bool]]:
    """Every task of a plan as (group, first segment, end segment, urgent).

    Urgent is what the first play waits for: the first range, the first audio piece, what that waits for
    itself where it is short, and the poster. Loudness has a task per track, as others have per segment.
    """
    found: list[tuple[str, int, int, bool]] = []
    for group in plan.groups:
        for index, (first, end) in enumerate(plan.ranges(group)):
            found.append((group, first, end, index == 0 and group in (plan.codecs[0], "audio")))
    found += [("image", 0, 1, True), ("previews", 0, 1, False)]
    tracks = len(plan.audio.tracks) if plan.audio else 0
    soon = plan.normalize and plan.duration_s <= URGENT_LOUDNESS_S
    found += [("loudness", track, track + 1, soon) for track in range(tracks)]
    if plan.subtitles:
        found.append(("subtitles", 0, 1, False))
    return found


def create_siblings(job: Job) -> None:
    """Put the job's empty progress and availability items, unless they are there."""
    for item in (
        Progress(job.video_id, progress_item(job.generation)),
        Availability(job.video_id, availability_item(job.generation)),
    ):
        applied(partial(item.save, condition=Job.video_id.does_not_exist()))


def _create_tasks(job: Job, plan: Plan) -> None:
    """Write the sibling items and all tasks, then count them; each step may be repeated."""
    create_siblings(job)
    planned = planned_tasks(plan)
    for group, first, end, urgent in planned:
        task = tasks.new_task(job, group, first, end, urgent)
        if not tasks.create(task) and (older := tasks.load(task.job, task.task_id)):
            tasks.renew(older, job.run)
    counts: dict[str, int] = {}
    for group, *_ in planned:
        counts[group] = counts.get(group, 0) + 1
    now_s = time.time()
    jobs.update(
        job,
        [
            Job.status.set("processing"),
            Job.open_tasks.set(counts),
            Job.total_tasks.set(len(planned)),
            Job.started_at_s.set(now_s),
            Job.updated_at_s.set(now_s),
        ],
        condition=Job.status == "planned",
    )
