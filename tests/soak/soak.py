"""Sockets that come and go at random, and some that do not take what is posted to them, while messages are
stored and jobs run: nothing may be lost.

Runs inside a stack (`tests.stack.conftest.inside`).
"""

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.media.clips import make_clip
from tests.soak.slow import slow_gateway
from tests.stack.conftest import RunningStack
from tests.stack.crowd import Listener, staying, wait_until
from tests.stack.site import Site
from videosite.realtime import channels, history, messages
from videosite.store.tables import SocketConnection, Subscription

SOCKETS_PER_USER = 5
ADMINS = 3
OPENED_PER_S = 20.0
STORED_PER_S = 4.0
DROPS_PER_SOCKET_S = 1 / 60
"""Each socket is broken off or closed about once a minute."""
TRANSCODED_S = 120.0
TOLD_S = 120.0
"""For everybody to have heard what was stored last, once they have asked for it."""
EMPTY_S = 120.0
"""Within which nothing is left of the last socket: the bar."""


@dataclass
class Report:
    """What happened."""

    sockets: int = 0
    opened: int = 0
    stored: int = 0
    heard: int = 0
    """Messages heard, all sockets together, each once."""
    replayed: int = 0
    slow: int = 0
    """Posts that were answered with 429."""
    videos: int = 0
    incomplete: int = 0
    """Clients that did not hear all of it. Must be 0."""
    faults: tuple[str, ...] = ()
    """Messages out of order, replays that were refused. Must be none."""
    empty_after_s: float | None = None
    """From the last close until the tables of connections and subscriptions were empty; None: never."""

    @property
    def lost_nothing(self) -> bool:
        """Whether it was as it must be."""
        return not self.incomplete and not self.faults and self.empty_after_s is not None


async def soak(stack: RunningStack, site: Site, folder: Path, sockets: int, seconds: float) -> Report:
    """Do it for so long; `site` is an admin's, who uploads."""
    async with slow_gateway(stack) as gateway:
        report = await _soak(site, folder, sockets, seconds)
    report.slow = gateway.refused
    return report


async def _soak(site: Site, folder: Path, sockets: int, seconds: float) -> Report:
    users = [f"soak{number}-{uuid4().hex[:6]}" for number in range(-(-sockets // SOCKETS_PER_USER))]
    listeners = [Listener(site.base_url, users[number // SOCKETS_PER_USER]) for number in range(sockets)]
    # Each of an account of its own: the role is the account's.
    for number in range(min(ADMINS, sockets)):
        listeners[number] = Listener(site.base_url, f"soak-admin-{uuid4().hex[:6]}", "admin")
    report = Report(sockets=sockets)
    heard = sorted({channel for listener in listeners for channel in listener.channels})
    async with staying(listeners, OPENED_PER_S):
        await wait_until(lambda: all(len(one.first) == len(one.channels) for one in listeners), TOLD_S)
        ends_s = time.monotonic() + seconds
        await asyncio.gather(
            _drop(listeners, ends_s),
            asyncio.to_thread(_store, heard, ends_s, report),
            asyncio.to_thread(_upload, site, folder, ends_s, report),
        )
        last = await asyncio.to_thread(lambda: {name: history.last_seq(name) for name in heard})
        for listener in listeners:
            await listener.check()
            await asyncio.sleep(1 / OPENED_PER_S)
        await wait_until(lambda: all(one.is_complete(last) for one in listeners), TOLD_S)
    closed_s = time.monotonic()
    report.incomplete = sum(not one.is_complete(last) for one in listeners)
    report.faults = tuple(fault for one in listeners for fault in one.faults)
    report.opened = sum(one.opened for one in listeners)
    report.heard = sum(len(seqs) for one in listeners for seqs in one.heard.values())
    report.replayed = sum(one.replayed for one in listeners)
    if await asyncio.to_thread(_wait_until_empty):
        report.empty_after_s = time.monotonic() - closed_s
    return report


async def _drop(listeners: list[Listener], ends_s: float) -> None:
    """End sockets at random, half of them without a word; their clients come back."""
    while time.monotonic() < ends_s:
        await asyncio.sleep(random.expovariate(len(listeners) * DROPS_PER_SOCKET_S))
        listener = random.choice(listeners)
        if random.random() < 0.5:
            listener.drop()
        else:
            await listener.close()


def _store(names: list[str], ends_s: float, report: Report) -> None:
    """Say things, to everybody and to some."""
    while time.monotonic() < ends_s:
        now_s = time.time()
        frame = messages.system_message(uuid4().hex, f"message {report.stored}", "info", now_s, now_s + 600)
        to = {random.choice(names), random.choice([channels.ALL, channels.ADMIN, *names])}
        history.append(frame, sorted(to), now_s)
        report.stored += len(to)
        time.sleep(1 / STORED_PER_S)


def _upload(site: Site, folder: Path, ends_s: float, report: Report) -> None:
    """One video after another is transcoded."""
    clip = make_clip(folder / "soak.mp4", frames=50, size="320x180")
    while time.monotonic() < ends_s:
        video_id = site.upload(clip, f"Soak {report.videos}")
        site.wait(video_id, TRANSCODED_S)
        report.videos += 1


def _wait_until_empty() -> bool:
    deadline_s = time.monotonic() + EMPTY_S
    while SocketConnection.count() or Subscription.count():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.2)
    return True
