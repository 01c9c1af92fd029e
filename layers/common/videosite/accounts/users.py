"""Accounts. An email address belongs to one account: a row of its own reserves it."""

import re
import time

from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.accounts.passwords import hash_password, verify_password
from videosite.accounts.permissions import ROLES
from videosite.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    UnauthorizedError,
)
from videosite.store.tables import User
from videosite.store.transactions import commit

MAX_EMAIL_CHARACTERS = 254
"""RFC 5321 section 4.5.3.1.3, as corrected by erratum 1690."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def create_user(email: str, password: str, role: str, now_s: float | None = None) -> User:
    """Make an account.

    Raises:
        BadInputError: `bad_email`, `weak_password`, `bad_role`.
        ConflictError: `email_taken`.
    """
    now_s = time.time() if now_s is None else now_s
    email = normalise_email(email)
    if role not in ROLES:
        raise BadInputError("bad_role", f"A role is one of {', '.join(ROLES)}.")
    user = User(
        ids.opaque_id(),
        email=email,
        role=role,
        password_hash=hash_password(password),
        created_at_s=now_s,
    )
    reservation = User(_email_key(email), email=email, target_id=user.user_id, created_at_s=now_s)

    def save_both(write: TransactWrite) -> None:
        write.save(reservation, condition=User.user_id.does_not_exist())
        write.save(user, condition=User.user_id.does_not_exist())

    if commit(save_both):
        raise ConflictError("email_taken", "There is an account with this address.")
    return user


def authenticate(email: str, password: str) -> User:
    """The account of an address, if the password is its password.

    Raises:
        UnauthorizedError: `bad_credentials`, the same for an unknown address and a wrong password, after
            the same time.
    """
    user = _find_by_email(email)
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
    if len(email) > MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
        raise BadInputError("bad_email", "This is not an email address.")
    return email


def _find_by_email(email: str) -> User | None:
    try:
        reservation = _load(_email_key(normalise_email(email)))
    except BadInputError:
        reservation = None
    # Two reads, whether the address is known or not.
    return _load(reservation.target_id if reservation and reservation.target_id else "nobody")


def _load(user_id: str) -> User | None:
    try:
        return User.get(user_id, consistent_read=True)
    except User.DoesNotExist:
        return None


def _email_key(email: str) -> str:
    return f"email#{email}"
