"""Sockets on the local stack: opening, delivery, fan-out, memory, idling, coalescing; MiniStack's share.

Runs on a stack of its own. Each figure of time is taken by clients of this machine: what they compute
is part of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from rich.console import Console
from rich.table import Table

from infra.local import ministack
from infra.local.home import Home
from infra.local.stack import down
from tests.bench.meter import tree_cpu_s
from tests.stack.conftest import RunningStack, inside, start_stack
from tests.stack.crowd import Listener, staying
from tests.unit.pipeline.conftest import make_job, make_video
from videosite import ids
from videosite.realtime import channels, history, messages
from videosite.realtime.fanout import send_newest
from videosite.store.tables import Progress, SocketConnection, progress_item

SOCKETS = 1000
FEW = 100
SOCKETS_PER_USER = 10
OPENED_PER_S = 20.0
IDLE_S = 60.0
"""As long as housekeeping's schedule, so that one of its runs is in it."""
BROADCASTS = 10
SINGLES = 200
POSTED_TO = 200
ROUNDS = 3
UPDATES_PER_S = 200
UPDATES_S = 5
HEARD_S = 60.0

Figures = dict[str, float]


def measure(console: Console) -> dict[str, Any]:
    """All of it, on a stack that is started for it."""
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        try:
            stack = start_stack(home)
            with inside(stack):
                return asyncio.run(_measure(stack, console))
        finally:
            down(Home(home), console.print)


async def _measure(stack: RunningStack, console: Console) -> dict[str, Any]:
    run = uuid4().hex[:6]
    crowd = [_Hearer(stack.url, f"bench{n // SOCKETS_PER_USER}-{run}") for n in range(SOCKETS)]
    found: dict[str, Any] = {"idle_0": await _idle(stack), "memory_0_mb": _memory_mb(stack)}
    console.print(f"opening {FEW} sockets, {OPENED_PER_S:.0f} a second")
    async with staying(crowd[:FEW], OPENED_PER_S) as few_s:
        found["memory_few_mb"] = _memory_mb(stack)
        found["idle_few"] = await _idle(stack)
        found["single"] = await _deliver(crowd[:1], SINGLES, "stored")
        found["single_posted"] = await _deliver(crowd[:1], SINGLES, "posted")
        found["few"] = await _deliver(crowd[:FEW], BROADCASTS, "stored")
        found["coalescing"] = await _coalesce(crowd[0])
        console.print(f"opening {SOCKETS - FEW} more")
        async with staying(crowd[FEW:], OPENED_PER_S) as more_s:
            found["connect"] = _spread([*few_s, *more_s])
            found["memory_all_mb"] = _memory_mb(stack)
            found["all"] = await _deliver(crowd, BROADCASTS, "stored")
            found["posting"] = await asyncio.to_thread(_compare_posting)
            found["connect_direct"] = await _open_directly(stack)
    return found


class _Hearer(Listener):
    """Only takes what comes: a thousand that ask for what they missed would be measured with it."""

    async def _ask(self, channels: Sequence[str]) -> None:
        return


def _spread(seconds: Sequence[float]) -> Figures:
    """Percentiles in ms."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": cuts[49] * 1000, "p95_ms": cuts[94] * 1000, "p99_ms": cuts[98] * 1000}


# --- processes ----------------------------------------------------------------------------------------


def _pids(stack: RunningStack) -> Mapping[str, int]:
    return {name: stack.record.processes[name].pid for name in ("proxy", "ministack")}


def _memory_mb(stack: RunningStack) -> Figures:
    """Of each process without its workers, which do not grow with the sockets."""
    return {name: psutil.Process(pid).memory_info().rss / 1e6 for name, pid in _pids(stack).items()}


async def _idle(stack: RunningStack) -> Figures:
    """Percent of one core, while nobody does anything."""
    await asyncio.sleep(2)
    before = {name: tree_cpu_s(pid) for name, pid in _pids(stack).items()}
    await asyncio.sleep(IDLE_S)
    return {name: (tree_cpu_s(pid) - before[name]) / IDLE_S * 100 for name, pid in _pids(stack).items()}


# --- delivery -----------------------------------------------------------------------------------------


def _store(frame: messages.SystemMessage, to: Sequence[str]) -> object:
    return history.append(frame, to, time.time())


def _post(frame: messages.SystemMessage, to: Sequence[str]) -> object:
    return send_newest([(frame, to)], time.time())


WAYS: Mapping[str, Callable[[messages.SystemMessage, Sequence[str]], object]] = {
    "stored": _store,
    "posted": _post,
}
"""`stored`: through the table and its stream, as messages travel. `posted`: fan-out alone, called here."""


async def _deliver(crowd: Sequence[Listener], count: int, way: str) -> Figures:
    """One message after another to all of them: ms from the call to each socket, and how many came.
    `call_p50_ms`: what the call itself took, which is storing, or all of a fan-out."""
    to = [channels.ALL] if len(crowd) > 1 else [crowd[0].channels[0]]
    sent: dict[str, float] = {}
    calls_s: list[float] = []
    for _ in range(count):
        now_s = time.time()
        frame = messages.system_message(uuid4().hex, "x" * 100, "info", now_s, now_s + 60)
        sent[frame["id"]] = time.monotonic()
        await asyncio.to_thread(WAYS[way], frame, to)
        calls_s.append(time.monotonic() - sent[frame["id"]])
        await wait_until_heard(crowd, frame["id"])
    took_s = [
        listener.arrived[event][0] - began_s
        for event, began_s in sent.items()
        for listener in crowd
        if event in listener.arrived
    ]
    return {
        **_spread(took_s),
        "call_p50_ms": statistics.median(calls_s) * 1000,
        "expected": len(sent) * len(crowd),
        "arrived": len(took_s),
    }


async def wait_until_heard(crowd: Sequence[Listener], event: str) -> None:
    """Until all have it, or have had time enough."""
    deadline_s = time.monotonic() + HEARD_S
    while not all(event in one.arrived for one in crowd) and time.monotonic() < deadline_s:
        await asyncio.sleep(0.002 if len(crowd) == 1 else 0.05)


async def _coalesce(owner: Listener) -> Figures:
    """Many updates of a transcode's progress: how many frames its owner gets, how late the last one."""
    video_id = ids.video_id()
    make_job(make_video(video_id, owner_id=owner.channels[0].removeprefix("user#")), plan=None, watch=None)
    await asyncio.sleep(1)
    known = set(owner.arrived)
    item = Progress(video_id, progress_item(1))

    def update() -> float:
        began_s = time.monotonic()
        for number in range(UPDATES_PER_S * UPDATES_S):
            item.update([Progress.updated_at_s.set(time.time() + number)])
            time.sleep(max(0.0, began_s + number / UPDATES_PER_S - time.monotonic()))
        return time.monotonic()

    ended_s = await asyncio.to_thread(update)
    await asyncio.sleep(3)
    times_s = [times[0] for event, times in owner.arrived.items() if event not in known]
    return {
        "updates": UPDATES_PER_S * UPDATES_S,
        "frames": len(times_s),
        "last_after_ms": (max(times_s, default=ended_s) - ended_s) * 1000,
    }


# --- shares -------------------------------------------------------------------------------------------


async def _open_directly(stack: RunningStack) -> Figures:
    """Opening at the WebSocket API's own address, without the proxy between."""
    direct = ministack.sockets_api(stack.record.aws, stack.outputs["SocketsApiId"])
    crowd = [_Direct(direct, f"direct{n}") for n in range(FEW)]
    async with staying(crowd, OPENED_PER_S) as took_s:
        return _spread(took_s)


class _Direct(_Hearer):
    def __init__(self, address: str, user_id: str) -> None:
        super().__init__(address, user_id)
        self._address = address.replace("http", "ws", 1)


def _compare_posting() -> dict[str, Figures]:
    """The same frames to the same sockets by fan-out and by boto3 in threads, taking turns; medians."""
    connection_ids = [row.connection_id for row in SocketConnection.scan(limit=POSTED_TO)]
    results: dict[str, list[Figures]] = {"fanout": [], "boto3": []}
    for _ in range(ROUNDS):
        for way, figures in results.items():
            answer = subprocess.run(
                [sys.executable, "-m", "tests.bench.posting", way, "2"],
                input="\n".join(connection_ids),
                env=dict(os.environ),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            figures.append(json.loads(answer.stdout.splitlines()[-1]))
    return {
        way: {name: statistics.median(it[name] for it in figures) for name in figures[0]}
        for way, figures in results.items()
    }


# --- tables -------------------------------------------------------------------------------------------


def show(found: Mapping[str, Any], console: Console) -> None:
    """What was found beside what is to be reached."""
    table = Table("what", "measured", "bar", "of that MiniStack's or the stream's share", title="sockets")
    connect, direct = found["connect"], found["connect_direct"]
    table.add_row(
        f"open one at {OPENED_PER_S:.0f}/s, p50 / p95, ms", _two(connect, "p50_ms", "p95_ms"), "p95 < 100",
        f"without the proxy {_two(direct, 'p50_ms', 'p95_ms')}",
    )  # fmt: skip
    posted = found["single_posted"]
    table.add_row("fan-out to one socket, p50 / p99, ms", _two(posted, "p50_ms", "p99_ms"), "p99 < 50", "")
    for name, sockets in (("single", 1), ("few", FEW), ("all", SOCKETS)):
        it = found[name]
        table.add_row(
            f"stored message to {sockets}, p50 / p99, ms", _two(it, "p50_ms", "p99_ms"), "",
            _stream_share(it, posted) if sockets == 1 else "",
        )  # fmt: skip
        if sockets > 1:
            table.add_row(f"arrived of {it['expected']:.0f}", f"{it['arrived']:.0f}", "all", "")
    grown = {
        name: (found["memory_all_mb"][name] - found["memory_0_mb"][name]) * 100 / SOCKETS
        for name in ("proxy", "ministack")
    }
    table.add_row(
        "memory per 100 sockets, MB", f"{sum(grown.values()):.1f}", "≤ 10", f"{grown['ministack']:.1f}"
    )
    idle = found["idle_few"]
    table.add_row(
        f"idle with {FEW} sockets, % of a core",
        f"{sum(idle.values()):.1f}",
        "< 5",
        f"{idle['ministack']:.1f}",
    )
    table.add_row(
        "idle without sockets",
        f"{sum(found['idle_0'].values()):.1f}",
        "",
        f"{found['idle_0']['ministack']:.1f}",
    )
    fanout, boto3 = found["posting"]["fanout"], found["posting"]["boto3"]
    table.add_row(
        "fan-out CPU per post, ms", f"{fanout['cpu_ms']:.2f} ({fanout['per_s']:.0f}/s)", "",
        f"boto3 threads {boto3['cpu_ms']:.2f} ({boto3['per_s']:.0f}/s)",
    )  # fmt: skip
    table.add_row("its ratio to boto3 threads", f"{fanout['cpu_ms'] / boto3['cpu_ms']:.2f}", "≤ 0.45", "")
    it = found["coalescing"]
    table.add_row(
        f"{UPDATES_PER_S} progress updates/s: frames of {it['updates']:.0f} updates", f"{it['frames']:.0f}",
        "", f"the last {it['last_after_ms']:.0f} ms after",
    )  # fmt: skip
    console.print(table)


def _stream_share(stored: Figures, posted: Figures) -> str:
    """What is neither storing nor fan-out: MiniStack's stream, until it calls the function."""
    rest_ms = stored["p50_ms"] - stored["call_p50_ms"] - posted["p50_ms"]
    return f"storing {stored['call_p50_ms']:.0f} ms, MiniStack's stream {rest_ms:.0f} ms"


def _two(figures: Mapping[str, float], one: str, other: str) -> str:
    return f"{figures[one]:.0f} / {figures[other]:.0f}"
