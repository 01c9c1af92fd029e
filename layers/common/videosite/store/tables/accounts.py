"""Accounts and who is signed in."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from videosite.store.tables.base import Table


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
    target_id = UnicodeAttribute(null=True)
    """On an `email#` row: the user it belongs to."""
    avatar = UnicodeAttribute(null=True)
    """Version of the picture, part of its key; None: there is none."""
    created_at_s = NumberAttribute()


class Session(Table):
    """A refresh token, stored by the SHA-256 of its secret."""

    class Meta:
        name = "sessions"
        table_name = ""

    session_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    expires_at_s = NumberAttribute()
