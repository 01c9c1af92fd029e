"""The keys that sign access tokens, as their secret holds them, and how they take over from each other.

The secret is text: keys separated by white space, each `key` or `key@time`, the Unix time (ten digits) it
signs from. All of them verify. A new key gets a time by which every worker knows it, so nobody is signed out
and nothing has to be done later; the next rotation drops what signs nothing any more.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

LEAD_S = 1200
"""Before a new key signs. Workers read the keys every 900 s (`tokens.KEYS_LIFE_S`)."""
OVERLAP_S = 1200
"""After its successor began to sign, a key still verifies: tokens live 900 s."""

_TIMED = re.compile(r"(.+)@([0-9]{10})", re.ASCII)
"""A first key may hold an @ of its own: MiniStack generates secrets with punctuation."""


@dataclass(frozen=True)
class Key:
    """A key, and from when it signs (Unix seconds; 0: always)."""

    text: str
    from_s: int


def parse(secret: str) -> Mapping[str, Key]:
    """Key id → key, in the secret's order."""
    found = {}
    for item in secret.split():
        timed = _TIMED.fullmatch(item)
        key = Key(timed[1], int(timed[2])) if timed else Key(item, 0)
        found[hashlib.sha256(key.text.encode()).hexdigest()[:12]] = key
    return found


def signing(known: Mapping[str, Key], now_s: float) -> tuple[str, str]:
    """Id and text of the key that signs now: the one that began last; of equal ones the first."""
    begun = {key_id: key for key_id, key in known.items() if key.from_s <= now_s} or known
    key_id = max(begun, key=lambda name: begun[name].from_s)
    return key_id, begun[key_id].text


def rotate(secret: str, now_s: float, *, at_once: bool = False) -> str:
    """The secret with a new key, which signs from `LEAD_S` on, and without those that are done.

    `at_once`: the new one alone, for keys that were stolen. Workers take the old tokens until they read the
    keys again; everybody refreshes.
    """
    new = secrets.token_urlsafe(48)
    if at_once:
        return new
    kept = [key for key in parse(secret).values() if not _is_done(key, secret, now_s)]
    return "\n".join([*(f"{key.text}@{key.from_s:010}" for key in kept), f"{new}@{int(now_s) + LEAD_S:010}"])


def _is_done(key: Key, secret: str, now_s: float) -> bool:
    """Whether a successor has been signing for so long that no token of this key is alive."""
    return any(
        other.from_s > key.from_s and other.from_s + OVERLAP_S <= now_s for other in parse(secret).values()
    )
