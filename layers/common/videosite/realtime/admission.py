"""Whether a socket may be opened: its origin, its token, its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from videosite.accounts.permissions import has_permission
from videosite.accounts.tokens import verify_access_token
from videosite.errors import ForbiddenError, UnauthorizedError
from videosite.realtime.channels import SCOPES
from videosite.realtime.connections import ConnectionManager
from videosite.settings import get_settings


@dataclass(frozen=True)
class Admitted:
    """Who was let in, and by which address."""

    user_id: str
    scope: str


def admit(event: Mapping[str, Any], now_s: float) -> Admitted:
    """Check a $connect event and store its connection.

    The scope is set by the CDN or the proxy. Who goes round them may say what they like: `admin` needs
    an admin's token all the same.

    Raises:
        UnauthorizedError: `no_token`, `bad_token`, `expired_token`.
        ForbiddenError: `bad_origin`, `bad_scope`, `forbidden`.
        RetryableError: `table_busy`.
    """
    _check_origin(event.get("headers") or {})
    query = event.get("queryStringParameters") or {}
    scope = query.get("scope", "user")
    if scope not in SCOPES:
        raise ForbiddenError("bad_scope", "There is no such address.")
    if not query.get("token"):
        raise UnauthorizedError("no_token", "Connect with ?token=.")
    claims = verify_access_token(query["token"], now_s)
    if scope == "admin" and not has_permission(claims.role, "sockets.admin"):
        raise ForbiddenError("forbidden", "This address is for admins.")
    connection_id = event["requestContext"]["connectionId"]
    ConnectionManager().connect(connection_id, claims.user_id, claims.role, scope, now_s)
    return Admitted(claims.user_id, scope)


def _check_origin(headers: Mapping[str, str]) -> None:
    """Browsers always send one, and it must be ours. Programs need none: their token is explicit."""
    origin = next((value for name, value in headers.items() if name.lower() == "origin"), None)
    if origin is not None and origin not in get_settings().allowed_origins:
        raise ForbiddenError("bad_origin", "Sockets are not for pages of this origin.")
