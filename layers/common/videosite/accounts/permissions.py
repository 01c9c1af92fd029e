"""Who may do what: data, so that adding a permission is adding a line.

Four roles are always there. Admins make others (`accounts/roles.py`), which a worker knows within
`CACHE_S` of a change.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from videosite.errors import ForbiddenError
from videosite.store.tables import Role

_CREATOR = frozenset({"videos.create", "webhooks.manage"})
_MODERATOR = _CREATOR | {"videos.read_any"}
_ADMIN = _MODERATOR | {
    "videos.manage_any",
    "users.create",
    "users.read",
    "users.manage",
    "roles.manage",
    "audit.read",
    "sockets.admin",
    "messages.announce",
    "webhooks.manage_global",
    "queues.manage",
    "statistics.read",
}

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "creator": _CREATOR,
    "moderator": _MODERATOR,
    "admin": _ADMIN,
}
"""Role → what it may do. Each role may do what the one before it may; the last may do everything."""

ROLES = tuple(PERMISSIONS)
"""Those that are always there."""
ADMIN = ROLES[-1]
ALL_PERMISSIONS = PERMISSIONS[ADMIN]

CACHE_S = 60.0


@dataclass
class _Custom:
    """What a worker knows of the roles that admins made."""

    permissions: Mapping[str, frozenset[str]]
    read_at_s: float


_custom = _Custom({}, float("-inf"))


def permissions_of(role: str, now_s: float | None = None) -> frozenset[str]:
    """What a role may do; one that does not exist may do nothing."""
    built_in = PERMISSIONS.get(role)
    return custom_roles(now_s).get(role, frozenset()) if built_in is None else built_in


def has_permission(role: str, permission: str, now_s: float | None = None) -> bool:
    """Whether a role has a permission."""
    return permission in permissions_of(role, now_s)


def has_permission_now(role: str, permission: str) -> bool:
    """The same by the roles as they are at this moment: for what is decided once, and lasts."""
    if role not in PERMISSIONS:
        forget()
    return has_permission(role, permission)


def require_permission(role: str, permission: str, now_s: float | None = None) -> None:
    """Nothing, if the role has the permission.

    Raises:
        ForbiddenError: `forbidden`.
    """
    if not has_permission(role, permission, now_s):
        raise ForbiddenError("forbidden", f"This needs the permission {permission}.")


def custom_roles(now_s: float | None = None) -> Mapping[str, frozenset[str]]:
    """The roles that admins made, as they were at most `CACHE_S` ago."""
    now_s = time.time() if now_s is None else now_s
    if not 0 <= now_s - _custom.read_at_s < CACHE_S:
        # A permission that is no more, of an older version, gives nothing.
        rows = Role.scan(consistent_read=True)
        _custom.permissions = {row.role: frozenset(row.permissions or ()) & ALL_PERMISSIONS for row in rows}
        _custom.read_at_s = now_s
    return _custom.permissions


def forget() -> None:
    """Read the roles anew on next use, since they were changed."""
    _custom.read_at_s = float("-inf")
