"""Closing sockets while other functions write to the same rows."""

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import ConflictError
from videosite.realtime import presence
from videosite.realtime.connections import HANDSHAKE_S, ConnectionManager
from videosite.realtime.stats import socket_stats
from videosite.store.tables import Presence, SocketConnection, Subscription

pytestmark = pytest.mark.usefixtures("aws")

manager = ConnectionManager()


def keys() -> set[tuple[str, str]]:
    return {(row.channel_shard, row.connection_id) for row in Subscription.scan()}


def test_a_subscription_under_way_is_not_added_to_a_socket_that_is_being_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the mark and the removal of the row, where a transaction of another worker may fall."""
    connection = open_socket("c1=")
    sockets_of = presence.sockets_of

    def subscribed_meanwhile(scope: str, user_id: str) -> frozenset[str]:
        with pytest.raises(ConflictError, match="not_connected"):
            manager.subscribe(connection, "video#7", NOW_S)
        return sockets_of(scope, user_id)

    monkeypatch.setattr(presence, "sockets_of", subscribed_meanwhile)
    assert manager.disconnect("c1=", NOW_S)
    assert keys() == set()


def test_what_was_subscribed_to_just_before_closing_is_removed() -> None:
    """The rows to remove are those at the time of the mark, not those somebody read before."""
    connection = open_socket("c1=")
    manager.subscribe(connection, "video#7", NOW_S)
    manager.subscribe(connection, "video#8", NOW_S)
    assert manager.disconnect("c1=", NOW_S)
    assert keys() == set()


def test_a_removal_that_was_cut_short_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    open_socket("c1=")

    def broken(*_: object) -> frozenset[str]:
        raise OSError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr(presence, "sockets_of", broken)
        with pytest.raises(OSError, match="cut short"):
            manager.disconnect("c1=", NOW_S)
    assert manager.load("c1=", NOW_S) is None
    assert manager.disconnect("c1=", NOW_S)
    assert SocketConnection.count() == 0


def test_gone_is_believed_once_the_handshake_is_over() -> None:
    open_socket("c1=")
    assert not manager.forget_gone("c1=", "user#ada", NOW_S + HANDSHAKE_S - 1)
    assert SocketConnection.count() == 1
    assert manager.forget_gone("c1=", "user#ada", NOW_S + HANDSHAKE_S)
    assert SocketConnection.count() == 0
    assert keys() == set()


def test_two_sockets_of_a_user_may_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was last when one began to go is not last any more when it ends, and the other way round."""
    open_socket("c1=")
    open_socket("c2=")
    sockets_of = presence.sockets_of
    others = ["c2="]

    def gone_meanwhile(scope: str, user_id: str) -> frozenset[str]:
        there = sockets_of(scope, user_id)
        if others:
            manager.disconnect(others.pop(), NOW_S)
        return there

    monkeypatch.setattr(presence, "sockets_of", gone_meanwhile)
    assert manager.disconnect("c1=", NOW_S)
    assert set(socket_stats().values()) == {0}
    assert not list(Presence.scan(Presence.sockets.exists()))


def test_a_socket_may_come_while_the_last_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    open_socket("c1=")
    sockets_of = presence.sockets_of
    coming = ["c2="]

    def came_meanwhile(scope: str, user_id: str) -> frozenset[str]:
        there = sockets_of(scope, user_id)
        if coming:
            open_socket(coming.pop())
        return there

    monkeypatch.setattr(presence, "sockets_of", came_meanwhile)
    assert manager.disconnect("c1=", NOW_S)
    assert (socket_stats()["total_users"], socket_stats()["total_connections"]) == (1, 1)
    assert sockets_of("user", "ada") == {"c2="}
