"""Closing sockets while other functions write to the same rows."""

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import ConflictError
from videosite.realtime.connections import HANDSHAKE_S, ConnectionManager
from videosite.store.tables import SocketConnection, Subscription

pytestmark = pytest.mark.usefixtures("aws")

manager = ConnectionManager()


def keys() -> set[tuple[str, str]]:
    return {(row.channel_shard, row.connection_id) for row in Subscription.scan()}


def test_a_subscription_under_way_is_not_added_to_a_socket_that_is_being_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the mark and the removal of the row, where a transaction of another worker may fall."""
    connection = open_socket("c1=")
    delete = SocketConnection.delete

    def subscribed_meanwhile(row: SocketConnection) -> object:
        with pytest.raises(ConflictError, match="not_connected"):
            manager.subscribe(connection, "video#7", NOW_S)
        return delete(row)

    monkeypatch.setattr(SocketConnection, "delete", subscribed_meanwhile)
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

    def broken(_: SocketConnection) -> None:
        raise OSError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr(SocketConnection, "delete", broken)
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
