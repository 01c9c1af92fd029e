"""FFmpeg beside a worker: it learns nothing, takes no more than it may, and does not outlive it."""

import ctypes
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.media.runner import FFMPEG
from videosite.pipeline.child import Child

ENDLESS = ("-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-")
WORKER = """
import json, sys, time
from videosite.pipeline.child import Child
with Child(json.loads(sys.argv[1]), lambda _: None) as child:
    print(child._process.pid, child._guard.pid, flush=True)
    time.sleep(60)
"""
PR_GET_DUMPABLE = 3
GONE_S = 5.0


def python(code: str) -> list[str]:
    """A stand-in for FFmpeg."""
    return [sys.executable, "-I", "-S", "-c", code]


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_ends_with_a_worker_that_is_killed() -> None:
    """At once, although it has nothing to write that would tell it."""
    argv = [sys.executable, "-c", WORKER, json.dumps([FFMPEG, *ENDLESS])]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        pids = [int(pid) for pid in worker.stdout.readline().split()]
        assert all(is_alive(pid) for pid in pids)
        worker.send_signal(signal.SIGKILL)
    deadline_s = time.monotonic() + GONE_S
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline_s, "it lives on"
        time.sleep(0.02)


def test_nothing_is_left_of_one_that_ended_by_itself() -> None:
    with Child([FFMPEG, "-version"], lambda _: None) as child:
        assert child.wait(20)
        pids = [child._process.pid, child._guard.pid]
    assert child.exit_code == 0
    assert not any(is_alive(pid) for pid in pids)


def test_a_stand_in_for_ffmpeg_finds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its environment nor in an open file; and the worker's own cannot be read from /proc."""
    secret = "SECRET-OF-THE-ROLE"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    found: list[str] = []
    look = "cat /proc/self/environ; echo; for fd in /proc/self/fd/*; do readlink $fd; done"
    with Path(__file__).open(), Child(["/bin/sh", "-c", look], found.append) as child:
        assert child.wait(20)
    assert found
    assert not [line for line in found if secret in line or __file__ in line]
    assert ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0


def test_it_gets_no_more_memory_than_its_limit() -> None:
    for wanted_bytes, exit_code in ((16 << 20, 0), (512 << 20, 1)):
        greedy = python(f"len(b'1' * {wanted_bytes})")
        with Child(greedy, lambda _: None, memory_bytes=128 << 20) as child:
            assert child.wait(20)
        assert child.exit_code == exit_code


def test_it_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with Child(python(f"open({str(target)!r}, 'w').write('much')"), lambda _: None) as child:
        assert child.wait(20)
    assert target.stat().st_size == 0


def test_its_time_on_the_processor_is_limited() -> None:
    with Child(["/bin/sh", "-c", "while :; do :; done"], lambda _: None, cpu_s=1) as child:
        assert child.wait(30)
    assert child.exit_code in (-signal.SIGXCPU, -signal.SIGKILL)
