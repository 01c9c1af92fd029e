"""Deliveries of webhooks whose message was lost."""

from videosite.housekeeping.rows import PAGE, each
from videosite.store.tables import Delivery
from videosite.webhooks import deliveries


def revive(now_s: float) -> int:
    """Send the messages of overdue deliveries again; returns how many."""
    return sum(_revive_some(deliveries.watch_key(n), now_s) for n in range(deliveries.WATCH_SHARDS))


def _revive_some(key: str, now_s: float) -> int:
    due = Delivery.by_deadline.query(key, Delivery.look_at_s < now_s, limit=PAGE // deliveries.WATCH_SHARDS)
    return each(list(due), lambda found: _revive(found, now_s))


def _revive(found: Delivery, now_s: float) -> bool:
    delivery = deliveries.load(found.webhook_id, found.message_id)
    return delivery is not None and deliveries.look_again(delivery, now_s)
