"""A message was stored → deliveries to the webhooks of those it is for.

The messages table's stream comes here, and to fan-out on its own: neither waits for the other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from videosite.log import logger
from videosite.realtime import history
from videosite.realtime.delivery import StoredMessage, parse
from videosite.realtime.streams import Record
from videosite.settings import require
from videosite.store import queues
from videosite.store.tables import Webhook
from videosite.webhooks import deliveries, registry
from videosite.webhooks.events import EVERYBODY, audience, event_of

PAGE = 50
"""Webhooks looked at per queue message when all of them are meant."""


def route(records: Iterable[Record], now_s: float) -> list[str]:
    """Start the deliveries of every message among the records.

    Returns the sequence numbers to hand out again.
    """
    failed = []
    for message in filter(None, map(parse, records)):
        try:
            _route(message, now_s)
        except Exception:
            logger.exception("not routed", extra={"channel": message.channel, "seq": message.seq})
            failed.append(message.sequence_number)
    return failed


def _route(message: StoredMessage, now_s: float) -> None:
    frame = message.decoded()
    for owner_id in audience(message.channel, frame):
        if owner_id == EVERYBODY:
            # Too many, perhaps, for a stream's function.
            _send_spread(message.channel, message.seq, None)
        else:
            _start(registry.list_all(owner_id), frame, now_s)


def spread(channel: str, seq: int, after: dict[str, Any] | None, now_s: float) -> None:
    """Start the deliveries of a stored message to a page of all webhooks, those after a key; the next page
    is another queue message."""
    frames = history.read(channel, seq - 1, seq, now_s)
    rows = Webhook.scan(page_size=PAGE, limit=PAGE, last_evaluated_key=after, consistent_read=True)
    for frame in frames:
        _start(rows, frame, now_s)
        if rows.last_evaluated_key:
            _send_spread(channel, seq, rows.last_evaluated_key)


def _start(webhooks: Iterable[Webhook], frame: Mapping[str, Any], now_s: float) -> None:
    event = event_of(frame)
    for webhook in webhooks:
        if registry.wants(webhook, event.type):
            deliveries.start(webhook, event, now_s)


def _send_spread(channel: str, seq: int, after: Mapping[str, Any] | None) -> None:
    body = {"spread": {"channel": channel, "seq": seq, "after": after}}
    queues.send(require("webhooks_queue_url"), body)
