"""Path tokens: who may read what under `/m/{token}/…`.

    token   = base64url(payload) "." base64url(HMAC-SHA256(secret, payload))      (no padding)
    payload = "{expiry, Unix seconds}:{scope}"

A scope that ends in "/" or "_" is the prefix that the path after the token must start with:
`videos/123/0af…/`. Everything inside playlists is relative, so one token opens one video's media and nothing
else. Any other scope is the one path that the token opens. The CDN checks the same tokens at the edge
(`infra/cdn/media_token.js`); `tests/unit/media_token_vectors.json` holds both to one behaviour.
"""

import binascii
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from videosite.errors import ForbiddenError

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})", re.ASCII)
"""43 characters are the 32 bytes of the MAC."""

_PAYLOAD = re.compile(r"([0-9]{1,12}):(.+)", re.ASCII)

_PLAIN_PATH = re.compile(r"[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*[/_]?", re.ASCII)
"""Object keys made by the server: no percent sign, no backslash, never two dots or slashes in a row,
so no spelling of a path can mean another one to whoever reads it next."""


def sign(scope: str, expires_at_s: int, secret: str) -> str:
    """A token for a path, or for all that start with a `scope` that ends in "/" or "_"; good until
    `expires_at_s` (Unix seconds).

    Raises:
        ValueError: the scope is no plain key, or beginning of one.
    """
    if not _PLAIN_PATH.fullmatch(scope):
        raise ValueError(f"not a key: {scope!r}")
    payload = f"{expires_at_s}:{scope}".encode()
    return f"{_encode(payload)}.{_mac(payload, secret)}"


def verify(token: str, path: str, secret: str, now_s: float) -> None:
    """Let a request through, or raise.

    Args:
        token: the part of the address after `/m/`.
        path: what follows the token and its slash, as the client sent it (not percent-decoded).
        secret: the media secret.
        now_s: Unix seconds.

    Raises:
        ForbiddenError: `bad_media_token` or `expired_media_token`.
    """
    shape = _TOKEN.fullmatch(token)
    payload = _decode(shape[1]) if shape else None
    if not shape or payload is None or not hmac.compare_digest(shape[2], _mac(payload, secret)):
        raise _bad()
    fields = _PAYLOAD.fullmatch(payload.decode("ascii", "replace"))
    if not fields or not _opens(fields[2], path) or not _PLAIN_PATH.fullmatch(path):
        raise _bad()
    if now_s >= int(fields[1]):
        raise ForbiddenError("expired_media_token", "This media address has expired; ask for a new one.")


def _opens(scope: str, path: str) -> bool:
    return path.startswith(scope) if scope[-1] in "/_" else path == scope


def _bad() -> ForbiddenError:
    return ForbiddenError("bad_media_token", "This media address is not valid.")


def _mac(payload: bytes, secret: str) -> str:
    return _encode(hmac.digest(secret.encode(), payload, "sha256"))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    """The bytes of unpadded base64url, or None if another spelling of them exists that is the normal one."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return data if _encode(data) == text else None
