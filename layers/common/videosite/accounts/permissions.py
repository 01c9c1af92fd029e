"""Who may do what: data, so that adding a permission is adding a line."""

from collections.abc import Mapping

from videosite.errors import ForbiddenError

_CREATOR = frozenset({"videos.create", "webhooks.manage"})
_MODERATOR = _CREATOR | {"videos.read_any"}
_ADMIN = _MODERATOR | {
    "videos.manage_any",
    "users.create",
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
"""Role → what it may do. Each role may do what the one before it may."""

ROLES = tuple(PERMISSIONS)


def has_permission(role: str, permission: str) -> bool:
    """Whether a role has a permission; a role that is not in the table has none."""
    return permission in PERMISSIONS.get(role, frozenset())


def require_permission(role: str, permission: str) -> None:
    """Nothing, if the role has the permission.

    Raises:
        ForbiddenError: `forbidden`.
    """
    if not has_permission(role, permission):
        raise ForbiddenError("forbidden", f"This needs the permission {permission}.")
