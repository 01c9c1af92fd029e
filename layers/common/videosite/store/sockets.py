"""API Gateway's @connections: posting to sockets, asking for them, closing them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from videosite.settings import require
from videosite.store.clients import CONFIG

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

MAX_FRAME_BYTES = 32 * 1024
"""API Gateway's frame limit; beyond it the client's socket is closed with 1009."""

_TIMEOUTS = Config(connect_timeout=2, read_timeout=4)
_ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1})


class Outcome(StrEnum):
    """What became of a post."""

    SENT = "sent"
    GONE = "gone"
    """The connection is closed, or not open yet: inside $connect it is not."""
    LATER = "later"
    """Throttled, the client reads too slowly, or a passing fault: the same post may work later."""
    REFUSED = "refused"
    """Never works: too large, not ours to post to, or not a connection id."""
    LEFT = "left"
    """Was not attempted: there was no time."""


_making = Lock()


@lru_cache(maxsize=2)
def client(patient: bool) -> ApiGatewayManagementApiClient:
    """The client for posting. Using it is thread-safe, making it is not."""
    config = CONFIG.merge(_TIMEOUTS)
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=require("sockets_endpoint"),
        config=config if patient else config.merge(_ONE_ATTEMPT),
    )


def post(connection_id: str, data: bytes, patient: bool = True) -> Outcome:
    """Send one frame to one socket. Never raises for what the socket or the network does.

    `patient`: throttles and passing faults are tried again, up to 1.3 s (measured); without it there
    is one attempt, for frames that are out of date before a second attempt.
    """
    if len(data) > MAX_FRAME_BYTES:
        return Outcome.REFUSED
    return _ask(lambda api: api.post_to_connection(ConnectionId=connection_id, Data=data), patient)


def probe(connection_id: str) -> Outcome:
    """Whether a socket is there, without it noticing: SENT or GONE, or that it could not be told."""
    return _ask(lambda api: api.get_connection(ConnectionId=connection_id))


def close(connection_id: str) -> Outcome:
    """Close a socket; GONE if there was none."""
    return _ask(lambda api: api.delete_connection(ConnectionId=connection_id))


def _ask(call: Callable[[ApiGatewayManagementApiClient], object], patient: bool = False) -> Outcome:
    try:
        with _making:
            found = client(patient)
        call(found)
    except ClientError as error:
        return outcome_of_status(error.response["ResponseMetadata"]["HTTPStatusCode"])
    except BotoCoreError:
        return Outcome.LATER
    return Outcome.SENT


def outcome_of_status(status: int) -> Outcome:
    """By HTTP status: some endpoints send no error type, so botocore's exception classes do not tell."""
    if status == 410:
        return Outcome.GONE
    if status == 429 or status >= 500:
        return Outcome.LATER
    return Outcome.REFUSED
