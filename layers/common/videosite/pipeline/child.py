"""Runs FFmpeg and ffprobe: hostile input goes in, so nothing of ours may leak and nothing may run on.

The child gets an empty environment, no stdin, no files but its pipes, its own process group, limits
on memory and CPU, and cannot write files at all. This process makes itself undumpable, since a child
of the same user could otherwise read the role's credentials from /proc/{parent}/environ (measured).

A child does not outlive its worker: a guard in its process group reads a pipe that only the worker holds
and kills the group when that ends. (PR_SET_PDEATHSIG would need code between fork and exec, which
deadlocks where there are threads, or a Python wrapper at 60 ms a child; the guard costs 1 ms.)
"""

import contextlib
import ctypes
import errno
import os
import re
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO, Self

PR_SET_DUMPABLE = 4
ADDRESS = re.compile(r"\S*(https?://|X-Amz-)\S*")
STDERR_TAIL_BYTES = 4096
LIMITED = 'ulimit -d "$1"; ulimit -t "$2"; ulimit -f 0; ulimit -c 0; ulimit -n 64; shift 2; exec "$@"'
"""Sets limits, then becomes the child. From outside they come too late on a busy machine (seen), and a
preexec_fn can deadlock in a process that has threads. Arguments are never parsed by the shell."""
GUARD = ("/bin/sh", "-c", "read _; kill -9 0")
"""0: everybody in its own process group."""
PROBE_MEMORY_BYTES = 768 << 20
"""The index of a 12-hour film at 60 fps with three sound tracks takes 412 MB (measured)."""
ENCODE_MEMORY_BYTES = 3008 << 20
"""Private memory a child may map (RLIMIT_DATA), for FFmpeg the function's whole: it maps 1.0-1.4 GB and
touches 0.6-0.9 GB of it (measured). Address space says little: codecs reserve twice as much."""
URGENT_NICENESS, BULK_NICENESS, MEASURE_NICENESS = 5, 15, 19
"""Where workers share a machine, what a viewer waits for goes before the rest, and the API before all."""


class Child:
    """One running child process; leaving the context kills what is left of its process group.

    `on_line` gets each line of the child's stdout (without the newline) from a thread of its own,
    `on_warning` each of stderr. `env`: its whole environment.
    """

    def __init__(
        self,
        argv: Sequence[str],
        on_line: Callable[[str], None],
        *,
        on_warning: Callable[[str], None] = lambda _: None,
        pass_fds: Sequence[int] = (),
        memory_bytes: int = ENCODE_MEMORY_BYTES,
        cpu_s: int = 3600,
        niceness: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        if not os.access(argv[0], os.X_OK):
            raise FileNotFoundError(errno.ENOENT, "no such program", argv[0])
        _make_undumpable()
        self.started_s = time.monotonic()
        self._on_line = on_line
        self._on_warning = on_warning
        self._stderr = self._unended = b""
        self._hearing = threading.Lock()
        # Not in a session of its own: Linux weighs niceness within a session only (autogroup).
        self._guard = subprocess.Popen(
            GUARD, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={}, process_group=0,
        )  # fmt: skip
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", LIMITED, "sh", str(memory_bytes >> 10), str(cpu_s), *argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(env or {}),
                close_fds=True,
                pass_fds=pass_fds,
                process_group=self._guard.pid,
            )
        except BaseException:
            self._end_guard()
            raise
        _set_niceness(self._process.pid, niceness)
        self._stderr_fd = self._process.stderr.fileno() if self._process.stderr else -1
        os.set_blocking(self._stderr_fd, False)
        self._threads = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._usage: resource.struct_rusage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._end_guard()
        # The reading threads end with the pipes; a warm worker must not gather open files.
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _read_stdout(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        for line in stream or ():
            self._on_line(line.decode("utf-8", "replace").rstrip("\n"))

    def _read_stderr(self) -> None:
        with contextlib.suppress(ValueError, OSError):  # closed meanwhile
            while self.hear():
                select.select([self._stderr_fd], [], [])

    def hear(self) -> bool:
        """Take in all that the child has said on stderr until now; False once it has closed it.

        What a child wrote to a pipe after a warning is not looked at before the warning if `hear` is called
        in between.
        """
        with self._hearing:
            if self._process.stderr is None or self._process.stderr.closed:
                return False
            while True:
                try:
                    data = os.read(self._stderr_fd, STDERR_TAIL_BYTES)
                except BlockingIOError:
                    return True
                *lines, self._unended = (self._unended + data).split(b"\n")
                for line in lines if data else [*lines, self._unended]:
                    self._on_warning(line.decode("utf-8", "replace"))
                self._stderr = (self._stderr + data)[-STDERR_TAIL_BYTES:]
                if not data:
                    return False

    def is_running(self) -> bool:
        """Whether the child has not ended yet. Reaps it when it has."""
        if self._process.returncode is not None:
            return False
        pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        if not pid:
            return True
        self._usage = usage
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return False

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; False if it did not come in time."""
        deadline_s = time.monotonic() + timeout_s
        pause_s = 0.002
        while self.is_running():
            if time.monotonic() >= deadline_s:
                return False
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.05)
        for thread in self._threads:
            thread.join(timeout=5)
        return True

    def stop(self) -> None:
        """Ask FFmpeg to end what it is at (SIGTERM): it flushes a valid, short last fragment."""
        if self.is_running():
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole process group now."""
        if self._guard.returncode is None:
            # Not reaped yet, so the group's id is still its own.
            os.killpg(self._guard.pid, signal.SIGKILL)
        self.wait(5)

    def _end_guard(self) -> None:
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin:
            self._guard.stdin.close()

    @property
    def cpu_s(self) -> float:
        """User and system seconds of the child, known once it has ended."""
        return self._usage.ru_utime + self._usage.ru_stime if self._usage else 0.0

    @property
    def exit_code(self) -> int | None:
        """None while it runs, negative for a signal."""
        return self._process.returncode

    @property
    def stderr_tail(self) -> str:
        """The last 4 KB it said, without addresses, which are signed. May quote metadata of the upload: cap
        and escape before showing."""
        return ADDRESS.sub("(address)", self._stderr.decode("utf-8", "replace"))


def _set_niceness(pid: int, niceness: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, niceness)


def _make_undumpable() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
