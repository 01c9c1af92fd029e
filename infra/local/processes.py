"""Starts and stops the stack's processes: known by pid and start time, so a stale pid is never hit."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from infra.local.state import State


class StartError(RuntimeError):
    """A part of the stack did not start; says which and where its log is."""


def start(
    state: State, name: str, argv: Sequence[str], environment: Mapping[str, str], cwd: Path | None = None
) -> None:
    """Start a part in its own session, its output in .local/logs/{name}.log, and remember it."""
    log = state.folder("logs") / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
        )
    state.processes[name] = [process.pid, start_ticks(process.pid)]
    state.save()


def start_ticks(pid: int) -> int:
    """When a process started, in hundredths of a second since the epoch; 0 if there is none."""
    try:
        return round(psutil.Process(pid).create_time() * 100)
    except psutil.Error:
        return 0


def find(state: State, name: str) -> psutil.Process | None:
    """A part's running process, or None: a reused pid does not count."""
    pid, ticks = state.processes.get(name, [0, 0])
    if not pid or abs(start_ticks(pid) - ticks) > 1:
        return None
    try:
        process = psutil.Process(pid)
        return process if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def stop(state: State, name: str, wait_s: float) -> None:
    """SIGTERM, wait, then SIGKILL what is left of the process and of all its descendants."""
    process = find(state, name)
    if process:
        family = [process, *process.children(recursive=True)]
        process.terminate()
        psutil.wait_procs([process], timeout=wait_s)
        for member in family:
            _kill(member)
        psutil.wait_procs(family, timeout=5)
    state.processes.pop(name, None)
    state.save()


def _kill(process: psutil.Process) -> None:
    try:
        # Encoders are in process groups of their own, under the worker that started them.
        os.killpg(process.pid, signal.SIGKILL) if os.getpgid(process.pid) == process.pid else process.kill()
    except (psutil.Error, ProcessLookupError, PermissionError):
        return


def wait_until(state: State, name: str, is_ready: Callable[[], bool], wait_s: float) -> None:
    """Wait for a part to answer.

    Raises:
        StartError: it ended, or did not answer in time.
    """
    deadline_s = time.monotonic() + wait_s
    log = state.home / "logs" / f"{name}.log"
    while not is_ready():
        if find(state, name) is None:
            tail = log.read_text(errors="replace")[-800:].strip() if log.exists() else ""
            raise StartError(f"{name} ended while starting. Its log, {log}, ends:\n{tail}")
        if time.monotonic() > deadline_s:
            raise StartError(f"{name} did not answer within {wait_s:.0f} s; see {log}.")
        time.sleep(0.05)


def port_holder(port: int) -> str:
    """Who listens on a port, for an error message; "another process" if that cannot be seen."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == "LISTEN" and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return "another process"
