"""Audio pieces, and how loud the sound is."""

from dataclasses import asdict

from videosite.errors import RetryableError
from videosite.log import logger
from videosite.media.audio_command import audio_piece_argv, loudness_argv
from videosite.media.loudness import gains_db, parse_summaries, stored
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import BULK_NICENESS, URGENT_NICENESS, Child
from videosite.pipeline.encode import DAMAGED_ATTEMPTS, NO_SEGMENT, Encoded, encode
from videosite.pipeline.faults import check_storage
from videosite.pipeline.ingest import if_match
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.segments import BadSeekError, SegmentSink
from videosite.pipeline.watch import Watch
from videosite.store.tables import Job, Task


def encode_piece(job: Job, plan: Plan, task: Task, url: str, watch: Watch, reporter: Reporter) -> Encoded:
    """Encode all audio renditions of a piece at once.

    What cannot be decoded of a track is silence. A source whose sound gave nothing in one attempt gets
    silence in the next: a picture without sound is more than no picture.
    """
    ffmpeg = find_binary("ffmpeg")
    sinks = {
        name: SegmentSink(job, plan, name, task.first, task.end, watch.check_job)
        for name in plan.renditions_of("audio")
    }
    gains = gains_db(stored(job.loudness.as_dict())) if plan.normalize else {}
    silent = task.attempt >= DAMAGED_ATTEMPTS and task.error_code == NO_SEGMENT[0]
    if silent:
        logger.warning("sound is silenced", extra={"video_id": job.video_id, "task": task.task_id})
    try:
        return encode(
            lambda fds: audio_piece_argv(
                ffmpeg,
                plan,
                task.first,
                task.end,
                url,
                fds,
                headers=if_match(job),
                gains_db=gains,
                silent=silent,
            ),
            sinks,
            watch,
            reporter,
            units_per_segment=plan.audio.segment_frames if plan.audio else 0,
        )
    except BadSeekError as error:
        raise RetryableError(*NO_SEGMENT) from error


def measure_loudness(job: Job, plan: Plan, task: Task, url: str, watch: Watch) -> tuple[int, int, float]:
    """Measure every audio rendition over its whole length. Measuring again gives the same.

    A video does without it: near the deadline, or when FFmpeg says nothing, its loudness is unknown.

    Raises:
        RetryableError: `storage_unreadable`.
        LostLeaseError: the job was cancelled, retried or deleted.
    """
    child = Child(
        loudness_argv(find_binary("ffmpeg"), plan, url, headers=if_match(job)),
        lambda _: None,
        niceness=URGENT_NICENESS if task.urgent else BULK_NICENESS,
    )
    with child:
        finished = watch.stays(child)
    check_storage(child.stderr_tail)
    found = parse_summaries(child.stderr_tail, plan.renditions_of("audio")) if finished else {}
    logger.info("loudness", extra={"video_id": job.video_id, "renditions": sorted(found)})
    if found:
        values = {name: asdict(loudness) for name, loudness in found.items()}
        jobs.update(job, [Job.loudness.set(values)])
    return 1, 0, child.cpu_s
