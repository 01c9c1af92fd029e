"""The messages table grew → its new messages are posted to their channels' sockets, in order."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.log import logger
from videosite.realtime.broadcast import broadcast
from videosite.realtime.fanout import BUDGET_S
from videosite.realtime.streams import Record

Send = Callable[[str, Sequence[bytes], float, float], object]
"""Channel, frames, the time, and when to stop in `time.monotonic` seconds."""


@dataclass(frozen=True)
class StoredMessage:
    """A message as the stream shows it; `frame` is sent as it is."""

    channel: str
    seq: int
    frame: bytes
    sequence_number: str

    def decoded(self) -> dict[str, Any]:
        """The frame's fields."""
        fields: dict[str, Any] = json.loads(self.frame)
        return fields


def deliver(records: Iterable[Record], now_s: float, send: Send = broadcast) -> list[str]:
    """Post every message among the records.

    Returns the sequence numbers to hand out again: the first one of each channel whose sockets could not
    be looked up. A socket that cannot be reached is no reason.
    """
    failed = []
    until_s = time.monotonic() + BUDGET_S
    for channel, found in by_channel(records).items():
        try:
            outcomes = send(channel, [message.frame for message in found], now_s, until_s)
        except Exception:
            logger.exception("not delivered", extra={"channel": channel})
            failed.append(found[0].sequence_number)
        else:
            logger.info("delivered", extra={"channel": channel, "count": len(found), "outcomes": outcomes})
    return failed


def by_channel(records: Iterable[Record]) -> dict[str, list[StoredMessage]]:
    """New messages by channel, in their order: those of one transaction may come out of it."""
    found: dict[str, dict[int, StoredMessage]] = defaultdict(dict)
    for record in records:
        message = parse(record)
        if message:
            found[message.channel].setdefault(message.seq, message)
    return {channel: [found[channel][seq] for seq in sorted(found[channel])] for channel in found}


def parse(record: Record) -> StoredMessage | None:
    """A new message, or None: counters, dedupe items, removals and what is no record of this table."""
    try:
        image = record["dynamodb"]["NewImage"]
        if record["eventName"] != "INSERT" or image["kind"]["S"] != "message":
            return None
        return StoredMessage(
            channel=image["channel"]["S"],
            seq=int(image["seq"]["N"]),
            frame=image["body"]["S"].encode(),
            sequence_number=record["dynamodb"]["SequenceNumber"],
        )
    except (KeyError, TypeError, ValueError):
        return None
