"""Runs one FFmpeg over a range: a pipe per rendition, each drained by a thread into storage."""

import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from videosite.errors import BadInputError, RetryableError
from videosite.log import logger
from videosite.pipeline.child import BULK_NICENESS, URGENT_NICENESS, Child
from videosite.pipeline.faults import check_storage
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.segments import BadSeekError, SegmentSink
from videosite.pipeline.watch import TICK_S, Watch

READ_BYTES = 1 << 18
TOO_SLOW = ("too_slow", "A part of the video takes too long to be read and decoded.")
NO_SEGMENT = ("no_segment", "FFmpeg ended without a segment.")
FLUSH_S = 10.0
"""How long FFmpeg may take to end after SIGTERM."""


@dataclass(frozen=True)
class Encoded:
    """What one FFmpeg run gave: segments complete in every rendition, and their bytes."""

    good: int
    size_bytes: int
    stopped: bool
    """Ended by us, near the function's deadline."""
    stderr_tail: str


NOTHING = Encoded(good=0, size_bytes=0, stopped=False, stderr_tail="")


def encode(
    build_argv: Callable[[Mapping[str, int]], Sequence[str]],
    sinks: Mapping[str, SegmentSink],
    watch: Watch,
    reporter: Reporter,
    units_per_segment: int = 0,
) -> Encoded:
    """Run FFmpeg once.

    `build_argv` gets {rendition: write end of its pipe}. With `units_per_segment`, progress is counted
    in stored segments (audio); else in the frames FFmpeg reports.

    Raises:
        BadSeekError: try again from further back.
        LostLeaseError: the task is no longer ours; FFmpeg has been killed.
        RetryableError: storage failed, for reading or for writing; nothing made after that was stored.
        BadInputError: `source_gone`.
    """
    pipes = {name: os.pipe() for name in sinks}
    write_ends = {name: ends[1] for name, ends in pipes.items()}
    run = _Run(sinks, reporter, units_per_segment)
    try:
        child = Child(
            build_argv(write_ends),
            run.on_progress_line,
            on_warning=run.on_warning,
            pass_fds=tuple(write_ends.values()),
            niceness=URGENT_NICENESS if watch.task.urgent else BULK_NICENESS,
        )
    except BaseException:
        for read_end, _ in pipes.values():
            os.close(read_end)
        raise
    finally:
        for fd in write_ends.values():
            os.close(fd)
    with child:
        threads = [
            threading.Thread(target=run.drain, args=(child, name, ends[0]), daemon=True)
            for name, ends in pipes.items()
        ]
        for thread in threads:
            thread.start()
        stopped = _attend(child, threads, run, watch, reporter)
    if run.error:
        raise run.error
    run.check_source(child)
    reporter.flush(force=True)
    return Encoded(
        good=min(sink.good for sink in sinks.values()),
        size_bytes=sum(sink.size_bytes for sink in sinks.values()),
        stopped=stopped,
        stderr_tail=child.stderr_tail,
    )


def _attend(
    child: Child, threads: list[threading.Thread], run: "_Run", watch: Watch, reporter: Reporter
) -> bool:
    """Tick until every pipe is closed; returns whether FFmpeg was stopped for the deadline."""
    stopped, kill_at_s = False, math.inf
    try:
        while any(thread.is_alive() for thread in threads):
            run.news.wait(TICK_S)
            run.news.clear()
            if run.error:
                break
            watch.tick()
            reporter.flush()
            if not stopped and watch.must_stop():
                stopped, kill_at_s = True, time.monotonic() + FLUSH_S
                child.stop()
            if time.monotonic() > kill_at_s:
                break
        child.wait(0 if time.monotonic() > kill_at_s else FLUSH_S)
    finally:
        child.kill()
        # Together, since the function's own end is near.
        until_s = time.monotonic() + FLUSH_S
        for thread in threads:
            thread.join(timeout=max(0.0, until_s - time.monotonic()))
    return stopped


class _Run:
    """What the draining threads share with the worker's main thread."""

    def __init__(self, sinks: Mapping[str, SegmentSink], reporter: Reporter, units_per_segment: int) -> None:
        self._sinks = sinks
        self._reporter = reporter
        self._units_per_segment = units_per_segment
        self.news = threading.Event()
        self.error: Exception | None = None
        self._unreadable: Exception | None = None

    def on_warning(self, line: str) -> None:
        try:
            check_storage(line)
        except (BadInputError, RetryableError) as error:
            self._unreadable = self._unreadable or error

    def check_source(self, child: Child) -> None:
        """Whether all that FFmpeg has given until now is of what it was to read: after a fault of storage
        it makes silence and still pictures of the rest, and says so first.

        Raises:
            BadInputError, RetryableError: as `check_storage`.
        """
        child.hear()
        if self._unreadable:
            raise self._unreadable

    def on_progress_line(self, line: str) -> None:
        if not self._units_per_segment and line.startswith("frame="):
            self._reporter.units(int(line.removeprefix("frame=")))

    def drain(self, child: Child, name: str, fd: int) -> None:
        """Read one rendition's pipe to its end. After an error it is closed, which stops FFmpeg."""
        try:
            with os.fdopen(fd, "rb", buffering=0) as pipe:
                while data := pipe.read(READ_BYTES):
                    self.check_source(child)
                    if self._sinks[name].feed(data, self._reporter):
                        self._on_stored()
        except Exception as error:
            if not isinstance(error, BadSeekError):
                logger.warning("rendition failed", extra={"rendition": name, "reason": str(error)[:300]})
            self.error = self.error or error
        self.news.set()

    def _on_stored(self) -> None:
        good = min(sink.good for sink in self._sinks.values())
        self._reporter.ready(good)
        if self._units_per_segment:
            self._reporter.units(good * self._units_per_segment)
        self.news.set()
