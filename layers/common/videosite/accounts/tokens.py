"""Access tokens: JWTs that open the API and the sockets for a quarter of an hour."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from videosite.accounts import keys
from videosite.errors import UnauthorizedError
from videosite.settings import get_settings, require
from videosite.store.secrets import read_secret
from videosite.store.tables import User

ACCESS_TOKEN_LIFE_S = 900
ISSUER = "videosite"
ALGORITHM = "HS256"
"""The only one there is: a token's own `alg` is never believed."""
_REQUIRED = ("iss", "aud", "sub", "role", "email", "iat", "exp")

NEVER_S = float("-inf")

KEYS_LIFE_S = 900.0
"""A worker knows of a key that was added within so long; `keys.rotate` counts on it."""
KEYS_PAUSE_S = 60.0
"""Tokens that name unknown keys make a worker look for new ones no more often."""


@dataclass(frozen=True)
class Claims:
    """What a valid token says about its bearer."""

    user_id: str
    role: str
    email: str
    expires_at_s: float
    token_version: int = 0
    session_id: str | None = None


@dataclass
class _Known:
    """The keys as a worker read them last."""

    keys: Mapping[str, keys.Key]
    read_at_s: float


_known = _Known({}, NEVER_S)


def issue_access_token(user: User, now_s: float | None = None, session_id: str | None = None) -> str:
    """A token for a user, valid for `ACCESS_TOKEN_LIFE_S` from now. `session_id`: what it belongs to."""
    now_s = time.time() if now_s is None else now_s
    key_id, key = keys.signing(_keys(now_s, KEYS_LIFE_S), now_s)
    claims = {
        "iss": ISSUER,
        "aud": _audience(),
        "sub": user.user_id,
        "role": user.role,
        "email": user.email,
        "iat": int(now_s),
        "exp": int(now_s) + ACCESS_TOKEN_LIFE_S,
        "ver": user.token_version,
        "sid": session_id,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})


def verify_access_token(token: str, now_s: float | None = None) -> Claims:
    """The claims of a token of this installation. What became of the account since, `standing.check` says.

    Raises:
        UnauthorizedError: `expired_token`, or `bad_token` for everything else that is wrong with it.
    """
    now_s = time.time() if now_s is None else now_s
    claims = _verified(token, now_s)
    if claims["exp"] <= now_s:
        raise UnauthorizedError("expired_token", "The access token has expired.")
    return Claims(
        claims["sub"],
        claims["role"],
        claims["email"],
        float(claims["exp"]),
        claims.get("ver", 0),
        claims.get("sid"),
    )


def _verified(token: str, now_s: float) -> dict[str, Any]:
    try:
        key = _key(jwt.get_unverified_header(token)["kid"], now_s)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=_audience(),
            issuer=ISSUER,
            # Times are checked against the caller's clock.
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise UnauthorizedError("bad_token", "The access token is not valid here.") from None
    if not isinstance(claims["exp"], int):
        raise UnauthorizedError("bad_token", "The access token is not valid here.")
    return claims


def _audience() -> str:
    return f"videosite-{get_settings().stage}"


def _key(key_id: str, now_s: float) -> str:
    """The key of a name. One that is not known may have been added since they were read."""
    known = _keys(now_s, KEYS_LIFE_S)
    if key_id not in known:
        known = _keys(now_s, KEYS_PAUSE_S)
    return known[key_id].text


def _keys(now_s: float, most_s: float) -> Mapping[str, keys.Key]:
    """Key id → key, read at most so long ago."""
    if not 0 <= now_s - _known.read_at_s < most_s:
        _known.keys = keys.parse(read_secret(require("token_secret_arn")))
        _known.read_at_s = now_s
    return _known.keys


def forget_keys() -> None:
    """Read the keys anew on next use."""
    _known.read_at_s = NEVER_S
