"""Secrets, read from Secrets Manager once per process and never logged."""

from functools import lru_cache

import boto3

from videosite.store.clients import CONFIG


@lru_cache(maxsize=8)
def get_secret(arn: str) -> str:
    """The current string value of a secret.

    Kept for the life of the worker: a rotated secret needs both versions accepted, which the token
    code does by key id.
    """
    client = boto3.client("secretsmanager", config=CONFIG)
    return client.get_secret_value(SecretId=arn)["SecretString"]
