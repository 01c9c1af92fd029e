"""A user's notifications: the stored messages addressed to them, and which of them they have read."""

import heapq
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from videosite.errors import RetryableError
from videosite.realtime import history
from videosite.realtime.channels import notice_channels
from videosite.realtime.history import Span
from videosite.realtime.marks import Marks
from videosite.realtime.requests import is_whole
from videosite.store import cursors
from videosite.store.attempts import attempts
from videosite.store.tables import ReadMarks
from videosite.store.transactions import applied

CLASHES = 10


@dataclass(frozen=True)
class Page:
    """Notifications, the newest first, each a stored frame with `read`."""

    notifications: list[dict[str, Any]]
    unread: int
    """Of all, not only of this page."""
    next_cursor: str | None


def list_page(user_id: str, role: str, limit: int, cursor: str | None, now_s: float) -> Page:
    """A page of what a user was told in the last seven days.

    Raises:
        BadInputError: `bad_cursor`.
    """
    before = _read_cursor(cursor)
    names = notice_channels(user_id, role)
    marks = _load(user_id).marks
    by_channel = [
        history.newest(name, before.get(name), limit + 1, now_s) for name in names if before.get(name) != 1
    ]
    # Within a channel the numbers decide: times may differ a little from them.
    found = list(heapq.merge(*by_channel, key=lambda frame: str(frame["timestamp"]), reverse=True))
    page = found[:limit]
    for frame in page:
        before[frame["channel"]] = frame["seq"]
        frame["read"] = _marks_of(marks, frame["channel"]).has(frame["seq"])
    next_cursor = json.dumps(before, separators=(",", ":")) if len(found) > limit else None
    return Page(page, unread(user_id, role, now_s), next_cursor)


def unread(user_id: str, role: str, now_s: float) -> int:
    """How many notifications a user has not read."""
    return _count(_load(user_id).marks, _spans(user_id, role, now_s))


def mark_read(user_id: str, role: str, ids: Iterable[str], now_s: float) -> int:
    """Mark notifications as read by their `id`s; returns how many are left unread.

    Ids of what is expired or somebody else's change nothing.

    Raises:
        RetryableError: `table_busy`.
    """
    seqs: dict[str, set[int]] = {}
    for places in history.positions(ids):
        for channel, seq in places.items():
            seqs.setdefault(channel, set()).add(seq)
    return _change(
        user_id, role, now_s, lambda name, marks, span: marks.read(seqs.get(name, ()), span.oldest)
    )


def mark_all_read(user_id: str, role: str, now_s: float) -> int:
    """Mark everything there is now as read; returns how many are left unread.

    Raises:
        RetryableError: `table_busy`.
    """
    return _change(user_id, role, now_s, lambda _name, _marks, span: Marks(span.last))


def _change(user_id: str, role: str, now_s: float, change: Callable[[str, Marks, Span], Marks]) -> int:
    spans = _spans(user_id, role, now_s)
    for _ in attempts(CLASHES):
        row = _load(user_id)
        changed = {name: change(name, _marks_of(row.marks, name), span) for name, span in spans.items()}
        marks = row.marks | {name: value.to_dict() for name, value in changed.items()}
        if marks == row.marks or _save(user_id, marks, row.version):
            return _count(marks, spans)
    raise RetryableError("table_busy", "The tables are busy.")


def _save(user_id: str, marks: Mapping[str, Any], version: int) -> bool:
    row = ReadMarks(_key(user_id), history.COUNTER_SEQ, marks=marks, version=version + 1)
    unchanged = ReadMarks.version == version if version else ReadMarks.channel.does_not_exist()
    return applied(lambda: row.save(condition=unchanged))


def _count(marks: Mapping[str, Any], spans: Mapping[str, Span]) -> int:
    return sum(_marks_of(marks, name).unread(span.oldest, span.last) for name, span in spans.items())


def _spans(user_id: str, role: str, now_s: float) -> dict[str, Span]:
    return {name: history.span(name, now_s) for name in notice_channels(user_id, role)}


def _marks_of(marks: Mapping[str, Any], channel: str) -> Marks:
    return Marks.from_dict(marks[channel]) if channel in marks else Marks()


def _load(user_id: str) -> ReadMarks:
    try:
        return ReadMarks.get(_key(user_id), history.COUNTER_SEQ, consistent_read=True)
    except ReadMarks.DoesNotExist:
        return ReadMarks(_key(user_id), history.COUNTER_SEQ)


def _key(user_id: str) -> str:
    return f"read#{user_id}"


def _read_cursor(cursor: str | None) -> dict[str, int]:
    """Channel → the lowest number shown of it. Others' channels in it are of no use: they are not asked."""
    try:
        before = json.loads(cursor) if cursor else {}
    except (ValueError, RecursionError):
        before = None
    if not isinstance(before, dict) or not all(is_whole(seq, 1) for seq in before.values()):
        raise cursors.bad_cursor()
    return before
