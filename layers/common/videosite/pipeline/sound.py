"""Audio pieces, and how loud the sound is."""

from dataclasses import asdict

from videosite.log import logger
from videosite.media.audio_command import Way, audio_piece_argv, loudness_argv
from videosite.media.loudness import gains_db, parse_summaries, stored
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import BULK_NICENESS, URGENT_NICENESS, Child
from videosite.pipeline.encode import NO_SEGMENT, NOTHING, Encoded, encode
from videosite.pipeline.faults import check_storage
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.resume import Gap
from videosite.pipeline.segments import BadSeekError, SegmentSink
from videosite.pipeline.source import if_match
from videosite.pipeline.watch import Watch
from videosite.store.tables import Job, Task, entry

LOOPED_ATTEMPT = 2


def encode_piece(job: Job, plan: Plan, gap: Gap, url: str, watch: Watch, reporter: Reporter) -> Encoded:
    """Encode what is missing of a piece, all audio renditions at once.

    What cannot be decoded of a track is silence. A piece that gave nothing is tried as one whose tracks
    change on the way, and then gets silence: a picture without sound is more than no picture.
    """
    ffmpeg = find_binary("ffmpeg")
    sinks = {
        name: SegmentSink(job, plan, name, gap.first, gap.end, watch.check_job, kept)
        for name, kept in gap.kept.items()
    }
    gains = gains_db(stored(job.loudness.as_dict())) if plan.normalize else {}
    way = _way(watch.task)
    if way != "direct":
        logger.warning("sound", extra={"video_id": job.video_id, "task": watch.task.task_id, "way": way})
    try:
        return encode(
            lambda fds: audio_piece_argv(
                ffmpeg,
                plan,
                gap.first,
                gap.end,
                url,
                fds,
                headers=if_match(job),
                gains_db=gains,
                way=way,
            ),
            sinks,
            watch,
            reporter,
            units_per_segment=plan.audio.segment_frames if plan.audio else 0,
        )
    except BadSeekError:
        return NOTHING


def _way(task: Task) -> Way:
    """How to make a piece, by what came of the attempt before."""
    if task.error_code != NO_SEGMENT[0]:
        return "direct"
    return "looped" if task.attempt <= LOOPED_ATTEMPT else "silent"


def measure_loudness(job: Job, plan: Plan, task: Task, url: str, watch: Watch) -> tuple[int, int]:
    """Measure the renditions of one audio track, number `task.first`, over its whole length. Measuring again
    gives the same.

    A video does without it: near the deadline, or when FFmpeg says nothing, the loudness is unknown.

    Raises:
        UnavailableError: `storage_unreadable`.
        LostLeaseError: the job was cancelled, retried or deleted.
    """
    track = plan.audio.tracks[task.first] if plan.audio else 0
    child = Child(
        loudness_argv(find_binary("ffmpeg"), plan, track, url, headers=if_match(job)),
        lambda _: None,
        niceness=URGENT_NICENESS if task.urgent else BULK_NICENESS,
    )
    with child:
        finished = watch.stays(child)
    check_storage(child.stderr_tail)
    found = parse_summaries(child.stderr_tail, plan.renditions_of("audio")) if finished else {}
    logger.info("loudness", extra={"video_id": job.video_id, "track": track, "renditions": sorted(found)})
    if found:
        jobs.update(job, [entry(Job.loudness, name).set(asdict(one)) for name, one in found.items()])
    return task.end, 0
