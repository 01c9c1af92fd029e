"""The proxy, with stand-ins for the API, the sockets and the storage behind it."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from infra.local import ports
from infra.local.proxy import (
    BODY_LIMIT_BYTES,
    ENDING_S,
    FRAME_LIMIT_BYTES,
    Config,
    Proxy,
    forwarded,
    serve,
    socket_query,
)
from videosite.library import media_token

SECRET = "media-secret"
CONSOLE = Path(__file__).parent / "console"
"""A stand-in for the built console."""
Leftover = Callable[[], Awaitable[None]]
Check = Callable[[str, aiohttp.ClientSession, list[web.Request]], Awaitable[Leftover | None]]


def token(scope: str = "videos/1/a/", expires_at_s: int = 4_000_000_000) -> str:
    return media_token.sign(scope, expires_at_s, SECRET)


async def behind(request: web.Request) -> web.StreamResponse:
    """Answers what it was asked; a WebSocket echoes, after saying its query."""
    if request.path == "/ws/live":
        if "refuse" in request.query:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(request.query_string)
        async for message in socket:
            if message.data == "bye":
                await socket.close(code=4001)
                break
            await socket.send_str(message.data)
        return socket
    if request.path.endswith("/missing.m4s"):
        return web.Response(status=404, text="<Error>NoSuchKey internal</Error>")
    body = b"0123456789"
    if request.path.startswith("/store/") and "Range" in request.headers:
        headers = {"Content-Range": "bytes 2-4/10", "ETag": '"e"', "x-amz-id-2": "internal"}
        return web.Response(status=206, body=body[2:5], headers=headers)
    headers = {"ETag": '"e"', "Cache-Control": "max-age=1", "x-amz-id-2": "internal"}
    return web.Response(body=body, headers=headers)


def run(check: Check) -> None:
    """Run a check against a proxy; it gets the proxy's address, a client and what was asked behind it.

    What it returns is run when the proxy has stopped, which must not take long.
    """

    async def everything() -> None:
        asked: list[web.Request] = []

        async def note(request: web.Request) -> web.StreamResponse:
            asked.append(request)
            return await behind(request)

        application = web.Application(client_max_size=0)
        application.router.add_route("*", "/{tail:.*}", note)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        found = ports.take(("behind", "proxy"), {})
        await web.TCPSite(runner, ports.LOOPBACK, found["behind"]).start()
        back = f"http://{ports.LOOPBACK}:{found['behind']}"
        config = Config(
            port=found["proxy"],
            http_api=f"{back}/http",
            sockets_api=f"ws://{ports.LOOPBACK}:{found['behind']}/ws/live",
            storage=f"{back}/store",
            media_bucket="media",
            access_key="AKIAREADER",
            secret_key="reader",
            media_secret=SECRET,
            web=str(CONSOLE),
        )
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(config, stop))
        while ports.is_free(found["proxy"]):
            await asyncio.sleep(0.01)
        async with aiohttp.ClientSession() as http:
            after = await check(f"http://{ports.LOOPBACK}:{found['proxy']}", http, asked)
        stop.set()
        await asyncio.wait_for(serving, ENDING_S)
        if after:
            await after()
        await runner.cleanup()

    asyncio.run(everything())


def test_api_calls_travel_as_they_are() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        headers = {"Authorization": "Bearer x", "Connection": "keep-alive"}
        async with http.post(f"{base}/api/v1/videos?a=1&a=2", json={"t": 1}, headers=headers) as answer:
            assert await answer.read() == b"0123456789"
            assert answer.headers["ETag"] == '"e"'
        (request,) = asked
        assert request.raw_path == "/http/api/v1/videos?a=1&a=2"
        assert request.headers["Authorization"] == "Bearer x"
        assert request.headers["X-Forwarded-For"] == "127.0.0.1"

    run(check)


def test_bodies_may_be_as_large_as_api_gateway_allows() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        async with http.post(f"{base}/api/v1/videos", data=io.BytesIO(bytes(2 << 20))) as answer:
            assert answer.status == 200
        async with http.post(f"{base}/api/v1/videos", data=io.BytesIO(bytes(BODY_LIMIT_BYTES + 1))) as answer:
            assert answer.status == 413
            assert (await answer.json())["code"] == "too_large"
        assert len(asked) == 1

    run(check)


@pytest.mark.parametrize(
    "name", ["master.m3u8", "manifest.mpd", "h264-720p/live.m3u8", "captions/en.0f3a5c7e9b1d2f4a.vtt"]
)
def test_rendered_playlists_come_from_the_api(name: str) -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        async with http.get(f"{base}/m/{token()}/videos/1/a/{name}") as answer:
            assert answer.status == 200
        assert asked[0].raw_path == f"/http/m/{token()}/videos/1/a/{name}"

    run(check)


def test_objects_come_from_storage_signed_and_without_its_headers() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        address = f"{base}/m/{token()}/videos/1/a/h264-720p/seg_00001.m4s"
        async with http.get(address, headers={"Range": "bytes=2-4", "Cookie": "c=1"}) as answer:
            assert (answer.status, await answer.read()) == (206, b"234")
            assert answer.headers["Content-Range"] == "bytes 2-4/10"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "x-amz-id-2" not in answer.headers
        (request,) = asked
        assert request.raw_path == "/store/media/videos/1/a/h264-720p/seg_00001.m4s"
        assert "AKIAREADER" in request.headers["Authorization"]
        assert "Cookie" not in request.headers
        async with http.head(address) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, "10")
        async with http.options(address) as answer:
            assert answer.status == 204
            assert "Range" in answer.headers["Access-Control-Allow-Headers"]

    run(check)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/m/{token()}/videos/2/a/seg.m4s", 403),
        (f"/m/{token()}/videos/1/a/../../2/a/seg.m4s", 403),
        (f"/m/{token()}/videos/1/a/%2e%2e/seg.m4s", 403),
        (f"/m/{token(expires_at_s=1)}/videos/1/a/seg.m4s", 403),
        ("/m/nonsense/videos/1/a/seg.m4s", 403),
        ("/m/", 403),
        (f"/m/{token()}/videos/1/a/missing.m4s", 404),
        (f"/m/{token()}/videos/1/a/", 404),
        ("/assets/gone.js", 404),
        ("/../test_proxy.py", 404),
        ("/%2e%2e/test_proxy.py", 404),
        ("//etc/hosts.x", 404),
        ("/", 200),
        ("/watch/1", 200),
    ],
)
def test_what_is_let_through(path: str, status: int) -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        url = URL(f"{base}{path}", encoded=True)
        async with http.get(url) as answer:
            assert answer.status == status
            assert b"internal" not in await answer.read()
        assert not asked or status == 404

    run(check)


def test_the_console_is_one_page_under_every_address_with_a_strict_policy() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        for path in ("/", "/watch/1", "/index.html"):
            async with http.get(f"{base}{path}") as answer:
                assert (answer.content_type, answer.headers["Cache-Control"]) == ("text/html", "no-cache")
                assert "<title>Console</title>" in await answer.text()
                policy = answer.headers["Content-Security-Policy"]
                assert "script-src 'self';" in policy
                assert re.search(r"connect-src 'self' http://127\.0\.0\.1:\d+/store;", policy)
                tag = answer.headers["ETag"]
        async with http.get(f"{base}/", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with http.get(f"{base}/assets/a.js") as answer:
            assert answer.content_type == "text/javascript"
            assert "immutable" in answer.headers["Cache-Control"]
        async with http.post(f"{base}/") as answer:
            assert answer.status == 405

    run(check)


def test_sockets_get_their_scope_from_the_address_only() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        for path, scope in (("/api/v1/ws", "user"), ("/api/v1/ws/admin", "admin")):
            async with http.ws_connect(f"{base}{path}?token=t&scope=admin&scope=user") as socket:
                assert await socket.receive_str() == f"token=t&scope={scope}"
                await socket.send_str("hello")
                assert await socket.receive_str() == "hello"
                await socket.send_str("bye")
                await socket.receive()
                assert socket.close_code == 4001

    run(check)


def test_a_refused_socket_is_refused() -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await http.ws_connect(f"{base}/api/v1/ws?refuse=1")
        async with http.get(f"{base}/api/v1/ws") as answer:
            assert answer.status == 426

    run(check)


@pytest.mark.parametrize(("said", "code"), [(b"x", 1003), ("x" * (FRAME_LIMIT_BYTES + 1), 1009)])
def test_what_api_gateway_does_not_take_closes_the_socket(said: str | bytes, code: int) -> None:
    async def check(base: str, http: aiohttp.ClientSession, asked: list[web.Request]) -> None:
        async with http.ws_connect(f"{base}/api/v1/ws") as socket:
            await socket.receive_str()
            await socket.send_str("x" * FRAME_LIMIT_BYTES)
            assert len(await socket.receive_str()) == FRAME_LIMIT_BYTES
            await (socket.send_str(said) if isinstance(said, str) else socket.send_bytes(said))
            await socket.receive()
            assert socket.close_code == code

    run(check)


def test_a_stop_closes_sockets_and_waits_for_nobody() -> None:
    """A page that is left open must not hold `videosite down` up."""

    async def check(base: str, _: aiohttp.ClientSession, asked: list[web.Request]) -> Leftover:
        client = aiohttp.ClientSession()
        socket = await client.ws_connect(f"{base}/api/v1/ws")

        async def after() -> None:
            async with client:
                await socket.receive_str()
                closed = await socket.receive()
                assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)

        return after

    run(check)


def test_one_that_is_down_is_said_so() -> None:
    async def everything() -> None:
        config = Config(
            1, "http://127.0.0.1:1", "ws://127.0.0.1:1", "http://127.0.0.1:1", "m", "a", "s", SECRET, "/"
        )
        async with aiohttp.ClientSession() as http:
            runner = web.ServerRunner(web.Server(Proxy(config, http).handle))
            await runner.setup()
            port = ports.take(("proxy",), {})["proxy"]
            await web.TCPSite(runner, ports.LOOPBACK, port).start()
            async with http.get(f"http://{ports.LOOPBACK}:{port}/api/v1/health") as answer:
                assert answer.status == 502
                assert (await answer.json())["code"] == "stack_unreachable"
            await runner.cleanup()

    asyncio.run(everything())


def test_the_clients_scope_is_dropped() -> None:
    assert socket_query("scope=admin&token=a%2Bb&SCOPE=x", "user") == "token=a%2Bb&SCOPE=x&scope=user"
    assert socket_query("", "admin") == "scope=admin"


def test_hop_by_hop_headers_stay() -> None:
    kept = forwarded({"Connection": "close", "Host": "h", "Transfer-Encoding": "chunked", "Accept": "a"})
    assert dict(kept) == {"Accept": "a"}
