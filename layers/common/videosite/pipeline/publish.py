"""A codec is complete → check its media, write its static playlists → the video can be played as VOD."""

import time
from math import ceil

from pynamodb.expressions.update import Action

from videosite.errors import PermanentError
from videosite.log import logger
from videosite.media.hls import media_playlist
from videosite.media.plan import Plan
from videosite.media.quality import sampled_segments
from videosite.pipeline import jobs, sidecars, tasks
from videosite.pipeline.dispatch import ready_codecs
from videosite.settings import get_settings, require
from videosite.store import objects, queues
from videosite.store.statistics import count
from videosite.store.tables import Job, Video, entry
from videosite.store.transactions import applied

INIT = "init.mp4"
PLAYLIST = "index.m3u8"
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


def publish(video_id: int, generation: int, run: int, codec: str) -> None:
    """Publish one codec of a job, and complete the job if nothing of it is left. Safe to repeat.

    If storage does not hold what the tasks reported, the job fails with `segments_missing`.
    """
    job = jobs.load(video_id, generation)
    if job is None or job.plan is None or not jobs.is_current(job, run):
        return
    plan = Plan.from_dict(job.plan)
    if not jobs.is_published(job, codec):
        if not _publish(job, plan, codec):
            return
        job.refresh(consistent_read=True)
    # With its first codec a generation can be played for good, whatever becomes of the others.
    applied(
        lambda: Video(video_id).update(
            actions=[Video.published_generation.set(generation)],
            condition=Video.active_generation == generation,
        )
    )
    sidecars.mark(video_id)
    _ask_for_measuring(job, plan, codec)
    if not all(jobs.is_published(job, each) for each in plan.codecs):
        for after in ready_codecs(job):
            # Its tasks were done first and have nobody left to say so.
            publish(video_id, generation, run, after)
    elif not any(job.open_tasks.as_dict().values()):
        spent = [entry(Job.spent, group).set(it) for group, it in tasks.spent(job).items()]
        jobs.update(job, [Job.updated_at_s.set(time.time()), *spent])
        jobs.finish(job, "completed")


def _publish(job: Job, plan: Plan, codec: str) -> bool:
    """Check a codec's media and write its playlists; False if they are not whole, or the run is over."""
    renditions = plan.renditions_of(codec) + plan.renditions_of("audio")
    sizes, peaks = {}, {}
    try:
        for name in renditions:
            sizes[name], peaks[name] = _checked_size(job, plan, name)
    except PermanentError as error:
        # Storage is consistent, so they do not come; a retry makes them again.
        jobs.finish(job, "failed", error=(error.code, error.message))
        return False
    for name in renditions:
        playlist = media_playlist(plan, name, plan.segments_of(name), ended=True, kind="VOD")
        key = f"{media_prefix(job)}{name}/{PLAYLIST}"
        objects.put(get_settings().media_bucket, key, playlist.encode(), PLAYLIST_TYPE)
    spent = tasks.spent(job)
    done = [group for group in spent if group == codec or group not in plan.codecs]
    vmaf, nothing = entry(Job.spent, "vmaf"), {"cpu_s": 0, "gb_s": 0, "usd": 0}
    # What measuring takes is added to it later.
    said: list[Action] = [vmaf.set(vmaf | nothing)]
    said += [entry(Job.spent, group).set(spent[group]) for group in done]
    said += [entry(Job.sizes, name).set(size_bytes) for name, size_bytes in sizes.items()]
    said += [entry(Job.peaks, name).set(kbps) for name, kbps in peaks.items()]
    took_s = entry(Job.took_s, codec)
    # What is published anew took what it took the first time.
    said.append(took_s.set(took_s | round(time.time() - (job.started_at_s or time.time()), 3)))
    said.append(Job.publish_anew.delete({codec}))
    said.append(entry(Job.published_run, codec).set(job.run))
    said.append(entry(Job.published_at_s, codec).set(round(time.time(), 3)))
    if not jobs.update(job, [*said, entry(Job.published, codec).set(sum(sizes.values()))]):
        return False
    count("published_bytes", sum(sizes.values()), time.time())
    logger.info("published", extra={"video_id": job.video_id, "codec": codec, "sizes": sizes})
    return True


def _ask_for_measuring(job: Job, plan: Plan, codec: str) -> None:
    """Have a few segments of a published codec compared with the source; asking twice changes nothing."""
    for segment in sampled_segments(plan):
        queues.send(
            require("bulk_queue_url"),
            {
                "video_id": job.video_id,
                "generation": job.generation,
                "measure": codec,
                "segment": segment,
            },
        )


def media_prefix(job: Job) -> str:
    """Key prefix of a job's media: videos/{video_id}/{asset_key}/."""
    return f"videos/{job.video_id}/{job.asset_key}/"


def _checked_size(job: Job, plan: Plan, name: str) -> tuple[int, int]:
    """(bytes of a rendition's init and segments, kbit/s of the largest segment); all must be in storage."""
    sizes = _stored_sizes(job, name)
    wanted = _media_files(plan, name)
    missing = [file for file in wanted if file not in sizes]
    if missing:
        raise PermanentError(
            "segments_missing", f"Storage lost {len(missing)} files of {name}; retry makes them again."
        )
    parts = [(plan.segment_duration_s(name, number), sizes[file]) for number, file in enumerate(wanted[1:])]
    if len(parts) > 1 and parts[-1][0] < parts[0][0] / 2:
        # A peak is of half a target duration or more (RFC 8216, 4.3.4.2): the last is too short alone.
        parts[-2:] = [(parts[-2][0] + parts[-1][0], parts[-2][1] + parts[-1][1])]
    return sum(sizes[file] for file in wanted), max(ceil(size * 8 / 1000 / length) for length, size in parts)


def stored_files(job: Job, name: str) -> frozenset[str]:
    """What storage has of a rendition: its playlist, init and segments."""
    return frozenset(_stored_sizes(job, name))


def _stored_sizes(job: Job, name: str) -> dict[str, int]:
    prefix = f"{media_prefix(job)}{name}/"
    found = objects.list_keys(get_settings().media_bucket, prefix)
    return {key.removeprefix(prefix): size for key, size in found}


def _media_files(plan: Plan, name: str) -> list[str]:
    return [INIT, *(segment_file(number) for number in range(plan.segments_of(name)))]


def segment_file(number: int) -> str:
    """A segment's name within its rendition's folder."""
    return f"seg_{number:05d}.m4s"
