"""Whether an account is as its access token says: suspended, changed or gone since the token was made.

Changes count at once for what writes, since that reads the account anew. What only reads may be up to
`CACHE_S` behind, on each worker that asked before; nobody is refused by what a worker remembers, since who
signs in again has a token that is newer than that.
"""

import time
from dataclasses import dataclass, replace

from videosite.accounts.tokens import Claims
from videosite.errors import ForbiddenError, UnauthorizedError
from videosite.store.tables import User

CACHE_S = 10.0
MOST = 10_000
"""Accounts a worker remembers."""


@dataclass(frozen=True)
class Standing:
    """What decides whether a token is still good, and what it opens. Read by these attributes alone:
    functions that need no more can be kept from addresses and hashes."""

    role: str
    state: str
    token_version: int


_known: dict[str, tuple[float, Standing | None]] = {}


def check(claims: Claims, now_s: float | None = None, *, fresh: bool = True) -> Claims:
    """The claims of a verified token with the role its bearer has now. `fresh`: read the account anew.

    Raises:
        UnauthorizedError: `session_ended`: all tokens were ended, or the account is gone.
        ForbiddenError: `account_suspended`.
    """
    now_s = time.time() if now_s is None else now_s
    if not fresh:
        remembered = _remembered(claims.user_id, now_s)
        if remembered and _is_good(remembered, claims):
            return replace(claims, role=remembered.role)
    standing = load(claims.user_id)
    _remember(claims.user_id, standing, now_s)
    if standing is None:
        raise session_ended()
    require_active(standing.state)
    if not _is_good(standing, claims):
        raise session_ended()
    return replace(claims, role=standing.role)


def _is_good(standing: Standing, claims: Claims) -> bool:
    return standing.state != "suspended" and standing.token_version == claims.token_version


def load(user_id: str) -> Standing | None:
    """How an account stands now; None: there is none."""
    try:
        row = User.get(
            user_id,
            consistent_read=True,
            attributes_to_get=["user_id", "role", "state", "token_version", "target_id"],
        )
    except User.DoesNotExist:
        return None
    if row.target_id is not None:
        return None
    return Standing(row.role or "viewer", row.state or "active", row.token_version or 0)


def require_active(state: str) -> None:
    """Nothing, unless the account is suspended.

    Raises:
        ForbiddenError: `account_suspended`.
    """
    if state == "suspended":
        raise ForbiddenError("account_suspended", "This account is suspended.")


def session_ended() -> UnauthorizedError:
    """What the bearer of a token hears that was ended."""
    return UnauthorizedError("session_ended", "You were signed out; sign in again.")


def forget() -> None:
    """Read every account anew on next use."""
    _known.clear()


def _remembered(user_id: str, now_s: float) -> Standing | None:
    read_at_s, standing = _known.get(user_id, (float("-inf"), None))
    return standing if 0 <= now_s - read_at_s < CACHE_S else None


def _remember(user_id: str, standing: Standing | None, now_s: float) -> None:
    if len(_known) >= MOST:
        _known.clear()
    _known[user_id] = (now_s, standing)
