"""Accounts and who is signed in."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from videosite.store.tables.base import IntegerAttribute, Table


class User(Table):
    """An account. A second row with key `email#{address}` reserves the address and points here."""

    class Meta:
        name = "users"
        table_name = ""

    user_id = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute()
    role = UnicodeAttribute(default="viewer")
    """viewer | creator | moderator | admin"""
    password_hash = UnicodeAttribute(null=True)
    quota_storage_bytes = IntegerAttribute(null=True)
    """This and the next two: None is the installation's default."""
    quota_minutes = IntegerAttribute(null=True)
    quota_parallel_jobs = IntegerAttribute(null=True)
    target_id = UnicodeAttribute(null=True)
    """On an `email#` row: the user it belongs to."""
    created_at_s = NumberAttribute()


class Session(Table):
    """A refresh token, stored by the SHA-256 of its secret."""

    class Meta:
        name = "sessions"
        table_name = ""

    session_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    expires_at_s = NumberAttribute()
