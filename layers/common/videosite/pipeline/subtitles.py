"""Text subtitles of the source → WebVTT files and their playlists."""

import os
import threading

from videosite.log import logger
from videosite.media.hls import subtitle_playlist
from videosite.media.plan import Plan
from videosite.media.subtitle_command import subtitles_argv
from videosite.media.subtitles import SUBTITLES_FILE
from videosite.media.webvtt import parse, write
from videosite.pipeline import jobs
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import BULK_NICENESS, URGENT_NICENESS, Child
from videosite.pipeline.faults import check_storage
from videosite.pipeline.publish import PLAYLIST_TYPE, media_prefix
from videosite.pipeline.source import if_match
from videosite.pipeline.watch import Watch
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Task

VTT_TYPE = "text/vtt; charset=utf-8"
MAX_TRACK_BYTES = 4 << 20
"""Of one track as FFmpeg writes it; a film has about 100 kB. What is beyond is dropped."""


def extract_subtitles(job: Job, plan: Plan, task: Task, url: str, watch: Watch) -> tuple[int, int]:
    """Store the tracks that have text and say which they are. Repeating gives the same files.

    A video does without subtitles: broken ones, and what was not read near the deadline, are left out.

    Raises:
        RetryableError: `storage_unreadable`.
        LostLeaseError: the job was cancelled, retried or deleted.
    """
    ffmpeg = find_binary("ffmpeg")
    pipes = {track.name: os.pipe() for track in plan.subtitles}
    texts: dict[str, bytes] = {}
    try:
        child = Child(
            subtitles_argv(
                ffmpeg,
                plan,
                url,
                {name: ends[1] for name, ends in pipes.items()},
                headers=if_match(job),
            ),
            lambda _: None,
            pass_fds=tuple(ends[1] for ends in pipes.values()),
            niceness=URGENT_NICENESS if task.urgent else BULK_NICENESS,
        )
    except BaseException:
        for read_end, _ in pipes.values():
            os.close(read_end)
        raise
    finally:
        for _, write_end in pipes.values():
            os.close(write_end)
    threads = [
        threading.Thread(target=_drain, args=(texts, name, ends[0]), daemon=True)
        for name, ends in pipes.items()
    ]
    with child:
        for thread in threads:
            thread.start()
        finished = watch.stays(child)
    for thread in threads:
        thread.join(timeout=5)
    check_storage(child.stderr_tail)
    watch.check_job()
    sizes = _store(job, plan, texts) if finished else {}
    logger.info("subtitles", extra={"video_id": job.video_id, "tracks": sizes})
    jobs.update(job, [Job.subtitles.set(sizes)])
    return 1, sum(sizes.values())


def _drain(texts: dict[str, bytes], name: str, fd: int) -> None:
    """Read a pipe to its end, or FFmpeg would wait; keep its beginning."""
    kept = bytearray()
    with os.fdopen(fd, "rb", buffering=0) as pipe:
        while data := pipe.read(1 << 16):
            kept += data[: MAX_TRACK_BYTES - len(kept)]
    texts[name] = bytes(kept)


def _store(job: Job, plan: Plan, texts: dict[str, bytes]) -> dict[str, int]:
    """{track: bytes} of those with at least one cue, stored."""
    bucket, sizes = get_settings().media_bucket, {}
    for track in plan.subtitles:
        cues = parse(texts.get(track.name, b"").decode("utf-8", "replace"), plan.origin_s, plan.duration_s)
        if cues:
            data, folder = write(cues).encode(), f"{media_prefix(job)}{track.name}"
            objects.put(bucket, f"{folder}/{SUBTITLES_FILE}", data, VTT_TYPE)
            objects.put(bucket, f"{folder}/index.m3u8", subtitle_playlist(plan).encode(), PLAYLIST_TYPE)
            sizes[track.name] = len(data)
    return sizes
