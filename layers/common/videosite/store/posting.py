"""API Gateway's @connections for many sockets at once: aiohttp, signed by botocore.

Signing and sending a post through boto3 costs several times as much CPU, and CPU is what bounds a fan-out
(docs/performance.md). boto3 stays for single posts (`store/sockets.py`): aiohttp is slower to import.
The loop and the open connections are kept for the worker's next invocation. Who posts keeps to `IN_FLIGHT`
at once: what waits for its turn in here would have its time run out there.
"""

import asyncio
import atexit
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import aiohttp
import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from yarl import URL

from videosite.settings import require
from videosite.store.sockets import MAX_FRAME_BYTES, Outcome, outcome_of_status

IN_FLIGHT = 64
"""Posts under way at once, each on a connection that is kept: enough for one vCPU at 50 ms a post."""
_TIMEOUT = aiohttp.ClientTimeout(total=3, connect=2)


class _Poster:
    """What posting needs, made once per worker; of one thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._address = require("sockets_endpoint")
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        self._credentials = credentials
        self._region = session.region_name
        self._http: aiohttp.ClientSession | None = None

    async def ask(self, method: str, connection_id: str, data: bytes = b"") -> Outcome:
        url = f"{self._address}/@connections/{quote(connection_id, safe='')}"
        for _ in range(2):
            try:
                return await self._send(method, url, data)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # Likely a kept connection that was closed meanwhile. Should the post have arrived, it
                # comes twice, which clients expect.
                continue
            except (aiohttp.ClientError, TimeoutError):
                break
        return Outcome.LATER

    async def _send(self, method: str, url: str, data: bytes) -> Outcome:
        if self._http is None:
            connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
            self._http = aiohttp.ClientSession(
                connector=connector,
                timeout=_TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                auto_decompress=False,
                trust_env=False,
            )
        # Already encoded: what is sent must be what was signed.
        address = URL(url, encoded=True)
        headers = self._sign(method, url, data)
        async with self._http.request(method, address, data=data, headers=headers) as response:
            await response.read()
            return outcome_of_status(response.status) if response.status >= 300 else Outcome.SENT

    def _sign(self, method: str, url: str, data: bytes) -> dict[str, str]:
        request = AWSRequest(method, url, {"Content-Type": "application/octet-stream"}, data)
        SigV4Auth(self._credentials.get_frozen_credentials(), "execute-api", self._region).add_auth(request)
        return dict(request.headers.items())

    def close(self) -> None:
        if self._http is not None:
            self.loop.run_until_complete(self._http.close())
        self.loop.close()


@lru_cache(maxsize=1)
def _poster() -> _Poster:
    return _Poster()


async def post(connection_id: str, data: bytes) -> Outcome:
    """Send one frame to one socket; to be run by `run`. Never raises for what the socket or the network does.

    One attempt: whether another one is worth it, the caller knows.
    """
    if len(data) > MAX_FRAME_BYTES:
        return Outcome.REFUSED
    return await _poster().ask("POST", connection_id, data)


async def hang_up(connection_id: str) -> Outcome:
    """Close a socket; as `post`."""
    return await _poster().ask("DELETE", connection_id)


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Run what posts, on the worker's loop."""
    return _poster().loop.run_until_complete(work)


@atexit.register
def close() -> None:
    """Close what is kept."""
    if _poster.cache_info().currsize:
        _poster().close()
        _poster.cache_clear()
