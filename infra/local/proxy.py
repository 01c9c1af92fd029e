"""The one local address: API, sockets and media behind http://localhost:PORT, as CloudFront does on AWS.

    /api/v1/ws, /api/v1/ws/admin   upgrades → the WebSocket stage, with `scope` set here and nowhere else
    /api/…                         → the HTTP API
    /m/{token}/…                   playlists that are rendered → the HTTP API; the rest → storage
    all else                       → the console (`infra/local/console.py`)

`python -m infra.local.proxy CONFIG.json`. It keeps no state and logs neither tokens nor query strings.
"""

import asyncio
import contextlib
import io
import json
import re
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import WSCloseCode, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from infra.local.console import Console
from infra.local.signing import sign_get
from videosite.errors import VideoSiteError
from videosite.library.media_token import verify

SOCKET_SCOPES = {"/api/v1/ws": "user", "/api/v1/ws/admin": "admin"}
RENDERED = re.compile(r"/m/[^/]+/.+(/master\.m3u8|/manifest\.mpd|/live\.m3u8|/captions/[^/]+)")
"""Media addresses the API answers; everything else under /m/ is an object."""

HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "host", "content-length",
    }
)  # fmt: skip
"""Headers that belong to one connection (RFC 9110, 7.6.1), and those the client library writes itself."""

OBJECT_REQUEST_HEADERS = ("Range", "If-Range", "If-None-Match", "If-Modified-Since")
OBJECT_RESPONSE_HEADERS = (
    "Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified",
    "Cache-Control",
)  # fmt: skip
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Range, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
BODY_LIMIT_BYTES = 10 * 1024 * 1024
FRAME_LIMIT_BYTES = 32 * 1024
"""API Gateway's limits for a request and for a WebSocket frame, which is what browsers send a message in."""
CHUNK_BYTES = 256 * 1024
ENDING_S = 5.0
"""For requests that are still answered when the proxy stops."""


@dataclass(frozen=True)
class Config:
    """What the proxy needs to know."""

    port: int
    http_api: str
    """Address of the HTTP API; the path follows."""
    sockets_api: str
    """Address of the WebSocket stage, ws://…"""
    storage: str
    media_bucket: str
    access_key: str
    secret_key: str
    """A key that can read the media bucket."""
    media_secret: str
    """Checks path tokens."""
    web: str
    """Folder of the built console."""


class Proxy:
    """Answers requests. `http` is the connection pool to what is behind."""

    def __init__(
        self, config: Config, http: aiohttp.ClientSession, clock: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.http = http
        self.clock = clock
        self._sockets: set[web.WebSocketResponse] = set()
        self._console = Console(Path(config.web), config.storage)

    async def close_sockets(self) -> None:
        """Tell every client that this server goes away."""
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._sockets))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, by its path as it was sent (nothing decoded or normalised)."""
        path = request.raw_path.partition("?")[0]
        try:
            return await self._route(request, path)
        except VideoSiteError as error:
            return problem(error.http_status, error.code, error.message)
        except (aiohttp.ClientError, TimeoutError) as error:
            _note(f"502 {request.method} {route_of(path)}: {error!r:.200}")
            return problem(
                502, "stack_unreachable", "The local stack does not answer. Look at: videosite status"
            )

    def _route(self, request: web.BaseRequest, path: str) -> Awaitable[web.StreamResponse]:
        if path in SOCKET_SCOPES:
            return self._socket(request, SOCKET_SCOPES[path])
        if request.method == "OPTIONS" and path.startswith("/m/"):
            return _preflight()
        if path.startswith("/api/") or RENDERED.fullmatch(path):
            return self._api(request)
        if path.startswith("/m/"):
            return self._object(request, path)
        return self._page(request, path)

    async def _api(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = forwarded(request.headers)
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Proto"] = "http"
        try:
            # aiohttp's own limit is 1 MiB.
            body = await request.clone(client_max_size=BODY_LIMIT_BYTES).read()
        except web.HTTPRequestEntityTooLarge:
            return problem(413, "too_large", "The request is too large.")
        address = f"{self.config.http_api}{request.raw_path}"
        async with self.http.request(
            request.method,
            _exact(address),
            headers=headers,
            data=io.BytesIO(body) if body else None,
            allow_redirects=False,
            # aiohttp would ask for compressed answers in the client's name.
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        ) as answer:
            return await _pass_on(request, answer, forwarded(answer.headers))

    async def _object(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return problem(405, "method_not_allowed", "Media is read with GET or HEAD.")
        token, _, key = path.removeprefix("/m/").partition("/")
        verify(token, key, self.config.media_secret, self.clock())
        if key.endswith("/"):
            # SeaweedFS answers for folders.
            return problem(404, "no_such_object", "There is no such object.", CORS)
        config = self.config
        address = f"{config.storage}/{config.media_bucket}/{key}"
        wanted = {name: request.headers[name] for name in OBJECT_REQUEST_HEADERS if name in request.headers}
        signature = sign_get(request.method, address, config.access_key, config.secret_key)
        async with self.http.request(
            request.method, _exact(address), headers={**wanted, **signature}
        ) as answer:
            if answer.status in (403, 404):
                return problem(404, "no_such_object", "There is no such object.", CORS)
            kept = {name: answer.headers[name] for name in OBJECT_RESPONSE_HEADERS if name in answer.headers}
            return await _pass_on(request, answer, CIMultiDict({**kept, **CORS}))

    async def _page(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return problem(405, "method_not_allowed", "The console is read with GET or HEAD.")
        found = self._console.answer(request, path)
        return found or problem(404, "not_found", "There is nothing at this address.")

    async def _socket(self, request: web.BaseRequest, scope: str) -> web.StreamResponse:
        # aiohttp refuses what has its limit exactly.
        limit = FRAME_LIMIT_BYTES + 1
        # Nor does API Gateway compress.
        ours = web.WebSocketResponse(max_msg_size=limit, compress=False)
        if not ours.can_prepare(request).ok:
            return problem(
                426, "upgrade_required", "This address is for WebSockets.", {"Upgrade": "websocket"}
            )
        address = f"{self.config.sockets_api}?{socket_query(request.query_string, scope)}"
        passed = {name: request.headers[name] for name in ("Origin", "User-Agent") if name in request.headers}
        passed["X-Forwarded-For"] = request.remote or ""
        try:
            theirs = await self.http.ws_connect(_exact(address), headers=passed, max_msg_size=limit)
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status)
        async with theirs:
            await ours.prepare(request)
            self._sockets.add(ours)
            try:
                await bridge(ours, theirs)
            finally:
                self._sockets.remove(ours)
        return ours


def socket_query(query: str, scope: str) -> str:
    """The query for `$connect`: the client's without `scope`, and ours."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "scope"]
    return urlencode([*kept, ("scope", scope)])


def forwarded(headers: Mapping[str, str] | CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers that may travel on, repeated ones included."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)


async def bridge(one: web.WebSocketResponse, other: aiohttp.ClientWebSocketResponse) -> None:
    """Carry text both ways until either side ends, then end the other with the same code.

    Anything binary ends both with 1003, as at API Gateway.
    """

    async def carry(source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
                    sink: web.WebSocketResponse | aiohttp.ClientWebSocketResponse) -> None:  # fmt: skip
        async for message in source:
            if message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await source.close(code=WSCloseCode.UNSUPPORTED_DATA)
        code = source.close_code
        # 1005 and 1006 say that no code came; they must not be sent (RFC 6455, 7.4.1).
        await sink.close(code=code if code and code not in (1005, 1006) else 1000)

    tasks = [asyncio.create_task(carry(one, other)), asyncio.create_task(carry(other, one))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(tasks, timeout=5)
    finally:
        for task in tasks:
            task.cancel()
        # A side that vanished makes its carrier fail; the close above is all there is to do.
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(
    request: web.BaseRequest, answer: aiohttp.ClientResponse, headers: CIMultiDict[str]
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=headers)
    if "Content-Length" in answer.headers:
        response.content_length = int(answer.headers["Content-Length"])
    with contextlib.suppress(ConnectionError):  # the player went away: it does so at every seek
        await response.prepare(request)
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            await response.write(chunk)
        await response.write_eof()
    return response


def _exact(address: str) -> URL:
    """An address to be sent as it is: normalising would change what was signed or checked."""
    return URL(address, encoded=True)


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error as the API words them (RFC 9457)."""
    body = {
        "type": f"urn:videosite:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return web.Response(
        status=status, headers=headers, text=json.dumps(body), content_type="application/problem+json"
    )


async def _preflight() -> web.Response:
    return web.Response(status=204, headers=PREFLIGHT)


def route_of(path: str) -> str:
    """A path without its token, for the log."""
    return re.sub(r"^/m/[^/]+", "/m/…", path)


def _note(line: str) -> None:
    """A line of the log: starts, stops, and what the stack did not answer."""
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}", flush=True)


async def serve(config: Config, stop: asyncio.Event) -> None:
    """Listen on the loopback addresses until `stop` is set."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    timeout = aiohttp.ClientTimeout(total=None, connect=5, sock_read=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as http:
        proxy = Proxy(config, http)
        runner = web.ServerRunner(
            web.Server(proxy.handle, access_log=None, auto_decompress=False), shutdown_timeout=ENDING_S
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", config.port).start()
        _note(f"listening on port {config.port}")
        with contextlib.suppress(OSError):  # a machine without IPv6
            await web.TCPSite(runner, "::1", config.port).start()
        await stop.wait()
        # They would end by themselves only when their clients go.
        await proxy.close_sockets()
        await runner.cleanup()
        _note("stopped")


async def run(config: Config) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    await serve(config, stop)


if __name__ == "__main__":
    asyncio.run(run(Config(**json.loads(Path(sys.argv[1]).read_text()))))
