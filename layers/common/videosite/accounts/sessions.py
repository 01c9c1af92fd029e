"""Refresh tokens: what keeps somebody signed in. Stored by hash, each works once."""

import hashlib
import secrets
import time

from pynamodb.transactions import TransactWrite

from videosite.accounts.users import get_user
from videosite.errors import NotFoundError, UnauthorizedError
from videosite.store.tables import Session, User
from videosite.store.transactions import commit

SESSION_LIFE_S = 30 * 24 * 3600
"""From the last refresh."""


def open_session(user: User, now_s: float | None = None) -> str:
    """Sign a user in; returns the refresh token, which is nowhere stored."""
    token, session = _new_session(user.user_id, time.time() if now_s is None else now_s)
    session.save()
    return token


def rotate_session(refresh_token: str, now_s: float | None = None) -> tuple[User, str]:
    """Exchange a refresh token for a new one; returns it with its user. The old one is used up.

    Raises:
        UnauthorizedError: `bad_refresh_token`: unknown, expired or used before.
    """
    now_s = time.time() if now_s is None else now_s
    refused = UnauthorizedError("bad_refresh_token", "Sign in again.")
    try:
        old = Session.get(_session_id(refresh_token), consistent_read=True)
        user = get_user(old.user_id)
    except (Session.DoesNotExist, NotFoundError):
        raise refused from None
    token, new = _new_session(old.user_id, now_s)

    def exchange(write: TransactWrite) -> None:
        # Time-to-live deletes late, so expiry is part of the condition.
        write.delete(old, condition=Session.expires_at_s > now_s)
        write.save(new)

    if commit(exchange):
        raise refused
    return user, token


def _new_session(user_id: str, now_s: float) -> tuple[str, Session]:
    token = secrets.token_urlsafe(32)
    session = Session(_session_id(token), user_id=user_id, expires_at_s=now_s + SESSION_LIFE_S)
    return token, session


def _session_id(token: str) -> str:
    # The token is 256 random bits, so a plain hash keeps it from whoever reads the table.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
