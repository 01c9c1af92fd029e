"""Access tokens: JWTs that open the API and the sockets for a quarter of an hour."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import jwt

from videosite.errors import UnauthorizedError
from videosite.settings import get_settings, require
from videosite.store.secrets import get_secret
from videosite.store.tables import User

ACCESS_TOKEN_LIFE_S = 900
ISSUER = "videosite"
ALGORITHM = "HS256"
"""The only one there is: a token's own `alg` is never believed."""
_REQUIRED = ("iss", "aud", "sub", "role", "email", "iat", "exp")


@dataclass(frozen=True)
class Claims:
    """What a valid token says about its bearer."""

    user_id: str
    role: str
    email: str
    expires_at_s: float


def issue_access_token(user: User, now_s: float | None = None) -> str:
    """A token for a user, valid for `ACCESS_TOKEN_LIFE_S` from now."""
    now_s = time.time() if now_s is None else now_s
    key_id, key = next(iter(_keys().items()))
    claims = {
        "iss": ISSUER,
        "aud": _audience(),
        "sub": user.user_id,
        "role": user.role,
        "email": user.email,
        "iat": int(now_s),
        "exp": int(now_s) + ACCESS_TOKEN_LIFE_S,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})


def verify_access_token(token: str, now_s: float | None = None) -> Claims:
    """The claims of a token of this installation.

    Raises:
        UnauthorizedError: `expired_token`, or `bad_token` for everything else that is wrong with it.
    """
    claims = _verified(token)
    if claims["exp"] <= (time.time() if now_s is None else now_s):
        raise UnauthorizedError("expired_token", "The access token has expired.")
    return Claims(claims["sub"], claims["role"], claims["email"], float(claims["exp"]))


def _verified(token: str) -> dict[str, Any]:
    try:
        key = _keys()[jwt.get_unverified_header(token)["kid"]]
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


def _keys() -> dict[str, str]:
    """Key id → key, the signing one first.

    The secret holds one key, or several separated by white space: the first signs, all of them verify.
    To change keys without signing anybody out, append the new one, wait until every worker has read it,
    then put it first, then drop the old one.
    """
    keys = get_secret(require("token_secret_arn")).split()
    return {hashlib.sha256(key.encode()).hexdigest()[:12]: key for key in keys}
