"""Keys that are sent by mail and work once: to confirm an address, to set a new password."""

import hashlib
import secrets

from videosite.errors import BadInputError
from videosite.store.tables import Link, User

VERIFY, RESET = "verify", "reset"
LIVES_S = {VERIFY: 24 * 3600, RESET: 3600}


def make(purpose: str, user: User, now_s: float, password_hash: str | None = None) -> str:
    """A key for a user; it is nowhere stored itself. `password_hash`: what confirming an address sets."""
    key = secrets.token_urlsafe(32)
    Link(
        _link_id(key),
        purpose=purpose,
        user_id=user.user_id,
        token_version=user.token_version,
        password_hash=password_hash,
        expires_at_s=now_s + LIVES_S[purpose],
    ).save()
    return key


def find(purpose: str, key: str, now_s: float) -> Link:
    """What a key is for. Delete it in the transaction that does it.

    Raises:
        BadInputError: `bad_link`: unknown, used, expired, or for something else.
    """
    try:
        link = Link.get(_link_id(key), consistent_read=True)
    except Link.DoesNotExist:
        raise bad_link() from None
    # Time-to-live deletes late.
    if link.purpose != purpose or link.expires_at_s <= now_s:
        raise bad_link()
    return link


def bad_link() -> BadInputError:
    """What somebody hears whose key opens nothing (any more)."""
    return BadInputError("bad_link", "This link is unknown, used or too old; ask for a new one.")


def _link_id(key: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
