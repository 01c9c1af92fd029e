"""A published codec's sampled segment against its source: VMAF, kept in the job.

Not one of the job's tasks: nothing waits for it and no failure of it is the video's. It is asked for when
a codec is published, once for each sampled segment, and its scores are written once, whatever the number
of messages.
"""

import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite.errors import RetryableError
from videosite.log import logger
from videosite.media.plan import Plan
from videosite.media.quality import read_log, score_key, vmaf_argv
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import MEASURE_NICENESS, Child
from videosite.pipeline.faults import check_storage
from videosite.pipeline.meter import Measured, Meter, usd_here
from videosite.pipeline.publish import media_prefix
from videosite.pipeline.source import if_match, source_url
from videosite.pipeline.transcode import Delivery
from videosite.pipeline.work import SOURCE_URL_S, seek_margins
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, entry
from videosite.store.transactions import applied

TIMEOUT_S = 300.0
"""For one segment of all renditions; a 1080p ladder takes about a tenth of it."""
MAX_ATTEMPTS = 3
RETRY_S = 60
MAX_LOG_BYTES = 4 << 20


def measure(body: dict[str, Any], delivery: Delivery) -> None:
    """Measure what a message names: {"video_id", "generation", "measure": codec, "segment"}.

    Raises:
        RetryableError: it did not work this time; after the third time it is left unmeasured.
    """
    codec, segment = body["measure"], body["segment"]
    job = jobs.load(body["video_id"], body["generation"])
    if job is None or job.plan is None or codec not in job.published.as_dict():
        return
    plan = Plan.from_dict(job.plan)
    names = plan.renditions_of(codec)
    if score_key(names[0], segment) in job.vmaf.as_dict():
        return
    if delivery.receives > MAX_ATTEMPTS:
        logger.warning("not measured", extra={"video_id": job.video_id, "codec": codec, "segment": segment})
        return
    meter = Meter(delivery.memory_mb)
    try:
        scores = _compare(job, plan, names, segment)
    except Exception:
        _update(job, _spending(meter.read()), entry(Job.spent, "vmaf").exists())
        delivery.hide(RETRY_S)
        raise
    _keep(job, segment, scores, meter.read())
    logger.info("measured", extra={"video_id": job.video_id, "segment": segment, "vmaf": scores})


def _keep(job: Job, segment: int, scores: Mapping[str, float], measured: Measured) -> None:
    """Write the scores and add what they cost, together and once."""
    places = {name: entry(Job.vmaf, score_key(name, segment)) for name in scores}
    written = [place.set(scores[name]) for name, place in places.items()]
    unknown = next(iter(places.values())).does_not_exist()
    _update(job, written + _spending(measured), unknown & entry(Job.spent, "vmaf").exists())
    sidecars.mark(job.video_id)


def _spending(measured: Measured) -> list[Action]:
    group = entry(Job.spent, "vmaf")
    spent = {**measured.spent, "usd": usd_here(measured.gb_s)}
    return [group[unit].set(group[unit] + amount) for unit, amount in spent.items()]


def _update(job: Job, actions: list[Action], condition: Condition) -> None:
    applied(lambda: Job(job.video_id, job.item).update(actions=actions, condition=condition))


def _compare(job: Job, plan: Plan, names: list[str], segment: int) -> dict[str, float]:
    """Rendition → VMAF of the segment; seeks from further back until no frame is missing.

    Raises:
        RetryableError: `not_measured`.
    """
    media = {name: _media(job, name, segment) for name in names}
    url = source_url(job, SOURCE_URL_S)
    start, end = plan.frame_span(segment, segment + 1)
    deadline_s = time.monotonic() + TIMEOUT_S
    for margin_s in seek_margins(plan):
        logs, stderr = _run(plan, segment, url, media, margin_s, if_match(job), deadline_s)
        check_storage(stderr)
        scores = {name: read_log(log, end - start) for name, log in logs.items()}
        found = {name: score for name, score in scores.items() if score is not None}
        if len(found) == len(names):
            return found
        logger.info("not in step", extra={"video_id": job.video_id, "stderr": stderr[-300:]})
    raise RetryableError("not_measured", "The segment could not be compared with its source.")


def _media(job: Job, name: str, segment: int) -> bytes:
    """A rendition's init and media segment, which together are a video."""
    parts = []
    for file in ("init.mp4", f"seg_{segment:05d}.m4s"):
        data = objects.get(get_settings().media_bucket, f"{media_prefix(job)}{name}/{file}")
        if data is None:
            raise RetryableError("segments_missing", f"{name} lacks {file}.")
        parts.append(data)
    return b"".join(parts)


def _run(
    plan: Plan,
    segment: int,
    url: str,
    media: Mapping[str, bytes],
    margin_s: float,
    headers: str,
    deadline_s: float,
) -> tuple[dict[str, str], str]:
    """One FFmpeg with a pipe in and a pipe out per rendition; returns its logs and what it said."""
    media_pipes = {name: os.pipe() for name in media}
    log_pipes = {name: os.pipe() for name in media}
    for_child = [ends[0] for ends in media_pipes.values()] + [ends[1] for ends in log_pipes.values()]
    ours = [ends[1] for ends in media_pipes.values()] + [ends[0] for ends in log_pipes.values()]
    logs: dict[str, str] = {}

    def write(name: str) -> None:
        try:
            with os.fdopen(media_pipes[name][1], "wb") as pipe:
                pipe.write(media[name])
        except BrokenPipeError:
            return  # it ended early; its log says so

    def read(name: str) -> None:
        with os.fdopen(log_pipes[name][0], "rb") as pipe:
            logs[name] = pipe.read(MAX_LOG_BYTES).decode("utf-8", "replace")

    media_fds = {name: ends[0] for name, ends in media_pipes.items()}
    log_fds = {name: ends[1] for name, ends in log_pipes.items()}
    try:
        argv = vmaf_argv(
            find_binary("ffmpeg"), plan, segment, url, media_fds, log_fds, margin_s, headers=headers
        )
        child = Child(argv, lambda _: None, pass_fds=for_child, cpu_s=600, niceness=MEASURE_NICENESS)
    except BaseException:
        for fd in ours:
            os.close(fd)
        raise
    finally:
        for fd in for_child:
            os.close(fd)
    with child:
        threads = [threading.Thread(target=work, args=(name,)) for name in media for work in (write, read)]
        for thread in threads:
            thread.start()
        child.wait(max(0.0, deadline_s - time.monotonic()))
        child.kill()
        for thread in threads:
            thread.join()
    return logs, child.stderr_tail
