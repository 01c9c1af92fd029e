"""Deliveries of webhooks whose message was lost."""

from videosite.housekeeping.rows import PAGE, each
from videosite.store.tables import Delivery
from videosite.webhooks import deliveries


def revive(now_s: float) -> int:
    """Send the messages of overdue deliveries again; returns how many."""
    due = Delivery.by_deadline.query(deliveries.WATCH, Delivery.look_at_s < now_s, limit=PAGE)
    return each(list(due), lambda found: _revive(found, now_s))


def _revive(found: Delivery, now_s: float) -> bool:
    delivery = deliveries.load(found.webhook_id, found.message_id)
    return delivery is not None and deliveries.look_again(delivery, now_s)
