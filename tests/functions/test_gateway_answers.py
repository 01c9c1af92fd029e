"""The functions against a server that answers as API Gateway's @connections does, over HTTP.

Answers are told by socket: recorded ones of AWS, and one of an emulator that names no error type.
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from tests.functions.conftest import handler
from tests.functions.events import (
    connect_event,
    disconnect_event,
    job_record,
    message_event,
    message_record,
    stream_event,
)
from tests.unit.realtime.factories import make_transcode, open_socket, store_messages
from videosite.accounts.tokens import issue_access_token
from videosite.realtime import presence
from videosite.settings import get_settings
from videosite.store import sockets
from videosite.store.tables import Message, SocketConnection, Subscription, User

connect, message, disconnect = (handler("sockets", name) for name in ("connect", "message", "disconnect"))
fanout, progress = handler("fanout"), handler("progress")

ALL_WELL: dict[str, Any] = {"batchItemFailures": []}

Answer = tuple[int, dict[str, str], bytes]
GONE: dict[str, Answer] = {
    "GoneException": (410, {"x-amzn-ErrorType": "GoneException"}, b'{"message":"410"}'),
    "untyped 410": (410, {}, b""),
}
KEPT: dict[str, Answer] = {
    "LimitExceededException": (
        429,
        {"x-amzn-ErrorType": "LimitExceededException"},
        b'{"message":"Too Many Requests"}',
    ),
    "PayloadTooLargeException": (
        413,
        {"x-amzn-ErrorType": "PayloadTooLargeException"},
        b'{"message":"Message too long","connectionId":"bad=","requestId":"Dx1VMd5QPHcCIhw="}',
    ),
    "ForbiddenException": (403, {"x-amzn-ErrorType": "ForbiddenException"}, b'{"message":"Forbidden"}'),
}


class Gateway(ThreadingHTTPServer):
    """Keeps the frames of each socket; `answers` are those of sockets that take none."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.frames: dict[str, list[dict[str, Any]]] = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection_id = self._connection_id()
        if connection_id not in self.server.answers:
            self.server.frames.setdefault(connection_id, []).append(json.loads(body))
        self._answer()

    def do_GET(self) -> None:
        self._answer(b'{"connectedAt":"2025-10-10T10:30:00Z","lastActiveAt":"2025-10-10T10:30:00Z"}')

    def _connection_id(self) -> str:
        return unquote(self.path.rpartition("/@connections/")[2])

    def _answer(self, body: bytes = b"") -> None:
        status, headers, data = self.server.answers.get(self._connection_id(), (200, {}, body))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def gateway(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway for the functions, with two sockets of Ada's: one takes what it is sent, one does not."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("VIDEOSITE_SOCKETS_ENDPOINT", f"http://127.0.0.1:{server.server_port}/live")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    get_settings.cache_clear()
    for connection_id in ("good=", "bad="):
        open_socket(connection_id, at_s=time.time() - 60)
    yield server
    for patient in (True, False):
        sockets.client(patient).close()
    server.shutdown()
    server.server_close()
    thread.join()


def known() -> set[str]:
    """Sockets that are known, in every table alike."""
    rows = {row.connection_id for row in SocketConnection.scan()}
    assert rows == {row.connection_id for row in Subscription.scan()}
    assert rows == presence.sockets_of("user", "ada")
    return rows


@pytest.fixture(params=[*GONE, *KEPT])
def answer(request: pytest.FixtureRequest, gateway: Gateway) -> str:
    """What the bad socket's posts are answered with, by name."""
    gateway.answers["bad="] = (GONE | KEPT)[request.param]
    return str(request.param)


def test_stored_messages(gateway: Gateway, answer: str) -> None:
    store_messages("user#ada", 1, 3, time.time())
    records = [message_record(row) for row in Message.query("user#ada", Message.seq > 0)]
    assert fanout(stream_event(*records), None) == ALL_WELL
    assert [frame["seq"] for frame in gateway.frames["good="]] == [1, 2]
    assert known() == ({"good="} if answer in GONE else {"good=", "bad="})


def test_progress(gateway: Gateway, answer: str) -> None:
    make_transcode(7)
    assert progress(stream_event(job_record(7)), None) == ALL_WELL
    assert [frame["type"] for frame in gateway.frames["good="]] == ["transcode_progress"]
    assert known() == ({"good="} if answer in GONE else {"good=", "bad="})


def test_answers_to_what_a_client_said(gateway: Gateway, answer: str) -> None:
    for connection_id in ("bad=", "good="):
        assert message(message_event(connection_id, "ping"), None) == {"statusCode": 200}
    assert [frame["type"] for frame in gateway.frames["good="]] == ["pong"]


def test_room_for_a_new_socket(gateway: Gateway, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of as many as allowed, one that API Gateway does not know any more makes room; in doubt none."""
    monkeypatch.setenv("VIDEOSITE_MAX_SOCKETS", "2")
    get_settings.cache_clear()
    user = User("ada", email="ada@example.org", role="creator", created_at_s=0)
    user.save()
    event = connect_event("new=", {"token": issue_access_token(user, time.time()), "scope": "user"})
    assert connect(event, None) == {"statusCode": 200 if answer in GONE else 429}
    assert known() == ({"good=", "new="} if answer in GONE else {"good=", "bad="})


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1009])
def test_an_end_leaves_nothing_whatever_its_code(gateway: Gateway, code: int) -> None:
    assert disconnect(disconnect_event("bad=", code), None) == {"statusCode": 200}
    assert known() == {"good="}
