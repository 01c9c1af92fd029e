"""Password hashes: Argon2id with the library's parameters (RFC 9106, second recommended option).

Argon2 is imported on first use: only the API function ships it, others import this package for tokens.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from videosite.errors import BadInputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_CHARACTERS = 8
MAX_CHARACTERS = 1024
"""Hashing time grows with length, so there is an end to it."""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters (PHC string).

    Raises:
        BadInputError: `weak_password`, too short or too long.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise BadInputError(
            "weak_password", f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters."
        )
    return _hasher().hash(_encode(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether a password fits a stored hash. None (no such account) takes as long as a wrong password."""
    from argon2.exceptions import VerificationError

    nobodys = _nobodys_hash()  # made for whoever asks first, known or not
    try:
        fits = _hasher().verify(password_hash or nobodys, _encode(password[:MAX_CHARACTERS]))
    except VerificationError:
        return False
    return fits and password_hash is not None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_bytes(16))


def _encode(password: str) -> bytes:
    # JSON may carry half a surrogate pair, which plain UTF-8 refuses.
    return password.encode("utf-8", "surrogatepass")
