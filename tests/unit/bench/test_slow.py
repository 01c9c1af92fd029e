"""The soak's gateway: what passes through it, and that some sockets are slow for a while."""

import asyncio
import random
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.soak.slow import SlowGateway

API = "/_aws/execute-api/ws/live"


async def ask(*requests: tuple[str, str]) -> tuple[list[int], list[Any]]:
    """Send requests (method, connection id) through a gateway; what they got, and what came through."""
    came: list[Any] = []

    async def behind(request: web.BaseRequest) -> web.StreamResponse:
        came.append((request.method, request.raw_path, request.headers["Host"], await request.text()))
        return web.Response(status=204 if request.method == "DELETE" else 200)

    async with aiohttp.ClientSession() as http, aiohttp.ClientSession() as client:
        servers = [web.ServerRunner(web.Server(behind))]
        await servers[0].setup()
        site = web.TCPSite(servers[0], "127.0.0.1", 0)
        await site.start()
        gateway = SlowGateway(f"http://127.0.0.1:{servers[0].addresses[0][1]}{API}", http)
        servers.append(web.ServerRunner(web.Server(gateway.handle)))
        await servers[1].setup()
        await web.TCPSite(servers[1], "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{servers[1].addresses[0][1]}{API}/@connections/"
        got = []
        for method, connection_id in requests:
            url = URL(address + connection_id, encoded=True)
            async with client.request(method, url, data=b"{}", headers={"Host": "signed"}) as answer:
                got.append(answer.status)
        for server in servers:
            await server.cleanup()
    return got, came


def test_requests_go_through_as_they_were_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 1.0)
    got, came = asyncio.run(ask(("POST", "a%3D"), ("DELETE", "a%3D")))
    assert got == [200, 204]
    path = f"{API}/@connections/a%3D"
    assert came == [("POST", path, "signed", "{}"), ("DELETE", path, "signed", "{}")]


def test_a_slow_socket_takes_no_post_but_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = iter([0.0, 1.0, 1.0])
    monkeypatch.setattr(random, "random", lambda: next(chances))
    got, came = asyncio.run(ask(("POST", "a"), ("POST", "a"), ("POST", "b"), ("DELETE", "a")))
    assert got == [429, 429, 200, 204]
    assert [(method, path[-1]) for method, path, *_ in came] == [("POST", "b"), ("DELETE", "a")]
