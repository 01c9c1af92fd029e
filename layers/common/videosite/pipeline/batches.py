"""Queue batches: one record's failure never takes the others with it."""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from videosite.errors import RetryableError
from videosite.log import logger
from videosite.store import queues


class QueueRecord(Protocol):
    """What a Chalice SQS record offers."""

    body: str
    receipt_handle: str
    context: Any
    """Lambda's."""

    def to_dict(self) -> dict[str, Any]:
        """The record as Lambda delivered it."""


def remaining_s(record: QueueRecord) -> float:
    """How long the function may still run."""
    return float(record.context.get_remaining_time_in_millis()) / 1000


def hold(record: QueueRecord, queue_url: str) -> None:
    """Hand a message out again when its function must have ended, unless it is deleted before.

    Queues hide messages for longer: Lambda keeps one that it has no room for until that time is over, and
    the message would be handed out to another while this one works on it.
    """
    queues.set_visibility(queue_url, record.receipt_handle, math.ceil(remaining_s(record)))


def each_record(
    records: Iterable[QueueRecord], handle: Callable[[Any, QueueRecord], None]
) -> dict[str, list[dict[str, str]]]:
    """Call `handle(body, record)` with each record's parsed JSON; returns Lambda's partial batch answer.

    A record whose handler raises is reported as failed and comes again; one that is not JSON never
    will be, so it is logged and dropped.
    """
    failures = []
    for record in records:
        message_id = record.to_dict()["messageId"]
        try:
            body = json.loads(record.body)
        except ValueError:
            logger.error("not JSON", extra={"message_id": message_id})
            continue
        try:
            handle(body, record)
        except RetryableError as error:
            logger.warning("comes again", extra={"message_id": message_id, "code": error.code})
            failures.append({"itemIdentifier": message_id})
        except Exception:
            logger.exception("failed", extra={"message_id": message_id})
            failures.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failures}
