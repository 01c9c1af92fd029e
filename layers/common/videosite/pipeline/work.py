"""The kinds of work: a video range, an audio piece, pictures, and what is taken from the source besides."""

import math

from videosite.errors import BadInputError, ConflictError, PermanentError, RetryableError, VideoSiteError
from videosite.log import logger
from videosite.media.command import video_range_argv
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.binaries import encoder_build, find_binary
from videosite.pipeline.encode import NO_SEGMENT, NOTHING, TOO_SLOW, Encoded, encode
from videosite.pipeline.faults import settle
from videosite.pipeline.previews import make_previews
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.resume import Gap, find_gap
from videosite.pipeline.segments import BadSeekError, SegmentSink
from videosite.pipeline.sound import encode_piece, measure_loudness
from videosite.pipeline.source import if_match, source_url
from videosite.pipeline.stills import make_stills
from videosite.pipeline.subtitles import extract_subtitles
from videosite.pipeline.watch import Watch
from videosite.store.tables import Job, Task

RECIPE_VERSION = 5
"""Raised when the same plan would give other bytes: an older job is then not continued. `test_recipe.py`
fails when a command line changed without it."""
SOURCE_URL_S = 1800
SIDE_WORK = {
    "image": make_stills,
    "previews": make_previews,
    "loudness": measure_loudness,
    "subtitles": extract_subtitles,
}
"""What a video can do without: it never fails for these."""
DAMAGED = BadInputError("source_damaged", "The video is damaged: a part of it cannot be decoded.")


def check_encoder(job: Job) -> None:
    """Refuse to continue a job begun with another FFmpeg or recipe: its segments would not match.

    Raises:
        ConflictError: `encoder_changed`.
    """
    recipe = f"{encoder_build()}/{RECIPE_VERSION}"
    if job.recipe is None:
        jobs.update(job, [Job.recipe.set(recipe)], condition=Job.recipe.does_not_exist())
        job = jobs.load(job.video_id, job.generation) or job
    if job.recipe not in (None, recipe):
        raise ConflictError(
            "encoder_changed",
            "The encoder was updated during this transcode. Retry starts it anew.",
        )


def do_task(job: Job, plan: Plan, task: Task, watch: Watch, reporter: Reporter) -> tuple[int, int]:
    """Encode what is missing of a task; returns (end of what is good, bytes).

    Raises:
        RetryableError: nothing was gained; another attempt may.
        PermanentError: `source_damaged`, `too_slow`: it was tried twice.
        LostLeaseError: the task is not ours any more.
    """
    url = source_url(job, SOURCE_URL_S)
    if task.group in SIDE_WORK:
        return SIDE_WORK[task.group](job, plan, task, url, watch)
    gap = find_gap(job, plan, task)
    if not gap.kept:
        return task.end, 0
    reporter.resume(gap.first - task.first, _units(plan, task, gap))
    encode_gap = encode_piece if task.group == "audio" else _video
    encoded = encode_gap(job, plan, gap, url, watch, reporter)
    if encoded.good == 0:
        raise settle(_why_nothing(task, encoded), url, if_match(job))
    end = gap.first + encoded.good
    return (task.end if end == gap.end else end), encoded.size_bytes


def _units(plan: Plan, task: Task, gap: Gap) -> int:
    """Frames, of video or of AAC, of what is there before a gap."""
    if task.group == "audio" and plan.audio:
        return (gap.first - task.first) * plan.audio.segment_frames
    start, end = plan.frame_span(task.first, gap.first)
    return end - start


def _why_nothing(task: Task, encoded: Encoded) -> VideoSiteError:
    """Why no segment came; what a second attempt at a picture says again, a third would, too."""
    logger.warning(
        "no segment",
        extra={"task": task.task_id, "stopped": encoded.stopped, "stderr": encoded.stderr_tail[-500:]},
    )
    if task.group == "audio":
        return RetryableError(*NO_SEGMENT)
    reason = TOO_SLOW if encoded.stopped else NO_SEGMENT
    if task.error_code != reason[0]:
        return RetryableError(*reason)
    return PermanentError(*TOO_SLOW) if encoded.stopped else DAMAGED


def _video(job: Job, plan: Plan, gap: Gap, url: str, watch: Watch, reporter: Reporter) -> Encoded:
    """Encode the missing renditions of a codec at once; seeks from further back until the start is right."""
    ffmpeg = find_binary("ffmpeg")
    for margin_s in seek_margins(plan):
        sinks = {
            name: SegmentSink(job, plan, name, gap.first, gap.end, watch.check_job, kept)
            for name, kept in gap.kept.items()
        }
        try:
            encoded = encode(
                lambda fds, margin_s=margin_s: video_range_argv(  # type: ignore[misc]
                    ffmpeg, plan, gap.first, gap.end, url, fds, margin_s, headers=if_match(job)
                ),
                sinks,
                watch,
                reporter,
            )
        except BadSeekError:
            encoded = None
        # No segment at all is a late seek too: in a gap, mp4 seeks by decode time to the frame after it.
        if encoded and (encoded.good or encoded.stopped or margin_s == math.inf):
            return encoded
        logger.info("seek missed", extra={"task": watch.task.task_id, "margin_s": margin_s})
    return NOTHING


def seek_margins(plan: Plan) -> tuple[float, ...]:
    """Seconds before a range to seek to, one attempt each; the last is the source's start.

    An attempt that missed shows it with its first segment, so many cost less than decoding hours.
    """
    return (*(plan.seek_margin_s * factor for factor in (1, 3, 30, 300)), math.inf)
