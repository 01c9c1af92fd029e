"""Whether a socket may be opened: its origin, its token, its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from videosite.errors import ForbiddenError, TooManyError, UnauthorizedError
from videosite.realtime.channels import SCOPES, may_use
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.liveness import make_room
from videosite.realtime.tickets import identify
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
        UnauthorizedError: `no_token`, `bad_token`, `expired_token`, `bad_ticket`, `session_ended`.
        ForbiddenError: `bad_origin`, `bad_scope`, `forbidden`, `account_suspended`.
        TooManyError: `too_many_sockets`.
        RetryableError: `table_busy`.
    """
    _check_origin(event.get("headers") or {})
    query = event.get("queryStringParameters") or {}
    scope = query.get("scope", "user")
    if scope not in SCOPES:
        raise ForbiddenError("bad_scope", "There is no such address.")
    if not query.get("token"):
        raise UnauthorizedError("no_token", "Connect with ?token=.")
    connection_id = event["requestContext"]["connectionId"]
    bearer = identify(query["token"], connection_id, now_s)
    if not may_use(scope, bearer.role):
        raise ForbiddenError("forbidden", "This address is for admins.")
    manager = ConnectionManager()
    limit = get_settings().max_sockets
    try:
        manager.connect(connection_id, bearer, scope, limit, now_s)
    except TooManyError:
        if not make_room(scope, bearer.user_id, now_s):
            raise
        manager.connect(connection_id, bearer, scope, limit, now_s)
    return Admitted(bearer.user_id, scope)


def _check_origin(headers: Mapping[str, str]) -> None:
    """Browsers always send one, and it must be ours. Programs need none: their token is explicit."""
    origin = next((value for name, value in headers.items() if name.lower() == "origin"), None)
    if origin is not None and origin not in get_settings().allowed_origins:
        raise ForbiddenError("bad_origin", "Sockets are not for pages of this origin.")
