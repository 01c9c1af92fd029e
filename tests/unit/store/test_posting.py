"""Posts of many sockets, against a real HTTP server."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import aiohttp
import boto3
import pytest

from tests.conftest import forget_process
from videosite.store import posting, sockets
from videosite.store.posting import IN_FLIGHT, post, run
from videosite.store.sockets import MAX_FRAME_BYTES, Outcome


class Gateway(BaseHTTPRequestHandler):
    """@connections: answers with the status in a connection id, "200a=" with 200."""

    protocol_version = "HTTP/1.1"
    requests: list[tuple[str, dict[str, str], bytes]]
    clients: Counter[Any]
    hang_up: list[str]

    def do_POST(self) -> None:
        connection_id = unquote(self.path.rpartition("/")[2])
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, dict(self.headers.items()), body))
        self.clients[self.client_address] += 1
        if connection_id in self.hang_up:
            self.hang_up.remove(connection_id)
            self.close_connection = True
            return
        self.send_response(int(connection_id[:3]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 2 * IN_FLIGHT


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    state: dict[str, Any] = {"requests": [], "clients": Counter(), "hang_up": []}
    handler: Any = type("Handler", (Gateway,), state)
    server = Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    for name, value in {
        "VIDEOSITE_SOCKETS_ENDPOINT": f"http://127.0.0.1:{server.server_port}/live",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps the credentials it found first
    # A busy machine answers late. One test is about that, and sets its own.
    monkeypatch.setattr(posting, "_TIMEOUT", aiohttp.ClientTimeout(total=60))
    forget_process()
    yield handler
    forget_process()
    server.shutdown()
    thread.join()
    server.server_close()


def post_all(*ids: str) -> list[Outcome]:
    async def all_of_them() -> list[Outcome]:
        return await asyncio.gather(*(post(connection_id, b"{}") for connection_id in ids))

    return run(all_of_them())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "sent"),
        (410, "gone"),
        (429, "later"),
        (500, "later"),
        (503, "later"),
        (413, "refused"),
        (403, "refused"),
    ],
)
def test_outcomes(gateway: Any, status: int, outcome: str) -> None:
    assert post_all(f"{status}abc=") == [outcome]


def test_it_is_signed_as_boto3_signs_it(gateway: Any) -> None:
    assert post_all("200a+/b=") == [Outcome.SENT]
    sockets.post("200a+/b=", b"{}")
    (ours, our_headers, body), (theirs, their_headers, _) = gateway.requests
    assert ours == theirs
    assert body == b"{}"
    scopes = [headers["Authorization"].split(",")[0] for headers in (our_headers, their_headers)]
    assert scopes[0] == scopes[1]
    assert our_headers["X-Amz-Date"][:8] == their_headers["X-Amz-Date"][:8]


def test_connections_are_kept_and_bounded(gateway: Any) -> None:
    ids = [f"200{number:04}=" for number in range(3 * IN_FLIGHT)]
    assert set(post_all(*ids)) == {Outcome.SENT}
    assert 1 < len(gateway.clients) <= IN_FLIGHT
    before = set(gateway.clients)
    assert post_all("200z=") == [Outcome.SENT]
    assert set(gateway.clients) == before


def test_a_kept_connection_that_was_closed_costs_nothing(gateway: Any) -> None:
    gateway.hang_up += ["200a="]
    assert post_all("200a=") == [Outcome.SENT]
    gateway.hang_up += ["200b=", "200b="]
    assert post_all("200b=", "200c=") == [Outcome.LATER, Outcome.SENT]


def test_too_large_is_not_sent(gateway: Any) -> None:
    assert run(post("200a=", b"x" * (MAX_FRAME_BYTES + 1))) is Outcome.REFUSED
    assert gateway.requests == []


def test_nobody_there(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_SOCKETS_ENDPOINT", "http://127.0.0.1:1/live")
    forget_process()
    assert post_all("200a=") == [Outcome.LATER]


def test_one_that_does_not_answer_is_not_waited_for(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("VIDEOSITE_SOCKETS_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}/live")
        forget_process()
        assert post_all("200a=") == [Outcome.LATER]
