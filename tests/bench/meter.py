"""What processes take: CPU of a tree, peak memory of the largest encoder."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

SAMPLE_S = 0.25


def tree_cpu_s(pid: int) -> float:
    """CPU of a process, its living descendants and the children they have reaped."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


class PeakMemory:
    """Looks at a process's descendants four times a second while it is open."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.one_mb = 0.0
        """Most that one FFmpeg and the process that started it had together, in MB."""
        self.all_mb = 0.0
        """Most that all of them had at one time."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            sizes = [
                size for process in self._root.children(recursive=True) if (size := _encoder_mb(process))
            ]
            self.one_mb = max(self.one_mb, *sizes, 0.0)
            self.all_mb = max(self.all_mb, sum(sizes))


def _encoder_mb(process: psutil.Process) -> float:
    """Memory of an FFmpeg and its parent in MB; 0 for other processes."""
    try:
        if not process.name().startswith("ffmpeg"):
            return 0.0
        parent = process.parent()
        both = process.memory_info().rss + (parent.memory_info().rss if parent else 0)
    except psutil.Error:
        return 0.0
    return both / 1e6
