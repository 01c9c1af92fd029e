"""Moto's tables, buckets and queues, shared by all tests."""

import copy
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from pynamodb.connection import Connection

from videosite.accounts import permissions, standing, tokens
from videosite.settings import get_settings
from videosite.store import functions, objects, posting, queues, secrets, sockets
from videosite.store.tables import ALL_TABLES, base, forget_connections

settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

QUEUES = ("ingest", "urgent", "bulk", "publish", "webhooks", "accounts")
DEAD_LETTERS = ("ingest", "transcode", "publish", "webhooks", "accounts", "stream")
TOKEN_SECRET = "token-secret-of-the-tests-0123456789abcdef"
WEBHOOK_SECRET = "webhook-secret-of-the-tests-0123456789abcdef"
ORIGIN = "https://videos.example.org"


@lru_cache
def kept_client(service: Any) -> Any:
    """A client for moto; making one takes 50-90 ms, so tests share it. Moto forgets its data by itself."""
    return boto3.client(service, region_name="us-east-1")


@lru_cache
def kept_connection() -> Connection:
    """The tables' client for moto."""
    return base.TablesConnection(region="us-east-1")


def _make_tables() -> None:
    """All tables, empty. Making them takes 60 ms; copying those that were made once takes 5."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables
    if not _EMPTY_TABLES:
        for table in ALL_TABLES:
            table.create_table(billing_mode="PAY_PER_REQUEST")
        _EMPTY_TABLES.update(copy.deepcopy(dict(tables)))
    else:
        tables.update(copy.deepcopy(_EMPTY_TABLES))


_EMPTY_TABLES: dict[str, Any] = {}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto in process: tables, buckets, queues and secrets of an empty installation."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "VIDEOSITE_TABLE_PREFIX": "test-",
        "VIDEOSITE_UPLOADS_BUCKET": "uploads",
        "VIDEOSITE_MEDIA_BUCKET": "media",
        "VIDEOSITE_SOCKETS_ENDPOINT": "https://abc.execute-api.us-east-1.amazonaws.com/live",
        "BACKEND_CORS_ORIGINS": ORIGIN,
        "VIDEOSITE_WINDOW": "2",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        sqs = kept_client("sqs")
        for name in QUEUES:
            url = sqs.create_queue(QueueName=name)["QueueUrl"]
            monkeypatch.setenv(f"VIDEOSITE_{name.upper()}_QUEUE_URL", url)
        letters = {
            name: sqs.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"] for name in DEAD_LETTERS
        }
        monkeypatch.setenv("VIDEOSITE_DEAD_LETTER_URLS", ",".join("=".join(pair) for pair in letters.items()))
        s3 = kept_client("s3")
        for bucket in ("uploads", "media"):
            s3.create_bucket(Bucket=bucket)
        keys = kept_client("secretsmanager")
        for kind, text in (("token", TOKEN_SECRET), ("webhook", WEBHOOK_SECRET)):
            arn = keys.create_secret(Name=f"{kind}-secret", SecretString=text)["ARN"]
            monkeypatch.setenv(f"VIDEOSITE_{kind.upper()}_SECRET_ARN", arn)
        forget_process()
        monkeypatch.setattr(base, "shared_connection", lru_cache(kept_connection))
        monkeypatch.setattr(queues, "_client", lru_cache(lambda: sqs))
        monkeypatch.setattr(secrets, "_client", lru_cache(lambda: keys))
        _make_tables()
        yield
    forget_process()


def forget_process() -> None:
    """Forget what a process keeps: settings, secrets, clients."""
    get_settings.cache_clear()
    secrets.get_secret.cache_clear()
    secrets._client.cache_clear()
    tokens.forget_keys()
    permissions.forget()
    standing.forget()
    objects._client.cache_clear()
    objects._public_client.cache_clear()
    objects._reader.cache_clear()
    queues._client.cache_clear()
    sockets.client.cache_clear()
    functions._client.cache_clear()
    posting.close()
    forget_connections()


@pytest.fixture
def messages(aws: None) -> Callable[[str], list[str]]:
    """Takes and returns the bodies waiting in a queue, by its short name."""

    def take(name: str) -> list[str]:
        sqs = kept_client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        bodies = []
        while answer := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in answer]
            for message in answer:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    return take
