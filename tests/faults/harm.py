"""What is done to a running stack: workers killed at a task that may still be lost, messages sent twice."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from infra.local.processes import find
from infra.local.record import load
from tests.stack.conftest import RunningStack, inside
from videosite.media.plan import Plan
from videosite.media.quality import sampled_segments
from videosite.pipeline import dispatch, jobs, tasks
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.tables import Job, Task


def wait_for(what: Callable[[], Any], timeout_s: float = 30) -> Any:
    """The first true value of `what`."""
    deadline_s = time.monotonic() + timeout_s
    while not (value := what()):
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.05)
    return value


def encoders(stack: RunningStack, video_id: int | None = None) -> list[psutil.Process]:
    """FFmpegs under the stack's workers, of one video or of all."""
    found = []
    for worker in stack.workers("TranscodeFunction"):
        with contextlib.suppress(psutil.Error):
            found += [child for child in worker.children() if _encodes(child, video_id)]
    return found


def _encodes(process: psutil.Process, video_id: int | None) -> bool:
    with contextlib.suppress(psutil.Error):
        words = " ".join(process.cmdline())
        return "-format_whitelist" in words and (video_id is None or f"uploads/{video_id}/" in words)
    return False


def kill_worker(encoder: psutil.Process) -> bool:
    """Kill the worker an FFmpeg belongs to, as the kernel would; False if both are gone already."""
    try:
        worker = encoder.parent()
        if worker is None:
            return False
        worker.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def spare_tasks(stack: RunningStack, video_id: int) -> Callable[[psutil.Process], bool]:
    """Tells whether an FFmpeg works on a video range whose attempts are not used up by another death."""
    with inside(stack):
        last = get_settings().max_attempts
        rows = [
            row
            for row in Task.query(tasks.job_key(video_id, 1))
            if row.group == "h264" and row.status == "running" and row.attempt < last
        ]
    spans = [range(row.first, row.end) for row in rows]

    def is_spare(encoder: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, ValueError):
            words = encoder.cmdline()
            number = int(words[words.index("-fragment_index") + 1]) - 1
            return "libx264" in words and any(number in span for span in spans)
        return False

    return is_spare


def survives_crash(stack: RunningStack, video_id: int) -> bool:
    """Whether every task that is not done has an attempt to lose to a fault of storage."""
    with inside(stack):
        last = get_settings().max_attempts
        rows = Task.query(tasks.job_key(video_id, 1))
        return all(row.status == "done" or row.attempt < last for row in rows)


def kill_storage(stack: RunningStack) -> None:
    """Kill what keeps the objects, and the proxy. Not MiniStack: it writes its tables and queues down every
    few seconds only, so that a kill would lose what DynamoDB and SQS do not."""
    for name in ("seaweedfs", "proxy"):
        process = find(load(stack.home).processes[name])
        assert process is not None, name
        process.kill()
        process.wait(5)


class Repeater:
    """Sends each message of a video once more, whatever has become of what it asks for."""

    def __init__(self, stack: RunningStack, video_id: int) -> None:
        self._stack = stack
        self._video_id = video_id
        self.sent: set[tuple[str, str]] = set()

    def repeat(self) -> None:
        """Look for what was sent since."""
        with inside(self._stack):
            job = jobs.load(self._video_id, 1)
            if job is not None:
                self._ingest(job)
                self._tasks(job)
                self._publications(job)

    def _ingest(self, job: Job) -> None:
        if self._is_new("ingest", job.status):
            bucket = get_settings().uploads_bucket
            queues.send_ingest(bucket, job.source_key, job.source_size_bytes, job.source_etag)

    def _tasks(self, job: Job) -> None:
        for task in Task.query(tasks.job_key(self._video_id, 1)):
            sent = task.status in ("queued", "running", "done")
            if sent and self._is_new("task", f"{task.task_id} {task.attempt}"):
                dispatch.send(job, task)

    def _publications(self, job: Job) -> None:
        """When a codec is ready, again when it is published, and the measuring that follows."""
        about = {"video_id": job.video_id, "generation": 1}
        published = job.published.as_dict()
        for codec in (*dispatch.ready_codecs(job), *published):
            if self._is_new("publish", f"{codec} {codec in published}"):
                queues.send(require("publish_queue_url"), {**about, "run": job.run, "codec": codec})
        for codec in published:
            for segment in sampled_segments(Plan.from_dict(job.plan or {})):
                if self._is_new("measure", f"{codec} {segment}"):
                    body = {**about, "measure": codec, "segment": segment}
                    queues.send(require("bulk_queue_url"), body)

    def _is_new(self, kind: str, what: str) -> bool:
        known = (kind, what) in self.sent
        self.sent.add((kind, what))
        return not known


def ticks(timeout_s: float, pause_s: float = 0.2) -> Iterator[None]:
    """Beats until it took too long."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        yield
        time.sleep(pause_s)
    raise AssertionError("it did not end in time")
