"""Looks whether an upload's clock jumps, and puts a copy beside it whose clock runs on."""

import os
import threading
import time

from videosite.log import logger
from videosite.media.clock import COPY_NAME, COPY_TYPE, JUMP, look_argv, mend_argv
from videosite.media.probe import Source
from videosite.pipeline import jobs
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import Child
from videosite.pipeline.faults import check_storage
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.objects import ObjectHead
from videosite.store.tables import Job

LOOK_S, COPY_S = 30.0, 50.0
"""For about 3 GB at the 100 MB/s a function reads; what takes longer is transcoded as it is."""
POLL_S = 2.0


def steady_copy(job: Job, source: Source, url: str, headers: str) -> tuple[str, str] | None:
    """(key, ETag) of a copy of the source with a steady clock, or None if the source's own does not jump.

    Raises:
        RetryableError: `storage_unreadable`.
    """
    jumps = _jumps(job, url, headers)
    if not jumps:
        return None
    key = f"{job.source_key.rpartition('/')[0]}/{COPY_NAME}"
    head = _copy(job, source, url, headers, key)
    logger.info("clock mended", extra={"video_id": job.video_id, "jumps": jumps, "copied": bool(head)})
    return (key, head.etag) if head else None


def _jumps(job: Job, url: str, headers: str) -> int:
    """How often the clock jumps; 0 if that could not be found out in time."""
    count = 0

    def look(line: str) -> None:
        nonlocal count
        count += JUMP in line

    argv = look_argv(find_binary("ffmpeg"), url, headers)
    with Child(argv, lambda _: None, on_warning=look, cpu_s=int(LOOK_S)) as child:
        in_time = _ends(child, job, LOOK_S)
    check_storage(child.stderr_tail)
    return count if in_time else 0


def _copy(job: Job, source: Source, url: str, headers: str, key: str) -> ObjectHead | None:
    """Write the copy; None if that could not be done in time, and what was written is not to be used."""
    bucket = get_settings().uploads_bucket
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stream:
        try:
            argv = mend_argv(find_binary("ffmpeg"), source, url, write_end, headers)
            child = Child(argv, lambda _: None, pass_fds=(write_end,), cpu_s=int(COPY_S))
        finally:
            os.close(write_end)
        with child:
            guard = threading.Thread(target=_ends, args=(child, job, COPY_S))
            guard.start()
            objects.put_stream(bucket, key, stream, COPY_TYPE)
            guard.join()
    check_storage(child.stderr_tail)
    return objects.head(bucket, key) if child.exit_code == 0 else None


def _ends(child: Child, job: Job, at_most_s: float) -> bool:
    """Wait for a child to end; False, and it is killed, if that takes too long or nobody wants it."""
    until_s = time.monotonic() + at_most_s
    while not child.wait(min(POLL_S, max(0.0, until_s - time.monotonic()))):
        if time.monotonic() >= until_s or not jobs.still_runs(job):
            child.kill()
            return False
    return True
