"""Accounts, what they may do, and who is signed in."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from videosite.store.tables.base import ExpiryAttribute, IntegerAttribute, Table


class UsersByState(GlobalSecondaryIndex["User"]):
    """Accounts in one state, by address."""

    class Meta:
        index_name = "by_state"
        projection = AllProjection()

    state = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(range_key=True)


class UsersByRole(GlobalSecondaryIndex["User"]):
    """Accounts of one role, by address."""

    class Meta:
        index_name = "by_role"
        projection = AllProjection()

    role = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(range_key=True)


class User(Table):
    """An account. A second row with key `email#{address}` reserves the address and points here; it has
    neither role nor state, so no index lists it."""

    class Meta:
        name = "users"
        table_name = ""

    user_id = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute()
    role = UnicodeAttribute(null=True, default="viewer")
    """viewer | creator | moderator | admin, or one of the roles table"""
    state = UnicodeAttribute(null=True, default="active")
    """active | unverified (registered, the address not confirmed) | suspended"""
    suspended_reason = UnicodeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    """None: there is none, as while several have registered with the address and nobody has confirmed it."""
    token_version = IntegerAttribute(default=0)
    """Sessions and access tokens name it: raising it ends all of them at once."""
    display_name = UnicodeAttribute(null=True)
    biography = UnicodeAttribute(null=True)
    locale = UnicodeAttribute(null=True)
    """BCP 47; the language of mails."""
    avatar = UnicodeAttribute(null=True)
    """Version of the picture, part of its key; None: there is none."""
    quota_storage_bytes = IntegerAttribute(null=True)
    """This and the next two: None is the installation's default."""
    quota_minutes = IntegerAttribute(null=True)
    quota_parallel_jobs = IntegerAttribute(null=True)
    target_id = UnicodeAttribute(null=True)
    """On an `email#` row: the user it belongs to."""
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute(null=True)
    expires_at_s = ExpiryAttribute(null=True)
    """Of an unverified account and its reservation: when they go."""

    by_state = UsersByState()
    by_role = UsersByRole()


class SessionsByUser(GlobalSecondaryIndex["Session"]):
    """A user's sessions, by age."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    created_at_s = NumberAttribute(range_key=True)


class Session(Table):
    """Somebody signed in on a device, and the refresh tokens that follow each other since. Tokens are
    stored by SHA-256."""

    class Meta:
        name = "sessions"
        table_name = ""

    session_id = UnicodeAttribute(hash_key=True)
    """From the part of the tokens that stays the same, by SHA-256."""
    user_id = UnicodeAttribute()
    token_version = IntegerAttribute(default=0)
    """The user's when they signed in: raising that one ends the session."""
    token_hashes = UnicodeSetAttribute()
    """What can be exchanged now: one; more after an honest repeat."""
    spent_hash = UnicodeAttribute(null=True)
    """What was exchanged last."""
    spent_at_s = NumberAttribute(null=True)
    created_at_s = NumberAttribute()
    used_at_s = NumberAttribute()
    address = UnicodeAttribute(null=True)
    """Where it was used last, and by what program."""
    agent = UnicodeAttribute(null=True)
    expires_at_s = ExpiryAttribute()

    by_user = SessionsByUser()


class Link(Table):
    """A one-use key sent by mail, stored by the SHA-256 of its secret."""

    class Meta:
        name = "links"
        table_name = ""

    link_id = UnicodeAttribute(hash_key=True)
    purpose = UnicodeAttribute()
    """verify | reset"""
    user_id = UnicodeAttribute()
    token_version = IntegerAttribute()
    """The user's when it was made: a password reset since makes it void."""
    password_hash = UnicodeAttribute(null=True)
    """To confirm an address with: of the registration that it was sent for."""
    expires_at_s = ExpiryAttribute()


class Role(Table):
    """A role made by admins, beside the four there always are."""

    class Meta:
        name = "roles"
        table_name = ""

    role = UnicodeAttribute(hash_key=True)
    description = UnicodeAttribute(default="")
    permissions = UnicodeSetAttribute(null=True)
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()
