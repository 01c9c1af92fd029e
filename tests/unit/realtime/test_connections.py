"""Rows of sockets and of what they hear."""

import pytest
from pynamodb.exceptions import DoesNotExist

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import ConflictError
from videosite.realtime import channels
from videosite.realtime.connections import MAX_CHANNELS, SOCKET_LIFE_S, ConnectionManager
from videosite.store.tables import SocketConnection, Subscription

pytestmark = pytest.mark.usefixtures("aws")

MANAGER = ConnectionManager()


def heard_by(connection_id: str) -> set[str]:
    """Keys of a socket's subscriptions, which its own row must name."""
    keys = {row.channel_shard for row in Subscription.scan() if row.connection_id == connection_id}
    assert SocketConnection.get(connection_id).channels == keys
    return keys


@pytest.mark.parametrize(("scope", "own"), [("user", "user#ada#0"), ("admin", "admin#0")])
def test_what_a_socket_hears_without_asking(scope: str, own: str) -> None:
    connection = open_socket("c1=", "ada", scope, "admin")
    assert heard_by("c1=") == {own, channels.shard("all", "c1=")}
    assert connection.expires_at_s == NOW_S + SOCKET_LIFE_S >= NOW_S + 7200
    assert {row.expires_at_s for row in Subscription.scan()} == {connection.expires_at_s}


def test_a_repeated_connect_keeps_what_was_subscribed_to() -> None:
    connection = open_socket("c1=")
    MANAGER.subscribe(connection, "video#7", NOW_S)
    open_socket("c1=")
    assert "video#7#0" in heard_by("c1=")


def test_subscribing_and_unsubscribing_may_be_repeated() -> None:
    connection = open_socket("c1=")
    for _ in range(2):
        MANAGER.subscribe(connection, "video#7", NOW_S)
        assert MANAGER.listeners("video#7", NOW_S) == ["c1="]
    for _ in range(2):
        MANAGER.unsubscribe(connection, "video#7")
        assert MANAGER.listeners("video#7", NOW_S) == []
    assert len(heard_by("c1=")) == 2


def test_a_closed_socket_leaves_nothing() -> None:
    MANAGER.subscribe(open_socket("c1="), "video#7", NOW_S)
    open_socket("c2=")
    assert MANAGER.disconnect("c1=", NOW_S)
    assert not MANAGER.disconnect("c1=", NOW_S)
    assert MANAGER.load("c1=", NOW_S) is None
    assert {row.connection_id for row in Subscription.scan()} == {"c2="}


def test_a_closed_socket_cannot_subscribe() -> None:
    connection = open_socket("c1=")
    MANAGER.disconnect("c1=", NOW_S)
    with pytest.raises(ConflictError) as caught:
        MANAGER.subscribe(connection, "video#7", NOW_S)
    assert caught.value.code == "not_connected"
    MANAGER.unsubscribe(connection, "video#7")
    assert Subscription.count() == 0
    with pytest.raises(DoesNotExist):
        SocketConnection.get("c1=")


def test_expired_rows_count_for_nothing() -> None:
    """Time-to-live removes them up to days later."""
    open_socket("c1=")
    later_s = NOW_S + SOCKET_LIFE_S
    assert MANAGER.listeners("all", NOW_S) == ["c1="]
    assert MANAGER.listeners("all", later_s) == []
    assert MANAGER.load("c1=", later_s) is None


def test_there_is_an_end_to_subscriptions() -> None:
    connection = open_socket("c1=")
    connection.update([SocketConnection.channels.set({f"video#{n}#0" for n in range(MAX_CHANNELS)})])
    with pytest.raises(ConflictError) as caught:
        MANAGER.subscribe(connection, "video#999", NOW_S)
    assert caught.value.code == "too_many_subscriptions"
    assert MANAGER.listeners("video#999", NOW_S) == []
    MANAGER.subscribe(connection, "video#3", NOW_S)  # has it already
