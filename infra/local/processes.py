"""Starting, recognising and ending the stack's processes.

A process is known by its id and its start time, so that a stale record never points at a stranger.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

POLL_S = 0.05

_CHILDREN: list[subprocess.Popen[bytes]] = []
"""Those of this process are held on to: Popen warns when it is dropped while its process runs."""


@dataclass(frozen=True)
class Started:
    """A process of ours."""

    pid: int
    started_at_s: float
    """As the kernel tells it: a reused id has another."""


def start(argv: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> Started:
    """Start a process in a session of its own, its output appended to `log`.

    The own session keeps Ctrl-C from it and marks its children as ours.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    _CHILDREN.append(process)
    return Started(process.pid, psutil.Process(process.pid).create_time())


def find(started: Started | None) -> psutil.Process | None:
    """The process if it still runs, else None (also for a zombie, and for a stranger with its id)."""
    if started is None:
        return None
    try:
        process = psutil.Process(started.pid)
        same = abs(process.create_time() - started.started_at_s) < 0.5
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def stop(started: Started | None, folder: Path | None = None, patience_s: float = 60.0) -> bool:
    """End a process and all it started; wait until they are gone.

    SIGTERM first: MiniStack writes its state on a clean stop only. Its workers finish what they do and
    may leave children, so whoever is left after that is killed.

    Args:
        started: the process. If it is gone already, what it left behind is looked for all the same.
        folder: processes whose working directory lies below it count as its children.
        patience_s: how long a clean stop may take.

    Returns:
        Whether it ended by itself.
    """
    process = find(started)
    family = _family(started, folder) if started else set()
    clean = True
    if process:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        deadline = time.monotonic() + patience_s
        while find(started) and time.monotonic() < deadline:
            # A worker that is busy may start a child at the last moment.
            family |= _family(started, folder)
            time.sleep(POLL_S)
        if find(started):
            clean = False
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _wait_gone({process}, 5)
    if started:
        family |= _family(started, folder)
    _end_all(family - ({process} if process else set()))
    _CHILDREN[:] = [child for child in _CHILDREN if child.poll() is None]
    return clean


def _end_all(processes: set[psutil.Process]) -> None:
    """SIGTERM, three seconds, SIGKILL."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in _wait_gone(processes, 3):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _wait_gone(processes, 3)


def _wait_gone(processes: set[psutil.Process], patience_s: float) -> set[psutil.Process]:
    """Those that still run after a while. A zombie is gone: it waits for its parent, not for us."""
    deadline = time.monotonic() + patience_s
    left = {process for process in processes if _lives(process)}
    while left and time.monotonic() < deadline:
        time.sleep(POLL_S)
        left = {process for process in left if _lives(process)}
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        if process.ppid() == os.getpid():
            process.wait(timeout=0)
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.TimeoutExpired:
        return True
    except psutil.NoSuchProcess:
        return False


def _family(started: Started | None, folder: Path | None) -> set[psutil.Process]:
    """Descendants, members of the process's session, and whoever works below `folder`.

    Three ways, because each misses some: orphans have another parent, a child may open a session of
    its own, and the working directory of a protected worker cannot be read.
    """
    found: set[psutil.Process] = set()
    root = find(started)
    if root:
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= set(root.children(recursive=True))
    prefix = f"{folder.resolve()}{os.sep}" if folder else None
    me = os.getpid()
    for process in psutil.process_iter():
        if process.pid in (me, 0):
            continue
        with contextlib.suppress(psutil.Error, OSError):
            in_session = (
                started is not None
                and process.pid != started.pid
                and os.getsid(process.pid) == started.pid
                and process.create_time() >= started.started_at_s - 0.5
            )
            below = prefix is not None and (process.cwd() + os.sep).startswith(prefix)
            if in_session or (below and process != root):
                found.add(process)
    return {process for process in found if started is None or process.pid != started.pid}


def leftovers(folder: Path) -> set[psutil.Process]:
    """Processes whose working directory lies below a folder."""
    return _family(None, folder)


def end_leftovers(folder: Path) -> None:
    """End what works below a folder: orphans of a stack that was killed."""
    _end_all(leftovers(folder))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Holds Ctrl-C, SIGTERM and SIGHUP back until the block is done, then lets them through.

    For the moment between starting a process and writing down its id. Main thread only.
    """
    received: list[tuple[int, FrameType | None]] = []
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        kind: signal.signal(kind, lambda number, frame: received.append((number, frame))) for kind in kinds
    }
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        if received:
            signal.raise_signal(received[0][0])
