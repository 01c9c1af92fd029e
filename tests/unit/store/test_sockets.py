"""@connections against a server that answers as API Gateway and its emulators do."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from videosite.settings import get_settings
from videosite.store import sockets
from videosite.store.sockets import MAX_FRAME_BYTES, Outcome, post


class Gateway(ThreadingHTTPServer):
    """Gives the answers it was told, one per request, the last one for ever; keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"")]
        self.asked: list[tuple[str, str, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers["Authorization"] or "", body))
        answers = self.server.answers
        status, headers, data = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway, and this process's settings pointing at it."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("VIDEOSITE_SOCKETS_ENDPOINT", f"http://127.0.0.1:{server.server_port}/api/live")
    get_settings.cache_clear()
    sockets.client.cache_clear()
    yield server
    for patient in (True, False):
        sockets.client(patient).close()
    get_settings.cache_clear()
    sockets.client.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_frame_is_posted_below_the_stage_with_the_id_encoded(gateway: Gateway) -> None:
    assert post("L0SM9cOFvHcCIhw=", b'{"type":"pong"}') is Outcome.SENT
    ((path, authorization, body),) = gateway.asked
    assert path == "/api/live/@connections/L0SM9cOFvHcCIhw%3D"
    assert "/us-east-1/execute-api/aws4_request" in authorization
    assert body == b'{"type":"pong"}'


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (410, {"x-amzn-ErrorType": "GoneException"}, b"{}", Outcome.GONE),
        (410, {}, b'{"__type": "GoneException"}', Outcome.GONE),
        (410, {}, b"", Outcome.GONE),
        (413, {"x-amzn-ErrorType": "PayloadTooLargeException"}, b"{}", Outcome.REFUSED),
        (403, {"x-amzn-ErrorType": "ForbiddenException"}, b"{}", Outcome.REFUSED),
        (400, {}, b'{"message": "Invalid connectionId"}', Outcome.REFUSED),
        (429, {}, b"", Outcome.LATER),
        (429, {"x-amzn-ErrorType": "LimitExceededException"}, b"{}", Outcome.LATER),
        (500, {}, b"", Outcome.LATER),
        (503, {}, b"<html>no JSON</html>", Outcome.LATER),
    ],
)
def test_the_http_status_decides(
    gateway: Gateway, status: int, headers: dict[str, str], body: bytes, outcome: Outcome
) -> None:
    gateway.answers = [(status, headers, body)]
    assert post("a=", b"{}", patient=False) is outcome
    assert len(gateway.asked) == 1


def test_a_patient_post_is_tried_again(gateway: Gateway) -> None:
    gateway.answers = [(500, {}, b""), (200, {}, b"")]
    assert post("a=", b"{}") is Outcome.SENT
    assert len(gateway.asked) == 2


def test_an_impatient_post_is_not(gateway: Gateway) -> None:
    gateway.answers = [(500, {}, b""), (200, {}, b"")]
    assert post("a=", b"{}", patient=False) is Outcome.LATER
    assert len(gateway.asked) == 1


def test_a_frame_that_would_close_the_socket_is_not_sent(gateway: Gateway) -> None:
    assert post("a=", b"x" * (MAX_FRAME_BYTES + 1)) is Outcome.REFUSED
    assert gateway.asked == []
    assert post("a=", b"x" * MAX_FRAME_BYTES) is Outcome.SENT


def test_nobody_listening_is_no_error(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_SOCKETS_ENDPOINT", "http://127.0.0.1:1/live")
    get_settings.cache_clear()
    assert post("a=", b"{}", patient=False) is Outcome.LATER
