"""A gateway before the gateway: takes functions' posts to sockets, and has some sockets not take them.

API Gateway answers 429 while a client reads too slowly; MiniStack never does.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import aiohttp
from aiohttp import web
from yarl import URL

from infra.local import ports
from tests.stack.conftest import RunningStack

SLOW_SHARE = 0.01
"""Of the posts that reach a socket find it slow from then on."""
SLOW_S = 5.0
"""For so long, which is longer than fan-out tries."""
_POSTING = ("FanoutFunction", "FanoutShardFunction", "ProgressFunction")
_SETTING = "VIDEOSITE_SOCKETS_ENDPOINT"


class SlowGateway:
    """Passes requests on to the sockets' API of a stack, 429 while a socket is slow."""

    def __init__(self, api: str, http: aiohttp.ClientSession) -> None:
        self._api = URL(api)
        self._http = http
        self._until_s: dict[str, float] = {}
        self.refused = 0
        """Posts that were answered with 429."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One post, probe or close."""
        connection_id = request.raw_path.rpartition("/")[2]
        now_s = asyncio.get_running_loop().time()
        if request.method == "POST":
            if random.random() < SLOW_SHARE:
                self._until_s[connection_id] = now_s + SLOW_S
            if self._until_s.get(connection_id, 0) > now_s:
                self.refused += 1
                return web.Response(status=429)
        # What is signed stays as it is, the name of this host too.
        address = URL(f"{self._api.origin()}{request.raw_path}", encoded=True)
        headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
        async with self._http.request(
            request.method, address, data=await request.read(), headers=headers
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read())


@asynccontextmanager
async def slow_gateway(stack: RunningStack) -> AsyncIterator[SlowGateway]:
    """Within, a stack's functions that tell sockets something go through one."""
    api = URL(stack.environment("FanoutFunction")[_SETTING])
    port = ports.take(("gateway",), {})["gateway"]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        gateway = SlowGateway(str(api), http)
        runner = web.ServerRunner(web.Server(gateway.handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, ports.LOOPBACK, port).start()
        try:
            with _told(stack, _POSTING, str(api.with_port(port))):
                yield gateway
        finally:
            await runner.cleanup()


@contextmanager
def _told(stack: RunningStack, functions: Sequence[str], address: str) -> Iterator[None]:
    """Within, functions find the sockets' API at another address."""
    api = stack.aws("lambda")
    before = {}
    for name in map(stack.function_name, functions):
        before[name] = api.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        changed = {**before[name], _SETTING: address}
        api.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    try:
        yield
    finally:
        for name, variables in before.items():
            api.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
