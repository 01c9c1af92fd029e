"""The messages table grew → its new messages are posted to their channels' sockets, in order."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.log import logger
from videosite.realtime.broadcast import broadcast, listeners_here
from videosite.realtime.fanout import BUDGET_S, Parcel, send_stored
from videosite.realtime.streams import Record
from videosite.store.sockets import Outcome

Broadcast = Callable[[str, Sequence[bytes]], Mapping[Outcome, int]]


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


def deliver(records: Iterable[Record], now_s: float, send_wide: Broadcast = broadcast) -> list[str]:
    """Post every message among the records, those of all channels at once.

    Returns the sequence numbers to hand out again: the first one of each channel whose sockets could not be
    looked up, or did not all have their turn. A socket that cannot be reached is no reason.
    """
    until_s = time.monotonic() + BUDGET_S
    found = by_channel(records)
    failed: set[str] = set()
    parcels, wide = _address(found, now_s, failed)
    outcomes: dict[str, Counter[Outcome]] = {channel: Counter() for channel in found if channel not in wide}
    for parcel, outcome in zip(parcels, send_stored(parcels, now_s, until_s), strict=True):
        outcomes[parcel.channel][outcome] += 1
    for channel, frames in wide.items():
        try:
            outcomes[channel] = Counter(send_wide(channel, frames))
        except Exception:
            logger.exception("not delivered", extra={"channel": channel})
            failed.add(channel)
    for channel, counts in outcomes.items():
        logger.info("delivered", extra={"channel": channel, "count": len(found[channel]), "outcomes": counts})
        if counts[Outcome.LEFT]:
            failed.add(channel)
    return [found[channel][0].sequence_number for channel in found if channel in failed]


def _address(
    found: Mapping[str, Sequence[StoredMessage]], now_s: float, failed: set[str]
) -> tuple[list[Parcel], dict[str, tuple[bytes, ...]]]:
    """What is posted here, and the frames of the channels with too many sockets for that; `failed` gets the
    channels that could not be looked up."""
    parcels: list[Parcel] = []
    wide: dict[str, tuple[bytes, ...]] = {}
    for channel, stored in found.items():
        frames = tuple(message.frame for message in stored)
        try:
            listeners = listeners_here(channel, now_s)
        except Exception:
            logger.exception("not looked up", extra={"channel": channel})
            failed.add(channel)
            continue
        if listeners is None:
            wide[channel] = frames
        else:
            parcels += [Parcel(connection_id, channel, frames) for connection_id in listeners]
    return parcels, wide


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
