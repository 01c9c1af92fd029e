"""Processes: found by id and start time, ended with everything they started."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.local import processes
from infra.local.processes import Started

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session={session})
print(child.pid, flush=True)
time.sleep(60)
"""


def launch(folder: Path, code: str) -> Started:
    environment = {"PATH": os.defpath}
    return processes.start([sys.executable, "-c", code], folder, environment, folder / "log")


def child_of(folder: Path) -> psutil.Process:
    log = folder / "log"
    for _ in range(200):
        if text := log.read_text().strip():
            return psutil.Process(int(text))
        time.sleep(0.05)
    raise AssertionError("no child")


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_process_is_found_until_it_is_stopped(tmp_path: Path) -> None:
    started = launch(tmp_path, "import time; time.sleep(60)")
    assert processes.find(started) is not None
    assert processes.stop(started)
    assert processes.find(started) is None


def test_a_reused_id_is_a_stranger() -> None:
    me = psutil.Process()
    assert processes.find(Started(me.pid, me.create_time())) is not None
    assert processes.find(Started(me.pid, me.create_time() - 100)) is None
    processes.stop(Started(me.pid, me.create_time() - 100))  # and is left alone


@pytest.mark.parametrize("session", [False, True])
def test_children_end_with_it(tmp_path: Path, session: bool) -> None:
    started = launch(tmp_path, PARENT.format(session=session))
    child = child_of(tmp_path)
    processes.stop(started)
    assert gone(child)


@pytest.mark.parametrize("session", [False, True])
def test_what_a_killed_process_left_behind_is_found_by_its_folder(tmp_path: Path, session: bool) -> None:
    started = launch(tmp_path, PARENT.format(session=session))
    child = child_of(tmp_path)
    os.kill(started.pid, signal.SIGKILL)
    processes.stop(started, tmp_path)
    assert gone(child)


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    started = launch(tmp_path, code)
    while not (tmp_path / "log").read_text():
        time.sleep(0.05)
    assert not processes.stop(started, patience_s=0.3)
    assert processes.find(started) is None


def test_an_interrupt_waits_until_the_id_is_written_down() -> None:
    # A shell starts what it puts into the background with SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    written = False

    def start_and_write() -> None:
        nonlocal written
        with processes.uninterrupted():
            signal.raise_signal(signal.SIGINT)
            written = True

    try:
        with pytest.raises(KeyboardInterrupt):
            start_and_write()
    finally:
        signal.signal(signal.SIGINT, before)
    assert written
