"""Runs one FFmpeg that makes pictures: each output comes through a pipe into memory, input may too."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from videosite.pipeline.child import BULK_NICENESS, URGENT_NICENESS, Child

MAX_PICTURE_BYTES = 8 << 20
PICTURE_S = 30.0
"""One FFmpeg's time: enough for a seek in a 4K source whose key frames are ten seconds apart."""


@dataclass(frozen=True)
class Made:
    """`pictures`: what came out per pipe, empty where nothing or too much did; `lines`: of stdout."""

    pictures: dict[str, bytes]
    lines: list[str]
    stderr_tail: str


class Waiting(Protocol):
    """Whoever waits for FFmpeg: a task's `Watch`, or somebody without a task."""

    @property
    def urgent(self) -> bool: ...
    def stays(self, child: Child, at_most_s: float) -> bool: ...


def make_pictures(
    build_argv: Callable[[Mapping[str, int]], Sequence[str]],
    names: Sequence[str],
    watch: Waiting,
    feed: Iterable[bytes] | None = None,
) -> Made:
    """Run FFmpeg once, for at most `PICTURE_S`.

    `build_argv` gets {name: write end of its pipe}; with `feed`, "input" is the read end of a pipe that
    its bytes go into.

    Raises:
        LostLeaseError: the task is no longer ours; FFmpeg has been killed.
        Exception: what `feed` raised.
    """
    outputs = {name: os.pipe() for name in names}
    fds = {name: ends[1] for name, ends in outputs.items()}
    source = os.pipe() if feed is not None else None
    if source:
        fds["input"] = source[0]
    lines: list[str] = []
    pictures: dict[str, bytes] = {}
    errors: list[Exception] = []
    try:
        child = Child(
            build_argv(fds),
            lines.append,
            pass_fds=tuple(fds.values()),
            cpu_s=60,
            niceness=URGENT_NICENESS if watch.urgent else BULK_NICENESS,
        )
    except BaseException:
        for fd in [ends[0] for ends in outputs.values()] + ([source[1]] if source else []):
            os.close(fd)
        raise
    finally:
        for fd in fds.values():
            os.close(fd)
    threads = [
        threading.Thread(target=_drain, args=(pictures, name, ends[0]), daemon=True)
        for name, ends in outputs.items()
    ]
    if source and feed is not None:
        threads.append(threading.Thread(target=_pour, args=(feed, source[1], errors), daemon=True))
    with child:
        for thread in threads:
            thread.start()
        finished = watch.stays(child, PICTURE_S)
    for thread in threads:
        thread.join(timeout=5)
    if errors:
        raise errors[0]
    return Made(pictures if finished else {}, lines, child.stderr_tail)


def _drain(pictures: dict[str, bytes], name: str, fd: int) -> None:
    """Read a pipe to its end. After too much it is closed, which ends FFmpeg."""
    with os.fdopen(fd, "rb") as pipe:
        data = pipe.read(MAX_PICTURE_BYTES + 1)
    pictures[name] = data if len(data) <= MAX_PICTURE_BYTES else b""


def _pour(feed: Iterable[bytes], fd: int, errors: list[Exception]) -> None:
    """Write into a pipe until FFmpeg has enough."""
    with os.fdopen(fd, "wb", buffering=0) as pipe:
        try:
            for data in feed:
                view = memoryview(data)
                while view:
                    view = view[pipe.write(view) :]
        except BrokenPipeError:
            return
        except Exception as error:
            errors.append(error)
