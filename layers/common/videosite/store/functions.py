"""Lambda: calling another function."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from videosite.errors import RetryableError
from videosite.store.clients import CONFIG

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_PATIENT = Config(read_timeout=40)
"""Longer than any function that is called takes: given up on, it would be called again."""


@lru_cache(maxsize=1)
def _client() -> "LambdaClient":
    return boto3.client("lambda", config=CONFIG.merge(_PATIENT))


def invoke(name: str, event: Mapping[str, Any]) -> Any:
    """Call a function with an event; returns what it returned.

    Raises:
        RetryableError: `invocation_failed`, it raised.
    """
    answer = _client().invoke(FunctionName=name, Payload=json.dumps(event, separators=(",", ":")).encode())
    payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise RetryableError("invocation_failed", "A function that was called did not answer.")
    return json.loads(payload)
