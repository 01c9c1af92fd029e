"""Posting to strangers, with real servers on this machine."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from videosite.store import outgoing
from videosite.store.outgoing import READ_BYTES, Answer, post


class Server:
    """Answers each connection with bytes, and keeps what it was sent."""

    def __init__(self, answer: bytes, hold: bool = False, certificate: Path | None = None) -> None:
        self._answer = answer
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self._hold = hold
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            with contextlib.suppress(OSError):  # closed by them
                self._answer_one(connection)

    def _answer_one(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            request = _read(connection)
            if not request:
                return
            self.requests.append(request)
            connection.sendall(self._answer)
            if self._hold:
                self.closing.wait()

    def close(self) -> None:
        self.closing.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            self._thread.join()
        self._listener.close()


def _read(connection: socket.socket) -> bytes:
    """A request with Content-Length; nothing if it is none."""
    with connection.makefile("rb") as stream:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return b""
            head += line
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return head + stream.read(int(length[1]) if length else 0)


def self_signed(folder: Path) -> Path:
    """A certificate for localhost with its key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(pem) + private)
    return file


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(answer: bytes, hold: bool = False, certificate: Path | None = None) -> Server:
        servers.append(Server(answer, hold, certificate))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def send(server: Server, path: str = "/hook", loopback: bool = True) -> Answer:
    return post(f"http://127.0.0.1:{server.port}{path}", b'{"a":1}', {"webhook-id": "msg_1"}, loopback)


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_it_is_posted_with_its_headers(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    answer = send(server)
    assert (answer.status, answer.error) == (204, None)
    (request,) = server.requests
    assert request.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"webhook-id: msg_1\r\n" in request
    assert request.endswith(b'{"a":1}')


def test_what_is_said_is_kept(serve: Callable[..., Server]) -> None:
    head = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 6\r\n\r\n"
    answer = send(serve(head + b"later\xff"))
    assert (answer.status, answer.body, answer.retry_after_s) == (503, "later\ufffd", 120)


def test_a_redirect_is_not_followed(serve: Callable[..., Server]) -> None:
    target = serve(OK)
    location = f"http://127.0.0.1:{target.port}/".encode()
    head = b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    assert send(serve(head)).status == 307
    assert target.requests == []


def test_no_proxy_of_the_environment_is_used(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(OK), serve(OK)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert send(server).status == 204
    assert proxy.requests == []


def test_of_an_endless_answer_the_beginning_is_read(serve: Callable[..., Server]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    answer = send(serve(head + b"x" * 4 * READ_BYTES, hold=True))
    assert (answer.status, len(answer.body)) == (200, READ_BYTES)


def test_a_compressed_answer_is_not_unpacked(serve: Callable[..., Server]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
    assert send(serve(head + b"zzzz")).body == "zzzz"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 200 OK\r\nX: ", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 200),
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_one_that_goes_silent_ends(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, said: bytes, status: int | None
) -> None:
    """A status that came is the answer, whatever becomes of the rest."""
    monkeypatch.setattr(outgoing, "TIMEOUT_S", 0.3)
    answer = send(serve(said, hold=True))
    assert (answer.status, answer.error) == (status, None if status else "timeout")


def test_nonsense_and_nobody(serve: Callable[..., Server]) -> None:
    assert send(serve(b"220 mail ready\r\n")).error == "bad_answer"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/", b"", {}, True).error == "connection_failed"


def test_a_certificate_is_checked(serve: Callable[..., Server], tmp_path: Path) -> None:
    """Nobody vouches for this one."""
    server = serve(OK, certificate=self_signed(tmp_path))
    assert post(f"https://localhost:{server.port}/", b"", {}, True).error == "tls_failed"
    assert server.requests == []


# --- where it does not go ------------------------------------------------------------------------------


def test_this_machine_is_not_posted_to(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    assert send(server, loopback=False).error == "blocked_address"
    name = post(f"http://localhost:{server.port}/", b"", {}, False)
    assert name.error == "blocked_address"
    assert server.requests == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"])
def test_other_ways_to_write_an_address(serve: Callable[..., Server], host: str) -> None:
    server = serve(OK)
    answer = post(f"https://{host}:{server.port}/", b"", {}, False)
    assert answer.error in ("blocked_address", "connection_failed", "bad_url")
    assert server.requests == []


def test_a_name_that_changes_its_address_gains_nothing(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when somebody looks first, ours when it is connected to. There is one look only, at
    the socket."""
    server = serve(OK)
    answers = ["8.8.8.8", "127.0.0.1"]

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    looked_at: list[str] = []

    def look(address: str, *_: Any) -> bool:
        looked_at.append(address)
        return False

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outgoing, "is_allowed", look)
    url = f"https://rebound.example.org:{server.port}/"
    assert post(url, b"", {}, False).error == "blocked_address"
    assert (looked_at, answers) == (["8.8.8.8"], ["127.0.0.1"])
    assert post(url, b"", {}, False).error == "blocked_address"
    assert looked_at == ["8.8.8.8", "127.0.0.1"]
    assert server.requests == []


def test_a_name_that_leads_here_among_others(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(OK)

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = ("10.0.0.1", "127.0.0.1", "169.254.169.254")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert post(f"https://many.example.org:{server.port}/", b"", {}, False).error == "blocked_address"
    assert server.requests == []
