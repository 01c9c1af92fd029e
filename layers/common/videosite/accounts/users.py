"""Accounts. An email address belongs to one account: a row of its own reserves it."""

import re
import time
from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.accounts import audit
from videosite.accounts.audit import Actor
from videosite.accounts.passwords import hash_password, verify_password
from videosite.accounts.permissions import PERMISSIONS
from videosite.accounts.roles import load as load_role
from videosite.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    UnauthorizedError,
    changed,
)
from videosite.store.tables import User
from videosite.store.transactions import commit

MAX_EMAIL_CHARACTERS = 254
"""RFC 5321 section 4.5.3.1.3, as corrected by erratum 1690."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def create_user(
    email: str, password: str, role: str, now_s: float | None = None, by: Actor = audit.OPERATOR
) -> User:
    """Make an account for somebody whose address is believed.

    Raises:
        BadInputError: `bad_email`, `weak_password`, `bad_role`.
        ConflictError: `email_taken`.
    """
    now_s = time.time() if now_s is None else now_s
    email = normalise_email(email)
    if role not in PERMISSIONS and load_role(role) is None:
        raise BadInputError("bad_role", "There is no such role.")
    user = new_user(email, hash_password(password), role, now_s)
    if not insert(user, by, "user.create", now_s):
        raise ConflictError("email_taken", "There is an account with this address.")
    return user


def new_user(email: str, password_hash: str, role: str, now_s: float) -> User:
    """An account that is not stored yet."""
    return User(
        ids.opaque_id(),
        email=email,
        role=role,
        password_hash=password_hash,
        created_at_s=now_s,
        updated_at_s=now_s,
    )


def insert(user: User, by: Actor, action: str, now_s: float) -> bool:
    """Store a new account with the reservation of its address; False if that is taken. One that has expired
    is not: time-to-live deletes late, and row by row."""
    reservation = User(
        _email_key(user.email),
        email=user.email,
        role=None,
        state=None,
        target_id=user.user_id,
        created_at_s=now_s,
        expires_at_s=user.expires_at_s,
    )

    def save_both(write: TransactWrite) -> None:
        write.save(reservation, condition=User.user_id.does_not_exist() | (User.expires_at_s <= now_s))
        write.save(user, condition=User.user_id.does_not_exist())
        audit.record(by, action, f"user#{user.user_id}", now_s, after=audited(user), write=write)

    return not commit(save_both)


def authenticate(email: str, password: str) -> User:
    """The account of an address, if the password is its password.

    Raises:
        UnauthorizedError: `bad_credentials`, the same for an unknown address and a wrong password, after
            the same time.
    """
    user = find_by_email(email)
    if not verify_password(user.password_hash if user else None, password) or user is None:
        raise UnauthorizedError("bad_credentials", "Address or password is wrong.")
    return user


def get_user(user_id: str) -> User:
    """An account.

    Raises:
        NotFoundError: `user_not_found`.
    """
    user = _load(user_id)
    if user is None or user.target_id is not None:
        raise NotFoundError("user_not_found", "There is no such user.")
    return user


def normalise_email(email: str) -> str:
    """The form in which addresses are compared and stored: lower case, no spaces around.

    Raises:
        BadInputError: `bad_email`.
    """
    email = email.strip().lower()
    if len(email) > MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise BadInputError("bad_email", "This is not an email address.")
    return email


def find_by_email(email: str) -> User | None:
    """The account of an address, or None."""
    try:
        reservation = _load(_email_key(normalise_email(email)))
    except BadInputError:
        reservation = None
    # Two reads, whether the address is known or not.
    return _load(reservation.target_id if reservation and reservation.target_id else "nobody")


def tag_time_s(user: User) -> float:
    """When an account was changed last."""
    return user.updated_at_s or user.created_at_s


def change_profile(user: User, wanted: Mapping[str, str | None], now_s: float, *, only_as_seen: bool) -> None:
    """Set display name, biography or locale to what is given; empty or None removes.

    Raises:
        BadInputError: `bad_display_name`.
        ChangedError: `changed_meanwhile`.
        NotFoundError: `user_not_found`.
    """
    fields = {"display_name": User.display_name, "biography": User.biography, "locale": User.locale}
    actions: list[Action] = [User.updated_at_s.set(now_s)]
    for name, value in wanted.items():
        value = _display_name(value) if name == "display_name" and value else value
        actions.append(fields[name].set(value) if value else fields[name].remove())
    condition = as_seen(user) if only_as_seen else User.user_id.exists()
    if commit(lambda write: write.update(user, actions=actions, condition=condition)):
        raise changed() if only_as_seen else NotFoundError("user_not_found", "There is no such user.")
    user.refresh(consistent_read=True)


def _display_name(text: str) -> str:
    """A name that stays in its place: one line, and nothing that turns the text around it.

    Raises:
        BadInputError: `bad_display_name`.
    """
    text = " ".join(text.split())
    # The zero-width joiner makes emoji of several.
    if not text.replace("\u200d", "").isprintable():
        raise BadInputError("bad_display_name", "A name has letters, digits, signs and spaces only.")
    return text


def set_password(user: User, password_hash: str, by: Actor, now_s: float) -> None:
    """Give an account another password, which ends all its sessions and access tokens.

    Raises:
        ChangedError: `changed_meanwhile`.
    """
    actions: list[Action] = [
        User.password_hash.set(password_hash),
        User.token_version.set(user.token_version + 1),
        User.updated_at_s.set(now_s),
    ]

    def change(write: TransactWrite) -> None:
        audit.record(by, "user.change_password", f"user#{user.user_id}", now_s, write=write)
        write.update(user, actions=actions, condition=User.user_id.exists() & at_version(user.token_version))

    if commit(change):
        raise changed()
    user.token_version += 1


def end_tokens(user_id: str) -> None:
    """Make every session and access token of an account void at once."""
    User(user_id).update([User.token_version.add(1)], condition=User.user_id.exists())


def as_seen(user: User) -> Condition:
    """That an account was not changed since it was read."""
    if user.updated_at_s is None:
        return User.user_id.exists() & User.updated_at_s.does_not_exist()
    return User.updated_at_s == user.updated_at_s


def audited(user: User) -> dict[str, Any]:
    """What the audit log keeps of an account."""
    return {
        "email": user.email,
        "role": user.role,
        "state": user.state,
        "suspended_reason": user.suspended_reason,
        "quota_storage_bytes": user.quota_storage_bytes,
        "quota_minutes": user.quota_minutes,
        "quota_parallel_jobs": user.quota_parallel_jobs,
    }


def at_version(version: int) -> Condition:
    """That an account's access tokens were not ended since."""
    same = User.token_version == version
    return same if version else same | User.token_version.does_not_exist()


def in_state(state: str) -> Condition:
    """That an account is in a state. Rows of older versions have none and are active."""
    same = User.state == state
    return same | User.state.does_not_exist() if state == "active" else same


def reservation_of(email: str) -> User:
    """The row that reserves an address, to write to."""
    return User(_email_key(email))


def _load(user_id: str) -> User | None:
    try:
        return User.get(user_id, consistent_read=True)
    except User.DoesNotExist:
        return None


def _email_key(email: str) -> str:
    return f"email#{email}"
