"""A storage of one object over HTTP, for FFmpeg to read as workers make it read."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

IF_MATCH = 'If-Match: "right"\r\n'
DROP_BYTES = 100
DROP_S = 0.1


class Storage(BaseHTTPRequestHandler):
    """A store of one object: ranges, If-Match, and an address that redirects to the object."""

    protocol_version = "HTTP/1.1"

    def __init__(
        self,
        data: bytes,
        asked: list[str],
        trickle: threading.Event,
        over: threading.Event,
        latency_s: float,
        *arguments: object,
    ) -> None:
        self._data = data
        self._asked = asked
        self._trickle = trickle
        self._over = over
        self._latency_s = latency_s
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._asked.append(self.path)
        time.sleep(self._latency_s)
        if self.path == "/moved":
            self._answer(302, b"", Location="/source.mp4?signature=1")
        elif self.path.startswith("/down"):
            self._answer(503, b"")
        elif self.path.startswith("/cut"):
            self._cut()
        elif self.path.startswith("/hangup"):
            self.close_connection = True
        elif self.path.startswith("/silent"):
            self._over.wait()
        elif self.headers["If-Match"] != '"right"':
            self._answer(412, b"")
        else:
            start, _, end = (self.headers["Range"] or "bytes=0-").removeprefix("bytes=").partition("-")
            part = self._data[int(start) : int(end) + 1 if end else None]
            span = f"bytes {start}-{int(start) + len(part) - 1}/{len(self._data)}"
            at_once = max(0, len(self._data) * 3 // 4 - int(start))
            self._answer(206, part, at_once, **{"Content-Range": span, "Accept-Ranges": "bytes"})

    def _cut(self) -> None:
        """Half of what was asked for, then the connection breaks."""
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        part = self._data[start:]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{len(self._data) - 1}/{len(self._data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part[: len(part) // 2])
        self.close_connection = True

    def _answer(self, status: int, body: bytes, at_once: int = 0, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            while self._trickle.is_set() and len(body) > at_once:
                self.wfile.write(body[:at_once])
                body, at_once = body[at_once:], DROP_BYTES
                time.sleep(DROP_S)
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """FFmpeg breaks connections off when it is stopped; nothing to print."""


@contextmanager
def serve(
    data: bytes,
    asked: list[str] | None = None,
    trickle: threading.Event | None = None,
    latency_s: float = 0.0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """The address of a store that holds `data` at any path but /moved (a redirect) and /down (503). From /cut
    it gives half and breaks the connection, at /hangup it does so without an answer, at /silent it never
    answers. Paths asked for go into `asked`. While `trickle` is set, the last quarter of the object comes
    drop by drop. `latency_s`: before each answer, as storage with TLS has it. With `tls` it is https, of the
    name localhost.
    """
    over = threading.Event()
    handler = partial(
        Storage, data, [] if asked is None else asked, trickle or threading.Event(), over, latency_s
    )
    server = _Server(("127.0.0.1", 0), handler)
    if tls:
        # The handshake is the connection's own thread's, not the listener's.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"{'https://localhost' if tls else 'http://127.0.0.1'}:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
