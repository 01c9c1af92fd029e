"""How many sockets are open, and who is heard by how many."""

from collections import Counter

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import BadInputError
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.stats import channel_counts, socket_stats
from videosite.store.tables import Presence

pytestmark = pytest.mark.usefixtures("aws")


def test_nobody() -> None:
    assert set(socket_stats().values()) == {0}


def test_users_are_counted_once_and_admins_by_connection() -> None:
    open_socket("c1", "ada")
    open_socket("c2", "ada")
    open_socket("c3", "bob")
    open_socket("c4", "root", "admin", "admin")
    open_socket("c5", "gone")
    open_socket("c1", "ada")  # the event came twice
    for _ in range(2):
        ConnectionManager().disconnect("c5", NOW_S)
    assert socket_stats() == {
        "total_users": 2,
        "total_user_connections": 3,
        "total_admin_connections": 1,
        "total_connections": 4,
    }


def test_an_admin_on_the_user_address_is_a_user() -> None:
    open_socket("c1", "root", "user", "admin")
    open_socket("c2", "root", "admin", "admin")
    assert list(socket_stats().values()) == [1, 1, 1, 2]


def test_numbers_return_to_nothing() -> None:
    names = [(f"c{n}", user, scope) for n, (user, scope) in enumerate([("ada", "user")] * 3)]
    names += [("c8", "bob", "user"), ("c9", "root", "admin")]
    for connection_id, user, scope in names:
        open_socket(connection_id, user, scope, "admin")
    for connection_id, _, _ in names:
        ConnectionManager().disconnect(connection_id, NOW_S)
    assert set(socket_stats().values()) == {0}
    assert not list(Presence.scan(Presence.sockets.exists()))


def test_channels_are_counted_page_by_page() -> None:
    for number, user in enumerate(["ada", "ada", "bob"]):
        ConnectionManager().subscribe(open_socket(f"c{number}", user), "video#7", NOW_S)
    open_socket("c9", "root", "admin", "admin")
    expected = {"user#ada": 2, "user#bob": 1, "video#7": 3, "admin": 1}
    for limit in (1, 2, 3, 4, 100):
        found: Counter[str] = Counter()
        cursor = None
        pages = 0
        while pages == 0 or cursor:
            counts, cursor = channel_counts(limit, cursor)
            assert len(counts) <= limit
            assert not found.keys() & dict(counts).keys()
            found.update(dict(counts))
            pages += 1
        assert found == expected
        assert pages == -(-4 // limit)


@pytest.mark.parametrize("cursor", ["", "x", "7", "[1]", "null"])
def test_a_cursor_that_is_none(cursor: str) -> None:
    with pytest.raises(BadInputError, match="bad_cursor"):
        channel_counts(1, cursor)
