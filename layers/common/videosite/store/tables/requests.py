"""What requests leave behind for those that come after them."""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from videosite.store.tables.base import ExpiryAttribute, IntegerAttribute, Table


class Limit(Table):
    """One limit's use by one user or address; or, under a `known#` key, an address that somebody signed in
    from."""

    class Meta:
        name = "limits"
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    full_at_s = NumberAttribute(default=0.0)
    """When the bucket will be full again (GCRA's theoretical arrival time)."""
    expires_at_s = ExpiryAttribute()


class Answer(Table):
    """The answer to a request with an Idempotency-Key, or that it is under way."""

    class Meta:
        name = "answers"
        table_name = ""

    answer_id = UnicodeAttribute(hash_key=True)
    """SHA-256 of user, route and key."""
    fingerprint = UnicodeAttribute()
    """HMAC of the body under the key, which is not stored: bodies hold passwords."""
    status = IntegerAttribute(null=True)
    """None: the request is under way."""
    headers = JSONAttribute(null=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    """Compressed."""
    lease_until_s = NumberAttribute()
    """While under way: when its worker is dead for sure."""
    expires_at_s = ExpiryAttribute()
