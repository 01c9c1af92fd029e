"""What is done to a running stack: workers killed at a task that may still be lost, messages sent twice."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from tests.stack.conftest import RunningStack, inside
from videosite.pipeline import dispatch, jobs, tasks
from videosite.settings import get_settings
from videosite.store.tables import Task


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


class Repeater:
    """Sends each message of a video's tasks once more, whatever has become of the task."""

    def __init__(self, stack: RunningStack, video_id: int) -> None:
        self._stack = stack
        self._video_id = video_id
        self.sent: set[tuple[str, int]] = set()

    def repeat(self) -> None:
        """Look for tasks that were sent since."""
        with inside(self._stack):
            job = jobs.load(self._video_id, 1)
            for task in Task.query(tasks.job_key(self._video_id, 1)) if job else ():
                key = (task.task_id, task.attempt)
                if key not in self.sent and task.status in ("queued", "running", "done"):
                    assert job is not None
                    dispatch.send(job, task)
                    self.sent.add(key)


def ticks(timeout_s: float, pause_s: float = 0.2) -> Iterator[None]:
    """Beats until it took too long."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        yield
        time.sleep(pause_s)
    raise AssertionError("it did not end in time")
