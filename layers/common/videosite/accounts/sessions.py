"""Sessions: somebody signed in on a device, kept up by refresh tokens that each work once.

A token is two secrets, `{family}.{own}`. The family's part stays the same while tokens follow each other
and names the session's row, by its hash. So a token that fits a row but is not its newest was exchanged
before: somebody else has a copy, and the session ends (RFC 9700 section 4.14.2). Who only knows the id of a
session, as lists show it, cannot bring that about.

An answer that is lost makes honest clients repeat themselves: within `REPEAT_S` the same program at the same
address gets another token. Both then work until one of them is exchanged.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action

from videosite.accounts.limits import limited
from videosite.accounts.standing import require_active
from videosite.accounts.users import get_user
from videosite.errors import NotFoundError, UnauthorizedError
from videosite.log import logger
from videosite.store.tables import Session, User
from videosite.store.transactions import applied

SESSION_LIFE_S = 30 * 24 * 3600
"""From the last refresh."""
REPEAT_S = 10.0
MOST_REPEATS = 4
MOST_SESSIONS = 50
"""Of one user: signing in once more ends the one that was not used for longest."""
MAX_AGENT_CHARACTERS = 200


@dataclass(frozen=True)
class Client:
    """What asks: its address, and the name it gives itself."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Opened:
    """A session to go on with. The refresh token is nowhere stored."""

    user: User
    session_id: str
    refresh_token: str


class ReusedTokenError(UnauthorizedError):
    """A refresh token was used a second time; its session has ended. `user_id`: whose it was."""

    def __init__(self, user_id: str, session_id: str) -> None:
        super().__init__("bad_refresh_token", "Sign in again.")
        self.user_id = user_id
        self.session_id = session_id


def open_session(user: User, client: Client | None = None, now_s: float | None = None) -> Opened:
    """Sign a user in."""
    now_s = time.time() if now_s is None else now_s
    client = client or Client()
    family = secrets.token_urlsafe(24)
    token = _next(family)
    session = Session(
        _hash(family),
        user_id=user.user_id,
        token_version=user.token_version,
        token_hashes={_hash(token)},
        created_at_s=now_s,
        used_at_s=now_s,
        address=client.address,
        agent=client.agent[:MAX_AGENT_CHARACTERS],
        expires_at_s=now_s + SESSION_LIFE_S,
    )
    session.save()
    used_last = sorted(_newest_first(user.user_id), key=lambda one: one.used_at_s, reverse=True)
    _remove(used_last[MOST_SESSIONS:])
    return Opened(user, session.session_id, token)


def rotate_session(refresh_token: str, client: Client | None = None, now_s: float | None = None) -> Opened:
    """Exchange a refresh token for a new one. The old one is used up.

    Raises:
        UnauthorizedError: `bad_refresh_token`: unknown or expired; as `ReusedTokenError`: used before.
        ForbiddenError: `account_suspended`.
        TooManyError: `rate_limited`, too many windows of one client asked at the same moment.
    """
    now_s = time.time() if now_s is None else now_s
    client = client or Client()
    family, dot, _ = refresh_token.partition(".")
    session = _load(_hash(family)) if dot else None
    if session is None or session.expires_at_s <= now_s:
        raise _refused()
    try:
        user = get_user(session.user_id)
    except NotFoundError:
        raise _refused() from None
    require_active(user.state or "active")
    if session.token_version != user.token_version:
        # Ended with all others; the index by which they are removed may not have shown it yet.
        session.delete()
        raise _refused()
    old, token = _hash(refresh_token), _next(family)
    if not _exchange(session, old, _hash(token), client, now_s):
        # Another request may have exchanged it since the row was read, or ended the session.
        latest = _load(session.session_id)
        if latest is None:
            raise _refused()
        if not _is_repeat(latest, old, client, now_s):
            session.delete()
            logger.warning("refresh_token_reused", extra={"user_id": user.user_id})
            raise ReusedTokenError(user.user_id, session.session_id)
        if not _repeat(latest, old, _hash(token)):
            raise limited(REPEAT_S)
    return Opened(user, session.session_id, token)


def close_session(refresh_token: str) -> Session | None:
    """Sign out where the token is from, even if it was used up; None if there was no such session."""
    family, dot, _ = refresh_token.partition(".")
    session = _load(_hash(family)) if dot else None
    if session is not None:
        session.delete()
    return session


def list_sessions(user_id: str, now_s: float) -> list[Session]:
    """Where a user is signed in, the newest first. A sign-in of the last second may be missing."""
    return [session for session in _newest_first(user_id) if session.expires_at_s > now_s]


def end_session(user_id: str, session_id: str) -> None:
    """Sign a user out in one place.

    Raises:
        NotFoundError: `session_not_found`.
    """
    if not applied(lambda: Session(session_id).delete(condition=Session.user_id == user_id)):
        raise NotFoundError("session_not_found", "There is no such session.")


def remove_sessions(user_id: str) -> None:
    """Remove a user's sessions, which ended when `token_version` was raised."""
    _remove(_newest_first(user_id))


def _newest_first(user_id: str) -> Iterator[Session]:
    return Session.by_user.query(user_id, scan_index_forward=False)


def _remove(found: Iterable[Session]) -> None:
    with Session.batch_write() as batch:
        for session in found:
            batch.delete(session)


def _exchange(session: Session, old: str, new: str, client: Client, now_s: float) -> bool:
    actions: list[Action] = [
        Session.token_hashes.set({new}),
        Session.spent_hash.set(old),
        Session.spent_at_s.set(now_s),
        Session.used_at_s.set(now_s),
        Session.address.set(client.address),
        Session.agent.set(client.agent[:MAX_AGENT_CHARACTERS]),
        Session.expires_at_s.set(now_s + SESSION_LIFE_S),
    ]
    good = Session.token_hashes.contains(old) & (Session.expires_at_s > now_s)
    return applied(lambda: session.update(actions, condition=good))


def _is_repeat(session: Session, old: str, client: Client, now_s: float) -> bool:
    """Whether this is who exchanged the same token a moment ago."""
    same = (session.address, session.agent) == (client.address, client.agent[:MAX_AGENT_CHARACTERS])
    spent_s = session.spent_at_s
    return same and session.spent_hash == old and spent_s is not None and now_s <= spent_s + REPEAT_S


def _repeat(session: Session, old: str, new: str) -> bool:
    """Give another token to who was given one a moment ago; not without end."""
    still = (Session.spent_hash == old) & (size(Session.token_hashes) <= MOST_REPEATS)
    return applied(lambda: session.update([Session.token_hashes.add({new})], condition=still))


def _load(session_id: str) -> Session | None:
    try:
        return Session.get(session_id, consistent_read=True)
    except Session.DoesNotExist:
        return None


def _next(family: str) -> str:
    return f"{family}.{secrets.token_urlsafe(32)}"


def _hash(secret: str) -> str:
    # Both parts are random, 192 and 256 bits, so a plain hash keeps them from whoever reads the table.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _refused() -> UnauthorizedError:
    return UnauthorizedError("bad_refresh_token", "Sign in again.")
