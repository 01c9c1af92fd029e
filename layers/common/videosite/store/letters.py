"""The queues as operators see them: how much waits, and the dead letters: what nobody could take."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.errors import NotFoundError
from videosite.settings import require
from videosite.store import queues

SOURCES = {
    "ingest": "ingest_queue_url",
    "urgent": "urgent_queue_url",
    "bulk": "bulk_queue_url",
    "publish": "publish_queue_url",
    "webhooks": "webhooks_queue_url",
    "accounts": "accounts_queue_url",
}
"""Queue → the setting that has its address."""
LETTERS = {
    "ingest": "ingest", "transcode": "bulk", "publish": "publish", "webhooks": "webhooks",
    "accounts": "accounts", "stream": None,
}  # fmt: skip
"""Dead letters → the queue they go back to. Those of streams are notes of what could not be told: they name
records, and go nowhere. Housekeeping finds what sockets were not told by itself; for webhooks nobody does."""
MOST_LOOKED_AT = 500
HIDDEN_S = 30
"""While somebody looks at letters, they are hidden from others for so long at most."""


@dataclass(frozen=True)
class Depth:
    """`waiting`, `in_flight` and `delayed` are SQS's own estimates."""

    name: str
    waiting: int
    in_flight: int
    delayed: int


@dataclass(frozen=True)
class Letter:
    """A dead letter. `body` is parsed where it is JSON, without secrets."""

    message_id: str
    body: Any
    sent_at_s: float
    receives: int
    text: str
    receipt: str


def depths() -> tuple[list[Depth], list[Depth]]:
    """(queues, dead letters), each with how much is in it."""
    return (
        [_depth(name, require(setting)) for name, setting in SOURCES.items()],
        [_depth(name, _letters_url(name)) for name in LETTERS],
    )


def _depth(name: str, url: str) -> Depth:
    found = queues.attributes(url)
    kinds = ("", "NotVisible", "Delayed")
    return Depth(name, *(int(found.get(f"ApproximateNumberOfMessages{kind}", 0)) for kind in kinds))


def look(name: str, limit: int) -> list[Letter]:
    """The oldest of some dead letters; they stay where they are.

    Raises:
        NotFoundError: `queue_not_found`.
    """
    url = _letters_url(name)
    found: list[Letter] = []
    for batch in _batches(url):
        found += batch
        if len(found) >= limit:
            break
    _show(url, found)
    return sorted(found, key=lambda letter: letter.sent_at_s)[:limit]


def redrive(name: str, message_id: str | None = None) -> int:
    """Send one dead letter, or all, back to where they came from; returns how many.

    Raises:
        NotFoundError: `queue_not_found`, `letter_not_found`.
    """
    source = LETTERS.get(name)
    if source is None:
        raise NotFoundError("queue_not_found", "These letters have no queue to go back to.")
    target = require(SOURCES[source])
    return _each(name, message_id, lambda letter: queues.send_text(target, letter.text))


def delete(name: str, message_id: str | None = None) -> int:
    """Delete one dead letter, or all; returns how many.

    Raises:
        NotFoundError: `queue_not_found`, `letter_not_found`.
    """
    return _each(name, message_id, lambda _: None)


def _each(name: str, message_id: str | None, act: Callable[[Letter], None]) -> int:
    """Act on letters and then delete them: one that comes twice does no harm, one that is lost does."""
    url = _letters_url(name)
    count = 0
    others: list[Letter] = []
    for batch in _batches(url):
        for letter in batch:
            if message_id in (None, letter.message_id):
                act(letter)
                queues.delete(url, letter.receipt)
                count += 1
            else:
                others.append(letter)
        if message_id and count:
            break
    _show(url, others)
    if message_id and not count:
        raise NotFoundError("letter_not_found", "There is no such dead letter.")
    return count


def _batches(url: str) -> Iterator[list[Letter]]:
    """The letters, each once: what was handed out is hidden from the next look."""
    looked_at = 0
    while looked_at < MOST_LOOKED_AT and (found := _receive(url, HIDDEN_S)):
        looked_at += len(found)
        yield found


def _show(url: str, found: Sequence[Letter]) -> None:
    """Let others see letters at once, instead of in `HIDDEN_S`."""
    for letter in found:
        queues.set_visibility(url, letter.receipt, 0)


def _receive(url: str, hidden_s: int) -> list[Letter]:
    return [_letter(message) for message in queues.receive(url, hidden_s)]


def _letter(message: Any) -> Letter:
    text = message["Body"]
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    if isinstance(body, dict):
        # Of somebody who registers: nobody has to see it.
        body.pop("password_hash", None)
    attributes = message["Attributes"]
    return Letter(
        message["MessageId"],
        body,
        int(attributes["SentTimestamp"]) / 1000,
        int(attributes["ApproximateReceiveCount"]),
        text,
        message["ReceiptHandle"],
    )


def _letters_url(name: str) -> str:
    if name not in LETTERS:
        raise NotFoundError("queue_not_found", f"There are dead letters of {', '.join(LETTERS)}.")
    found = dict(item.split("=", 1) for item in require("dead_letter_urls").split(","))
    return found[name]
