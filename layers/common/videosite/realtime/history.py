"""Stored messages: numbered per channel, kept for a week, each event once.

The messages table's stream takes them on to fan-out, so what is stored is sent, in order.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.transactions import TransactWrite

from videosite.errors import RetryableError
from videosite.realtime.messages import Stored, addressed
from videosite.store.attempts import attempts
from videosite.store.tables import Message
from videosite.store.transactions import commit

KEPT_S = 7 * 24 * 3600
COUNTER_SEQ = 0
ATTEMPTS = 10
"""The `admin` channel counts for all videos, so its counter may have moved several times meanwhile."""


def append(frame: Stored, channels: Sequence[str], now_s: float) -> bool:
    """Store an event's message on its channels, all or none; False if it is stored already.

    One transaction puts a dedupe item under the event's id, advances each channel's counter and puts
    each (channel, seq).

    Raises:
        RetryableError: `table_busy`, others kept writing to the same channels.
    """
    event_id = frame["id"]
    for _ in attempts(ATTEMPTS):
        rows = _read(event_id, channels)
        if (event_key(event_id), COUNTER_SEQ) in rows:
            return False
        last = {channel: _last_seq(rows.get((channel, COUNTER_SEQ))) for channel in channels}
        failed = _write(frame, last, now_s)
        if not failed:
            return True
        if 0 in failed:
            return False
    raise RetryableError("table_busy", "The tables are busy.")


@dataclass(frozen=True)
class Span:
    """The numbers [oldest, last] of a channel's messages that are kept; without any, oldest is last + 1."""

    oldest: int
    last: int


def span(channel: str, now_s: float) -> Span:
    """What is kept of a channel."""
    last = last_seq(channel)
    kept = Message.query(
        channel,
        Message.seq.between(1, max(last, 1)),
        # Time-to-live deletes late.
        filter_condition=Message.expires_at_s > now_s,
        consistent_read=True,
        limit=1,
        page_size=100,
        attributes_to_get=["seq"],
    )
    return Span(next((row.seq for row in kept), last + 1), last)


def last_seq(channel: str) -> int:
    """The number of a channel's newest message; 0 before the first."""
    return last_seqs([channel])[channel]


def last_seqs(channels: Collection[str]) -> dict[str, int]:
    """Channel → the number of its newest message, 0 before the first; one read for up to 100."""
    counters = Message.batch_get([(channel, COUNTER_SEQ) for channel in channels], consistent_read=True)
    return dict.fromkeys(channels, 0) | {row.channel: _last_seq(row) for row in counters}


def read(channel: str, after: int, last: int, now_s: float) -> list[dict[str, Any]]:
    """The frames numbered (after, last], in order, as far as they are kept."""
    if after >= last:
        return []
    rows = Message.query(channel, Message.seq.between(after + 1, last), consistent_read=True)
    return [_frame(row) for row in rows if (row.expires_at_s or 0) > now_s]


def newest(channel: str, before: int | None, limit: int, now_s: float) -> list[dict[str, Any]]:
    """Up to `limit` frames, the newest first; those numbered below `before`, if that is given."""
    rows = Message.query(
        channel,
        Message.seq.between(1, before - 1) if before else Message.seq > COUNTER_SEQ,
        filter_condition=Message.expires_at_s > now_s,
        scan_index_forward=False,
        consistent_read=True,
        limit=limit,
    )
    return [_frame(row) for row in rows]


def positions(event_ids: Iterable[str]) -> list[Mapping[str, int]]:
    """Channel → number, for those of the events that are stored."""
    keys = [(event_key(event_id), COUNTER_SEQ) for event_id in set(event_ids)]
    return [row.positions.as_dict() for row in Message.batch_get(keys, consistent_read=True)]


def _frame(row: Message) -> dict[str, Any]:
    frame: dict[str, Any] = row.body
    return frame


def stored(event_ids: Iterable[str]) -> set[str]:
    """Those of the events that are stored."""
    keys = [(event_key(event_id), COUNTER_SEQ) for event_id in event_ids]
    if not keys:
        return set()
    return {str(row.event_id) for row in Message.batch_get(keys, consistent_read=True)}


def event_key(event_id: str) -> str:
    """The key of an event's dedupe item."""
    return f"event#{event_id}"


def _read(event_id: str, channels: Sequence[str]) -> dict[tuple[str, int], Message]:
    keys = [(name, COUNTER_SEQ) for name in (event_key(event_id), *channels)]
    return {(row.channel, row.seq): row for row in Message.batch_get(keys, consistent_read=True)}


def _last_seq(counter: Message | None) -> int:
    return (counter.last_seq or 0) if counter else 0


def _write(frame: Stored, last: Mapping[str, int], now_s: float) -> frozenset[int]:
    """One attempt; see `commit` for what is returned. Position 0 is the dedupe item."""
    expires_at_s = now_s + KEPT_S

    def fill(write: TransactWrite) -> None:
        absent = Message.channel.does_not_exist()
        key = event_key(frame["id"])
        event = Message(
            key,
            COUNTER_SEQ,
            kind="event",
            event_id=frame["id"],
            positions={channel: seq + 1 for channel, seq in last.items()},
            expires_at_s=expires_at_s,
        )
        write.save(event, condition=absent)
        for channel, seq in last.items():
            body: dict[str, Any] = addressed(frame, channel, seq + 1)
            message = Message(
                channel,
                seq + 1,
                kind="message",
                event_id=frame["id"],
                body=body,
                expires_at_s=expires_at_s,
            )
            write.save(message, condition=absent)
            write.update(
                Message(channel, COUNTER_SEQ),
                actions=[Message.last_seq.set(seq + 1), Message.kind.set("counter")],
                condition=Message.last_seq == seq if seq else absent,
            )

    return commit(fill)
