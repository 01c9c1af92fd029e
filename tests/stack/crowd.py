"""Many sockets at once, each a client as docs/websockets.md describes it: it numbers what it hears, drops
repeats, and asks for what it missed.

Its users work inside a stack (`tests.stack.conftest.inside`): tokens are signed here, since signing in is
made to be slow.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from videosite.accounts.tokens import issue_access_token
from videosite.realtime.channels import home_channels
from videosite.store.tables import User

RETRY_S = 1.0
OPEN_TIMEOUT_S = 60
CHECK_S = 300.0
"""How often a client asks for what it missed though nothing shows a gap: with every tenth ping."""


class Listener:
    """One client of one user, over as many sockets as it takes."""

    def __init__(self, base_url: str, user_id: str, scope: str = "user") -> None:
        path = "ws/admin" if scope == "admin" else "ws"
        self._address = f"ws{base_url.removeprefix('http')}/api/v1/{path}"
        self._user = User(user_id, email="x@example.org", created_at_s=0)
        self._user.role = "admin" if scope == "admin" else "creator"
        self._socket: ClientConnection | None = None
        self._held: dict[str, set[int]] = {}
        self._asking: set[str] = set()
        self._newest: dict[str, int] = {}
        self.channels = home_channels(scope, user_id)
        self.first: dict[str, int] = {}
        """Channel → its number when this client came, or had to begin anew."""
        self.heard: dict[str, list[int]] = {channel: [] for channel in self.channels}
        """Channel → numbers of the messages heard since, each once, in the order they were taken."""
        self.arrived: dict[str, list[float]] = {}
        """Id of a frame → when it came, in `time.monotonic` seconds; a repeat adds a time."""
        self.faults: list[str] = []
        """What a server must not do."""
        self.opened = 0
        """Sockets opened."""
        self.replayed = 0
        """Messages that came by `resume`."""

    def enrol(self) -> None:
        """Store its account: a token alone opens nothing."""
        self._user.save()

    async def open(self) -> float:
        """Open a socket; returns the seconds until it was open."""
        address = f"{self._address}?token={issue_access_token(self._user)}"
        began_s = time.monotonic()
        self._socket = await connect(
            address, open_timeout=OPEN_TIMEOUT_S, compression=None, proxy=None, ping_interval=None
        )
        took_s = time.monotonic() - began_s
        self.opened += 1
        self._asking.clear()
        self._newest.clear()
        return took_s

    async def listen(self) -> None:
        """Take frames until the socket closes."""
        assert self._socket is not None
        checks = asyncio.create_task(self._check())
        try:
            with contextlib.suppress(ConnectionClosed):
                async for text in self._socket:
                    await self._take(json.loads(text))
        finally:
            checks.cancel()
            await asyncio.gather(checks, return_exceptions=True)

    async def _check(self) -> None:
        while True:
            await self._ask(self.channels)
            await asyncio.sleep(CHECK_S)

    async def check(self) -> None:
        """Ask for what was missed now; a client without a socket will when it has one."""
        if self._socket:
            with contextlib.suppress(ConnectionClosed):
                await self._ask(self.channels)

    async def stay(self, pause_s: float = RETRY_S) -> None:
        """Listen, and come back whenever the socket closes, until cancelled."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, InvalidHandshake):
                if self._socket is None:
                    await self.open()
                await self.listen()
            self._socket = None
            await asyncio.sleep(pause_s)

    def drop(self) -> None:
        """Break the connection off without a word."""
        if self._socket:
            self._socket.transport.abort()

    async def close(self) -> None:
        """Say goodbye."""
        if self._socket:
            await self._socket.close()

    def is_complete(self, last: dict[str, int]) -> bool:
        """Whether all up to the channels' last numbers was heard; more may have come since."""

        def is_whole(channel: str) -> bool:
            numbers = list(range(self.first[channel] + 1, last[channel] + 1))
            return self.heard[channel][: len(numbers)] == numbers

        return all(channel in self.first and is_whole(channel) for channel in self.channels)

    def position(self, channel: str) -> int | None:
        """The number of the last message heard; None before the channel's number is known."""
        return self.heard[channel][-1] if self.heard[channel] else self.first.get(channel)

    async def _ask(self, channels: Sequence[str]) -> None:
        assert self._socket is not None
        self._asking.update(channels)
        positions = {channel: self.position(channel) for channel in channels}
        await self._socket.send(json.dumps({"action": "resume", "positions": positions}))

    async def _take(self, frame: dict[str, Any]) -> None:
        if "id" in frame:
            self.arrived.setdefault(frame["id"], []).append(time.monotonic())
        if frame["type"] == "resumed":
            await self._take_replay(frame)
        elif "seq" in frame:
            channel, seq = frame["channel"], frame["seq"]
            if seq < self._newest.get(channel, 0) and not self._knows(channel, seq):
                self.faults.append(f"{channel}: {seq} after {self._newest[channel]}")
            self._newest[channel] = max(seq, self._newest.get(channel, 0))
            await self._number(channel, [seq])
        elif frame["type"] == "error":
            self.faults.append(frame["code"])

    async def _take_replay(self, frame: dict[str, Any]) -> None:
        channel, seqs = frame["channel"], [message["seq"] for message in frame["messages"]]
        if channel in self.first and not frame["recovered"]:
            self.faults.append(f"{channel}: not recovered after {self.position(channel)}")
            self.heard[channel].clear()
        if not frame["recovered"]:
            self.first[channel] = frame["seq"]
        self.replayed += len(seqs)
        if not frame["more"]:
            self._asking.discard(channel)
        await self._number(channel, seqs)

    async def _number(self, channel: str, seqs: list[int]) -> None:
        """Take messages in order; what is beyond a gap is held, and the gap asked for."""
        held = self._held.setdefault(channel, set())
        held.update(seq for seq in seqs if not self._knows(channel, seq))
        while (position := self.position(channel)) is not None and position + 1 in held:
            held.remove(position + 1)
            self.heard[channel].append(position + 1)
        if position is not None:
            held.difference_update([seq for seq in held if seq <= position])
        if held and channel not in self._asking:
            await self._ask([channel])

    def _knows(self, channel: str, seq: int) -> bool:
        position = self.position(channel)
        return position is not None and seq <= position


@contextlib.asynccontextmanager
async def staying(listeners: Sequence[Listener], per_s: float) -> AsyncIterator[list[float]]:
    """All of them open and listening within, opened at a rate; gives the seconds each took to open."""
    # Before the first opens, or they would be waited for with it.
    await asyncio.to_thread(_enrol, listeners)
    began_s = time.monotonic()
    tasks: list[asyncio.Task[None]] = []

    async def come(number: int) -> float:
        await asyncio.sleep(max(0.0, began_s + number / per_s - time.monotonic()))
        took_s = await listeners[number].open()
        tasks.append(asyncio.create_task(listeners[number].stay()))
        return took_s

    try:
        yield await asyncio.gather(*map(come, range(len(listeners))))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(listener.close() for listener in listeners), return_exceptions=True)


def _enrol(listeners: Sequence[Listener]) -> None:
    for listener in listeners:
        listener.enrol()


async def wait_until(done: Callable[[], bool], timeout_s: float = 30) -> bool:
    """Look ten times a second whether something is so; False if it is not in time."""
    deadline_s = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline_s:
            return False
        await asyncio.sleep(0.1)
    return True
