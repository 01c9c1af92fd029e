"""Who did what."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from videosite.store.tables.base import ExpiryAttribute, Table


class AuditByActor(GlobalSecondaryIndex["AuditEntry"]):
    """What somebody did."""

    class Meta:
        index_name = "by_actor"
        projection = AllProjection()

    actor_id = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)


class AuditByAction(GlobalSecondaryIndex["AuditEntry"]):
    """Where one thing was done."""

    class Meta:
        index_name = "by_action"
        projection = AllProjection()

    action = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)


class AuditByTarget(GlobalSecondaryIndex["AuditEntry"]):
    """What was done to one object."""

    class Meta:
        index_name = "by_target"
        projection = AllProjection()

    target = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True)


class AuditEntry(Table):
    """Somebody did something to an object. Written once and never changed: no function may."""

    class Meta:
        name = "audit"
        table_name = ""

    month = UnicodeAttribute(hash_key=True)
    """2026-11: read backwards, month after month, when nothing else is asked for."""
    entry_id = UnicodeAttribute(range_key=True)
    """Milliseconds in hexadecimal and random letters: sorts by time."""
    at_s = NumberAttribute()
    actor_id = UnicodeAttribute()
    """A user; `anonymous`; `operator`, at the keyboard of the installation; `system`."""
    action = UnicodeAttribute()
    """user.suspend, webhook.create …"""
    target = UnicodeAttribute()
    """user#…, video#…, webhook#…, role#…"""
    address = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    before = JSONAttribute(null=True)
    after = JSONAttribute(null=True)
    expires_at_s = ExpiryAttribute()

    by_actor = AuditByActor()
    by_action = AuditByAction()
    by_target = AuditByTarget()
