"""Secrets, read from Secrets Manager and never logged."""

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3

from videosite.store.clients import CONFIG

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@lru_cache(maxsize=8)
def get_secret(arn: str) -> str:
    """The string value of a secret, as it was when the worker first asked."""
    return read_secret(arn)


def read_secret(arn: str) -> str:
    """The string value of a secret now."""
    return _client().get_secret_value(SecretId=arn)["SecretString"]


@lru_cache(maxsize=1)
def _client() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=CONFIG)
