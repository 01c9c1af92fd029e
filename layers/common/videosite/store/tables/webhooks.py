"""Webhooks and what is on its way to them."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from videosite.store.tables.base import ExpiryAttribute, IntegerAttribute, Table


class Webhook(Table):
    """An address that events are posted to. Its secret is not stored: see `videosite.webhooks.signing`."""

    class Meta:
        name = "webhooks"
        table_name = ""

    owner_id = UnicodeAttribute(hash_key=True)
    """A user, whose own events it gets; or `global`: everybody's, for admins."""
    webhook_id = UnicodeAttribute(range_key=True)
    url = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    events = UnicodeSetAttribute(null=True)
    """Types of events it gets; None: all."""
    enabled = BooleanAttribute(default=True)
    disabled_reason = UnicodeAttribute(null=True)
    """Why it was switched off by us: failing | gone."""
    failing_since_s = NumberAttribute(null=True)
    """The first attempt that failed since the last that did not."""
    secret_version = IntegerAttribute(default=1)
    rotated_at_s = NumberAttribute(null=True)
    """When the secret was rotated last."""
    rotations_s = JSONAttribute(null=True)
    """When it was rotated within a day of that, the newest last: each older secret signs for its day."""
    created_by = UnicodeAttribute()
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()


class DeliveriesByDeadline(GlobalSecondaryIndex["Delivery"]):
    """Sparse: deliveries under way, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class Delivery(Table):
    """One event on its way to one webhook, with what came of each attempt."""

    class Meta:
        name = "deliveries"
        table_name = ""

    webhook_id = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(range_key=True)
    """The event's, which sorts by time."""
    owner_id = UnicodeAttribute()
    type = UnicodeAttribute()
    body = UnicodeAttribute()
    """JSON, as it is sent and signed."""
    status = UnicodeAttribute(default="pending")
    """pending | delivered | failed"""
    reason = UnicodeAttribute(null=True)
    """Why it failed: attempts_exhausted | not_accepted | gone | webhook_removed | webhook_disabled |
    owner_removed | forbidden."""
    tries = IntegerAttribute(default=0)
    """Attempts so far. Every change of the row is conditional on it."""
    first_try = IntegerAttribute(default=0)
    """`tries` when it was asked for last: retries are counted from there."""
    attempts = JSONAttribute(default=list)
    """The newest attempts: {"at_s", "status", "error", "took_ms", "answer"}."""
    next_attempt_at_s = NumberAttribute(null=True)
    created_at_s = NumberAttribute()
    expires_at_s = ExpiryAttribute()
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = DeliveriesByDeadline()
