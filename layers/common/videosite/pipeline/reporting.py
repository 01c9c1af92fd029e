"""What a worker tells the world while it encodes: frames done and segments ready, every second or two."""

import contextlib
import time

from pynamodb.exceptions import UpdateError

from videosite.log import logger
from videosite.pipeline.availability import report_codec, report_ready
from videosite.store.tables import Job, Progress, Task, entry, progress_item

URGENT_INTERVAL_S, BULK_INTERVAL_S = 1.0, 2.0
"""Several bulk tasks run at a time, so a job's bar moves oftener. A write is a message to each watcher."""
TASKS_PER_S = 50
"""Progress writes a job's item takes a second; with more tasks than this, each writes less often."""


class Reporter:
    """Collects from FFmpeg's threads, writes from the worker's: `flush` at every tick."""

    def __init__(self, job: Job, task: Task) -> None:
        self._job = job
        self._task = task
        least_s = URGENT_INTERVAL_S if task.urgent else BULK_INTERVAL_S
        self._interval_s = max(least_s, job.total_tasks / TASKS_PER_S)
        self._before = (0, 0)
        self._units = 0
        self._sent_units = 0
        self._ready = 0
        self._sent_ready = 0
        self._codecs: dict[str, str] = {}
        self._sent_at_s = 0.0

    def resume(self, segments: int, units: int) -> None:
        """What counts below comes after so many segments and frames of the task, which are there."""
        self._before = (segments, units)

    @property
    def gained(self) -> bool:
        """Whether a segment was made that was not there before."""
        return self._ready > self._before[0]

    def units(self, count: int) -> None:
        """Frames (of video or of AAC) encoded in this task so far."""
        self._units = max(self._units, self._before[1] + count)

    def ready(self, count: int) -> None:
        """Segments of this task that can be fetched in every rendition."""
        self._ready = max(self._ready, self._before[0] + count)

    def codec(self, rendition: str, codec: str) -> None:
        """A rendition's exact codec string."""
        self._codecs[rendition] = codec

    def flush(self, force: bool = False) -> None:
        """Write what is new. Segments go out at once, since viewers wait for them; frames by the second."""
        try:
            self._flush_availability()
        except UpdateError:
            # Players wait for it, but the next tick comes at once; only what is never written is a fault.
            if force:
                raise
            logger.warning("availability not written", extra={"task": self._task.task_id})
        now_s = time.monotonic()
        if self._units > self._sent_units and (force or now_s - self._sent_at_s >= self._interval_s):
            self._write_units()
            self._sent_units, self._sent_at_s = self._units, now_s

    def _flush_availability(self) -> None:
        for rendition, codec in list(self._codecs.items()):
            report_codec(self._job, rendition, codec)
            del self._codecs[rendition]
        ready = self._ready
        if ready > self._sent_ready:
            report_ready(self._job, self._task.group, self._task.first, ready)
            self._sent_ready = ready

    def _write_units(self) -> None:
        path = entry(Progress.parts, self._task.task_id)
        with contextlib.suppress(UpdateError):
            Progress(self._job.video_id, progress_item(self._job.generation)).update(
                actions=[path.set(self._units), Progress.updated_at_s.set(time.time())],
                condition=path.does_not_exist() | (path < self._units),
            )
