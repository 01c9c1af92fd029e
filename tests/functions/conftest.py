"""What surrounds a handler: its sockets, its log."""

import asyncio
import importlib.util
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from videosite.log import logger
from videosite.store import posting, sockets
from videosite.store.sockets import Outcome

ROOT = Path(__file__).parents[2]

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


def handler(function: str, attribute: str = "handler") -> Handler:
    """A function's handler, as Lambda imports it."""
    file = ROOT / "functions" / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{function}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Handler = getattr(module, attribute)
    return found


class Gateway:
    """Stands for @connections: keeps the frames of each socket, answers with the status a socket has."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, dict[str, Any]]] = []
        self.statuses: dict[str, int] = {}
        self.closed: list[str] = []
        self.throttled: dict[str, int] = {}
        """Connection id → posts that get 429 before the others get through."""
        self.slow: dict[str, asyncio.Event] = {}
        """Connection id → what the posts of a fan-out to it wait for."""
        self.taken: Callable[[str, Outcome], object] = lambda *_: None
        """Called after each post of a fan-out."""

    def stand_in(self, patch: pytest.MonkeyPatch) -> None:
        """Take every post while `patch` lasts, single ones and those of a fan-out."""
        patch.setattr(sockets, "client", lambda patient: self)
        patch.setattr(posting, "post", self.post)
        patch.setattr(posting, "hang_up", self.hang_up)

    def to(self, connection_id: str) -> list[dict[str, Any]]:
        """The frames a socket got."""
        return [frame for to, frame in self.frames if to == connection_id]

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        self._check("PostToConnection", ConnectionId)
        self.frames.append((ConnectionId, json.loads(Data)))

    def get_connection(self, ConnectionId: str) -> None:  # noqa: N803
        self._check("GetConnection", ConnectionId)

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803
        self._check("DeleteConnection", ConnectionId)
        self.closed.append(ConnectionId)

    async def post(self, connection_id: str, data: bytes) -> Outcome:
        """As `posting.post`; others go on while one waits."""
        if connection_id in self.slow:
            await asyncio.wait_for(self.slow[connection_id].wait(), 10)
        await asyncio.sleep(0)
        outcome = sockets.post(connection_id, data)
        self.taken(connection_id, outcome)
        return outcome

    async def hang_up(self, connection_id: str) -> Outcome:
        """As `posting.hang_up`."""
        await asyncio.sleep(0)
        return sockets.close(connection_id)

    def _check(self, operation: str, connection_id: str) -> None:
        status = self.statuses.get(connection_id, 200)
        if self.throttled.get(connection_id):
            self.throttled[connection_id] -= 1
            status = 429
        if status != 200:
            metadata: Any = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(metadata, operation)


@pytest.fixture
def gateway(aws: None) -> Iterator[Gateway]:
    """The gateway all posts of a test go to."""
    found = Gateway()
    with pytest.MonkeyPatch.context() as patch:
        found.stand_in(patch)
        yield found


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Takes the lines logged since the last look."""
    stream: Any = logger.registered_handler
    buffer = io.StringIO()
    before = stream.setStream(buffer)

    def take() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in buffer.getvalue().splitlines()]
        buffer.seek(0)
        buffer.truncate()
        return lines

    yield take
    stream.setStream(before)
