"""Posting to addresses that users name, which may be meant for what only we can reach.

The address a connection is made to is the very one that was checked: it is looked at where the socket is
made, after the name was resolved, and nothing is resolved again. No redirect is followed, no proxy of the
environment used, and size and time of the answer are bounded.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from videosite.store.addresses import is_allowed

TIMEOUT_S = 10.0
"""For everything: name, connection, handshake, sending, answer."""
READ_BYTES = 1024
"""Of an answer's body; the rest is not waited for."""


@dataclass(frozen=True)
class Answer:
    """What came of a post. Exactly one of `status` and `error` is set."""

    status: int | None
    """HTTP status."""
    error: str | None
    """bad_url | blocked_address | timeout | tls_failed | connection_failed | bad_answer"""
    body: str
    """The beginning of the answer's body."""
    took_ms: int
    retry_after_s: float = 0


class _BlockedAddressError(OSError):
    """The name leads to an address we do not connect to."""


def post(url: str, body: bytes, headers: Mapping[str, str], loopback: bool) -> Answer:
    """POST once. Never raises for what the receiver or the network does.

    `loopback`: whether this machine's own addresses may be posted to, also by plain http.
    """
    started_s = time.monotonic()
    blocked = False

    def make_socket(address: Any) -> socket.socket:
        nonlocal blocked
        family, kind, protocol, _, place = address
        if not is_allowed(place[0], url, loopback):
            blocked = True
            raise _BlockedAddressError("blocked address")
        return socket.socket(family, kind, protocol)

    status: int | None = None
    error: str | None = None
    found = _Received()
    try:
        status = asyncio.run(_post(url, body, headers, make_socket, found))
    except TimeoutError:
        error = "timeout"
    except aiohttp.InvalidURL:
        error = "bad_url"
    except aiohttp.ClientSSLError:
        error = "tls_failed"
    except (aiohttp.ClientConnectionError, OSError):
        error = "blocked_address" if blocked else "connection_failed"
    except (aiohttp.ClientError, ValueError):
        error = "bad_answer"
    took_ms = round((time.monotonic() - started_s) * 1000)
    return Answer(status, error, found.body.decode(errors="replace"), took_ms, found.retry_after_s)


@dataclass
class _Received:
    body: bytes = b""
    retry_after_s: float = 0


async def _post(url: str, body: bytes, headers: Mapping[str, str], make_socket: Any, found: _Received) -> int:
    connector = aiohttp.TCPConnector(
        socket_factory=make_socket, ssl=ssl.create_default_context(), force_close=True, use_dns_cache=False
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            # What a compressed answer unpacks to has no bound.
            auto_decompress=False,
            trust_env=False,
        ) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as response,
    ):
        with contextlib.suppress(ValueError):  # also HTTP dates, which are rare
            found.retry_after_s = float(response.headers.get("Retry-After", ""))
        # The status has decided already; the body is only for people.
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
            while len(found.body) < READ_BYTES:
                part = await response.content.read(READ_BYTES - len(found.body))
                if not part:
                    break
                found.body += part
        return response.status
