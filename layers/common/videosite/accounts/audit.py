"""The audit log: who did what to which object, from where. Entries are added and read, never changed.

    audit.record(by, "user.suspend", f"user#{user_id}", now_s, before={…}, after={…}, write=write)

With `write` the entry is part of that transaction, so that there is no change without its entry. Values
before and after must not hold secrets.
"""

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pynamodb.transactions import TransactWrite

from videosite.store import cursors
from videosite.store.tables import AuditEntry

KEPT_S = 400 * 24 * 3600
MOST_READ = 1000
"""Entries looked at for a page, of which few may fit."""
READ_AT_ONCE = 100
_ID = re.compile(r"[0-9a-f]{23}")


@dataclass(frozen=True)
class Actor:
    """Who did it, and from where. `user_id` may be `anonymous`, `operator` or `system`."""

    user_id: str
    address: str | None = None
    request_id: str | None = None


OPERATOR = Actor("operator")
"""Somebody at the keyboard of the installation."""


@dataclass(frozen=True)
class Filter:
    """Which entries: all that are given must fit. Times in Unix seconds, `until_s` is exclusive."""

    actor_id: str | None = None
    action: str | None = None
    target: str | None = None
    since_s: float | None = None
    until_s: float | None = None

    def fits(self, entry: AuditEntry) -> bool:
        """Whether an entry of the time is one of them."""
        return (
            self.actor_id in (None, entry.actor_id)
            and self.action in (None, entry.action)
            and self.target in (None, entry.target)
        )


@dataclass(frozen=True)
class Page:
    """Newest first, perhaps short. `next_cursor`: pass it to get what follows; None at the end."""

    entries: list[AuditEntry]
    next_cursor: str | None


def record(
    actor: Actor,
    action: str,
    target: str,
    now_s: float | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    write: TransactWrite | None = None,
) -> None:
    """Add an entry: at once, or as one more save of a transaction."""
    now_s = time.time() if now_s is None else now_s
    entry = AuditEntry(
        _month(now_s),
        f"{_stamp(now_s)}{secrets.token_hex(6)}",
        at_s=now_s,
        actor_id=actor.user_id,
        action=action,
        target=target,
        address=actor.address,
        request_id=actor.request_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        expires_at_s=now_s + KEPT_S,
    )
    if write is None:
        entry.save()
    else:
        write.save(entry)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of two states, what differs."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def list_page(wanted: Filter, limit: int, cursor: str | None, now_s: float) -> Page:
    """A page of the log.

    Raises:
        BadInputError: `bad_cursor`.
    """
    cursors.check(cursor, _ID)
    first = _stamp(max(wanted.since_s or 0.0, now_s - KEPT_S, 0.0))
    # Another worker's clock may be a little ahead.
    ahead_s = now_s + 60
    last = cursor or _stamp(ahead_s if wanted.until_s is None else min(wanted.until_s, ahead_s))
    found: list[AuditEntry] = []
    for read, entry in enumerate(_entries(wanted, first, last, cursor, limit + 1)):
        if len(found) == limit or read == MOST_READ:
            return Page(found, last)
        last = entry.entry_id
        if wanted.fits(entry):
            found.append(entry)
    return Page(found, None)


def _entries(wanted: Filter, first: str, last: str, cursor: str | None, size: int) -> Iterator[AuditEntry]:
    """From the index that finds the fewest."""
    if first > last:
        return
    choices: list[tuple[Any, str | None]] = [
        (AuditEntry.by_target, wanted.target),
        (AuditEntry.by_actor, wanted.actor_id),
        (AuditEntry.by_action, wanted.action),
    ]
    given = [choice for choice in choices if choice[1] is not None]
    size = READ_AT_ONCE if len(given) > 1 else size
    bounds = AuditEntry.entry_id.between(first, last)
    for source, key in given[:1] or [(AuditEntry, month) for month in _months(first, last)]:
        for entry in source.query(key, bounds, scan_index_forward=False, page_size=size):
            if entry.entry_id != cursor:
                yield entry


def _stamp(now_s: float) -> str:
    return f"{int(now_s * 1000):011x}"


def _months(first: str, last: str) -> Iterator[str]:
    """The months that two ids and all between them are in, the newest first."""
    month, end = (_month(int(stamp[:11], 16) / 1000) for stamp in (last, first))
    while month >= end:
        yield month
        year, number = int(month[:4]), int(month[5:])
        month = f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"


def _month(now_s: float) -> str:
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m")
