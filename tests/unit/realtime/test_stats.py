"""How many sockets are open."""

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.realtime.connections import SOCKET_LIFE_S, ConnectionManager
from videosite.realtime.stats import socket_stats

pytestmark = pytest.mark.usefixtures("aws")


def test_nobody() -> None:
    assert set(socket_stats().values()) == {0}


def test_users_are_counted_once_and_admins_by_connection() -> None:
    open_socket("c1", "ada")
    open_socket("c2", "ada")
    open_socket("c3", "bob")
    open_socket("c4", "root", "admin", "admin")
    open_socket("c5", "gone")
    open_socket("c6", "expired", at_s=NOW_S - SOCKET_LIFE_S)
    ConnectionManager().disconnect("c5", NOW_S)
    assert socket_stats(NOW_S) == {
        "total_users": 2,
        "total_user_connections": 3,
        "total_admin_connections": 1,
        "total_connections": 4,
    }
