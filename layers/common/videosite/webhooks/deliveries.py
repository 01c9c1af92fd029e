"""Deliveries: one event on its way to one webhook. The row is the truth; queue messages only wake it up.

A message names the number of attempts it was sent after. One that comes again, or late, finds another
number and is dropped; one that is lost is missed by housekeeping.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite import ids
from videosite.errors import ConflictError, NotFoundError
from videosite.pipeline.snapshot import iso_time
from videosite.settings import require
from videosite.store import cursors, queues
from videosite.store.tables import Delivery, Webhook
from videosite.store.transactions import applied
from videosite.webhooks.events import TEST, Event, event_of

KEPT_S = 7 * 24 * 3600
KEPT_ATTEMPTS = 10
WATCH_SHARDS = 16
"""Of the index of open deliveries, which each attempt writes to: one partition takes 1,000 writes a second,
and an index that is throttled throttles its table."""
OVERDUE_S = 300
"""So long after its time housekeeping sends a delivery's message again."""
REPLAYED_AT_ONCE = 100
"""Deliveries that one call replays."""
MOST_READ = 2000
"""Deliveries that one call looks at: a second or so. Who asks goes on from there."""
_FIRST_POSSIBLE = "msg_"
_LAST_POSSIBLE = "msg_~"


@dataclass(frozen=True)
class Page:
    """Deliveries, the newest first. Where few are of the wanted status a page may be short, or empty, and
    still have a next one."""

    deliveries: list[Delivery]
    next_cursor: str | None


def start(webhook: Webhook, event: Event, now_s: float) -> Delivery:
    """Put an event on its way. May be repeated: there is one delivery per webhook and event."""
    delivery = Delivery(
        webhook.webhook_id,
        event.message_id,
        owner_id=webhook.owner_id,
        type=event.type,
        body=event.body,
        next_attempt_at_s=now_s,
        created_at_s=now_s,
        expires_at_s=now_s + KEPT_S,
        watch=_watch(event.message_id),
        look_at_s=now_s + OVERDUE_S,
    )
    if not applied(lambda: delivery.save(condition=Delivery.message_id.does_not_exist())):
        delivery = Delivery.get(webhook.webhook_id, event.message_id, consistent_read=True)
    # Sent again for one that nobody has tried yet: who put the row may have died before this.
    if delivery.status == "pending" and not delivery.tries:
        wake(delivery)
    return delivery


def forget(owner_id: str, frames: Sequence[Mapping[str, Any]]) -> None:
    """Remove the deliveries of stored frames to an owner's webhooks, whatever came of them."""
    event_ids = {event_of(frame).message_id for frame in frames}
    hooks = list(Webhook.query(owner_id, consistent_read=True)) if event_ids else []
    with Delivery.batch_write() as batch:
        for webhook in hooks:
            for message_id in event_ids:
                batch.delete(Delivery(webhook.webhook_id, message_id))


def try_out(webhook: Webhook, now_s: float) -> Delivery:
    """Put an event on its way that is made up for one webhook.

    Raises:
        ConflictError: `webhook_disabled`.
    """
    _require_enabled(webhook)
    frame = {
        "type": TEST,
        "id": f"{TEST}.{ids.opaque_id()}",
        "message": "This is a test.",
        "webhook_id": webhook.webhook_id,
        "timestamp": iso_time(now_s),
    }
    return start(webhook, event_of(frame), now_s)


def load(webhook_id: str, message_id: str) -> Delivery | None:
    """A delivery, or None."""
    try:
        return Delivery.get(webhook_id, message_id, consistent_read=True)
    except Delivery.DoesNotExist:
        return None


def wake(delivery: Delivery, delay_s: float = 0) -> None:
    """Send a delivery's message, to come after `delay_s`. The queue delays by `queues.MAX_DELAY_S` at most;
    what comes too early is delayed anew. An owner whose webhooks are slow keeps no other's waiting."""
    body = {
        "owner_id": delivery.owner_id,
        "webhook_id": delivery.webhook_id,
        "message_id": delivery.message_id,
        "tries": delivery.tries,
    }
    queues.send(require("webhooks_queue_url"), body, delay_s, group=delivery.owner_id)


def record(
    delivery: Delivery,
    attempt: Mapping[str, Any] | None,
    status: str,
    reason: str | None = None,
    next_s: float | None = None,
) -> bool:
    """Store what came of an attempt (None: there was none, it is given up); False if somebody was faster.

    `next_s`: when it is tried again, in Unix seconds, while `status` is `pending`.
    """
    attempts = [*delivery.attempts, *([dict(attempt)] if attempt else [])][-KEPT_ATTEMPTS:]
    actions: list[Action] = [
        Delivery.status.set(status),
        Delivery.reason.set(reason) if reason else Delivery.reason.remove(),
        Delivery.attempts.set(attempts),
        Delivery.tries.set(delivery.tries + 1),
        *_due(delivery, next_s),
    ]
    return _update(delivery, actions)


def watch_key(shard: int) -> str:
    """A shard of the index of open deliveries."""
    return f"open#{shard}"


def _watch(message_id: str) -> str:
    return watch_key(crc32(message_id.encode()) % WATCH_SHARDS)


def _due(delivery: Delivery, next_s: float | None) -> list[Action]:
    if next_s is None:
        return [Delivery.next_attempt_at_s.remove(), Delivery.watch.remove(), Delivery.look_at_s.remove()]
    return [
        Delivery.next_attempt_at_s.set(next_s),
        Delivery.watch.set(_watch(delivery.message_id)),
        Delivery.look_at_s.set(next_s + OVERDUE_S),
    ]


def _update(delivery: Delivery, actions: list[Action]) -> bool:
    unchanged: Condition = Delivery.tries == delivery.tries
    return applied(lambda: delivery.update(actions, condition=unchanged))


def look_again(delivery: Delivery, now_s: float) -> bool:
    """Send the message of an overdue delivery again; False if it needs none any more."""
    if delivery.status != "pending":
        return False
    if not _update(delivery, [Delivery.look_at_s.set(now_s + OVERDUE_S)]):
        return False
    wake(delivery)
    return True


# --- the log ----------------------------------------------------------------------------------------


def list_page(webhook_id: str, status: str | None, limit: int, cursor: str | None, now_s: float) -> Page:
    """A page of a webhook's deliveries of the last seven days.

    Raises:
        BadInputError: `bad_cursor`.
    """
    _check(cursor)
    rows = Delivery.query(
        webhook_id,
        Delivery.message_id < cursor if cursor else None,
        scan_index_forward=False,
        consistent_read=True,
        page_size=limit + 1 if status is None else MOST_READ,
    )
    return Page(*_take(rows, status, limit, now_s))


def _take(
    rows: Iterable[Delivery], status: str | None, limit: int, now_s: float
) -> tuple[list[Delivery], str | None]:
    """Up to `limit` of the rows that are kept and of a status, and after which one to go on. Chosen here:
    a filter of the table's would read on for as long as it finds none."""
    found: list[Delivery] = []
    last: str | None = None
    for read, row in enumerate(rows):
        if len(found) == limit or read == MOST_READ:
            return found, last
        last = row.message_id
        if row.expires_at_s > now_s and status in (None, row.status):
            found.append(row)
    return found, None


def _check(cursor: str | None) -> None:
    if cursor is not None and not _FIRST_POSSIBLE < cursor < _LAST_POSSIBLE:
        raise cursors.bad_cursor()


def find(webhook: Webhook, message_id: str) -> Delivery:
    """A delivery of a webhook.

    Raises:
        NotFoundError: `delivery_not_found`.
    """
    delivery = load(webhook.webhook_id, message_id)
    if delivery is None:
        raise NotFoundError("delivery_not_found", "There is no such delivery; they are kept for seven days.")
    return delivery


def replay(webhook: Webhook, delivery: Delivery, now_s: float) -> None:
    """Send a delivery (again) now, with as many retries as a new one.

    Raises:
        ConflictError: `webhook_disabled`.
    """
    _require_enabled(webhook)
    actions: list[Action] = [
        Delivery.status.set("pending"),
        Delivery.reason.remove(),
        Delivery.first_try.set(delivery.tries),
        # Its retries take a day: what is replayed late must not expire before they are over.
        Delivery.expires_at_s.set(now_s + KEPT_S),
        *_due(delivery, now_s),
    ]
    # Somebody was faster: an attempt, or another replay. It is under way or has just ended.
    if _update(delivery, actions):
        wake(delivery)


def replay_failed(
    webhook: Webhook, since_s: float, cursor: str | None, now_s: float
) -> tuple[int, str | None]:
    """Replay what failed of the events since a time, the oldest first, some at once; returns how many, and
    the cursor to go on with. There may be none among those looked at, and still some later.

    Raises:
        BadInputError: `bad_cursor`.
        ConflictError: `webhook_disabled`.
    """
    _require_enabled(webhook)
    _check(cursor)
    rows = Delivery.query(
        webhook.webhook_id,
        Delivery.message_id > (cursor or f"{_FIRST_POSSIBLE}{max(0, int(since_s)):08x}"),
        consistent_read=True,
        page_size=MOST_READ,
    )
    found, last = _take(rows, "failed", REPLAYED_AT_ONCE, now_s)
    for delivery in found:
        replay(webhook, delivery, now_s)
    return len(found), last


def _require_enabled(webhook: Webhook) -> None:
    if not webhook.enabled:
        raise ConflictError("webhook_disabled", "The webhook is switched off; enable it first.")


def is_due(delivery: Delivery, now_s: float) -> bool:
    """Whether its time has come; queues are a little early at times."""
    return (delivery.next_attempt_at_s or 0) <= now_s + 1
