"""SQS: the queues between the stages."""

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3

from videosite.settings import require
from videosite.store.clients import CONFIG

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@lru_cache(maxsize=1)
def _client() -> "SQSClient":
    return boto3.client("sqs", config=CONFIG)


MAX_DELAY_S = 900
"""SQS hides a new message for so long at most."""


def send(queue_url: str, body: dict[str, Any], delay_s: float = 0, group: str | None = None) -> None:
    """Put one JSON message in a queue, hidden for `delay_s`, rounded up to whole seconds and at most
    `MAX_DELAY_S`. `group`: whose it is; of a queue that is behind, each has its share (SQS fair queues)."""
    delay = min(math.ceil(max(delay_s, 0)), MAX_DELAY_S)
    send_text(queue_url, json.dumps(body, separators=(",", ":")), delay, group)


def send_text(queue_url: str, text: str, delay_s: int = 0, group: str | None = None) -> None:
    """Put a message in a queue as it is."""
    whose: Any = {"MessageGroupId": group} if group else {}
    _client().send_message(QueueUrl=queue_url, MessageBody=text, DelaySeconds=delay_s, **whose)


def send_ingest(bucket: str, key: str, size_bytes: int, etag: str) -> None:
    """Say that an object was created, in the shape S3's own notification has.

    For stores without S3 notifications, the client's "complete" call and housekeeping's sweep. The
    key is URL-encoded as S3 does it.
    """
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": bucket},
            "object": {"key": quote(key, safe="/"), "size": size_bytes, "eTag": etag.strip('"')},
        },
    }
    send(require("ingest_queue_url"), {"Records": [record]})


def set_visibility(queue_url: str, receipt_handle: str, timeout_s: int) -> None:
    """Hide a message from other consumers for `timeout_s` from now (0: hand it out again at once)."""
    _client().change_message_visibility(
        QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=timeout_s
    )


def attributes(queue_url: str) -> dict[str, str]:
    """How many messages are in a queue, by SQS's names for the kinds."""
    names: Any = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
    found: Any = _client().get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    return dict(found.get("Attributes", {}))


def receive(queue_url: str, hidden_s: int) -> list[dict[str, Any]]:
    """Up to ten messages that are there now, hidden from others for `hidden_s`."""
    answer: Any = _client().receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=hidden_s,
        WaitTimeSeconds=0,
        MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
    )
    return list(answer.get("Messages", []))


def delete(queue_url: str, receipt_handle: str) -> None:
    """Take a message out of a queue for good."""
    _client().delete_message(QueueUrl=queue_url, ReceiptHandle=receipt_handle)
