"""How many sockets are open."""

import time

from videosite.store.tables import SocketConnection


def socket_stats(now_s: float | None = None) -> dict[str, int]:
    """Distinct users on the user address, and connections by address. Reads the whole table."""
    now_s = time.time() if now_s is None else now_s
    users: set[str] = set()
    count = {"user": 0, "admin": 0}
    for connection in SocketConnection.scan(
        SocketConnection.expires_at_s > now_s,
        attributes_to_get=["connection_id", "user_id", "scope"],
        consistent_read=True,
    ):
        count[connection.scope] += 1
        if connection.scope == "user":
            users.add(connection.user_id)
    return {
        "total_users": len(users),
        "total_user_connections": count["user"],
        "total_admin_connections": count["admin"],
        "total_connections": count["user"] + count["admin"],
    }
