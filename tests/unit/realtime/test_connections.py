"""Rows of sockets and of what they hear."""

import pytest
from pynamodb.exceptions import DoesNotExist

from tests.unit.realtime.factories import NOW_S, connect, open_socket
from videosite.errors import ConflictError, TooManyError
from videosite.realtime import channels, presence
from videosite.realtime.connections import (
    GRACE_S,
    MAX_CHANNELS,
    SILENCE_S,
    SOCKET_LIFE_S,
    ConnectionManager,
)
from videosite.realtime.tickets import Bearer
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
    assert connection.ends_at_s == NOW_S + SOCKET_LIFE_S >= NOW_S + 7200
    assert {row.expires_at_s for row in Subscription.scan()} == {connection.ends_at_s}


def test_a_socket_lives_as_long_as_its_token_and_a_grace() -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S + 900), "user", 9, NOW_S)
    end_s = NOW_S + 900 + GRACE_S
    for now_s, there in ((end_s - 1, True), (end_s, False)):
        assert (MANAGER.load("c1=", now_s) is not None) is there
        assert (MANAGER.hear("c1=", now_s) is not None) is there
        assert MANAGER.listeners("user#ada", now_s) == (["c1="] if there else [])


def test_a_newer_token_lengthens_it_with_all_it_hears() -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S + 900), "user", 9, NOW_S)
    connection = MANAGER.load("c1=", NOW_S)
    assert connection is not None
    MANAGER.subscribe(connection, "video#7", NOW_S)
    for _ in range(2):
        end_s = MANAGER.refresh(connection, Bearer("ada", "creator", NOW_S + 1800), NOW_S + 800)
        assert end_s == NOW_S + 1800 + GRACE_S
    row = MANAGER.load("c1=", end_s - 1)
    assert row is not None
    for channel in ("user#ada", "all", "video#7"):
        assert MANAGER.listeners(channel, end_s - 1) == ["c1="]
        assert MANAGER.listeners(channel, end_s) == []


def test_no_token_makes_it_outlive_api_gateways_limit() -> None:
    connection = open_socket("c1=")
    far = Bearer("ada", "creator", NOW_S + 9e6)
    assert MANAGER.refresh(connection, far, NOW_S + 60) == NOW_S + SOCKET_LIFE_S


def test_a_subscription_that_meets_a_refresh_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S + 900), "user", 9, NOW_S)
    old = MANAGER.load("c1=", NOW_S)
    assert old is not None
    new_s = MANAGER.refresh(old, Bearer("ada", "creator", NOW_S + 1800), NOW_S)
    MANAGER.subscribe(old, "video#7", NOW_S)
    assert MANAGER.listeners("video#7", new_s - 1) == ["c1="]


def test_a_refresh_that_meets_a_subscription_takes_it_along() -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S + 900), "user", 9, NOW_S)
    old = MANAGER.load("c1=", NOW_S)
    assert old is not None
    MANAGER.subscribe(old, "video#7", NOW_S)
    new_s = MANAGER.refresh(old, Bearer("ada", "creator", NOW_S + 1800), NOW_S)
    assert MANAGER.listeners("video#7", new_s - 1) == ["c1="]


def test_a_closed_socket_cannot_be_refreshed() -> None:
    connection = open_socket("c1=")
    MANAGER.disconnect("c1=", NOW_S)
    with pytest.raises(ConflictError, match="not_connected"):
        MANAGER.refresh(connection, Bearer("ada", "creator", NOW_S + 900), NOW_S)
    assert SocketConnection.count() == Subscription.count() == 0


def test_messages_are_counted_by_the_minute() -> None:
    open_socket("c1=")
    said = [MANAGER.hear("c1=", NOW_S + after_s) for after_s in (0, 1, 59, 60, 61, 600)]
    assert [row and row.said for row in said] == [1, 2, 3, 1, 2, 1]


def test_talking_puts_off_the_look() -> None:
    open_socket("c1=")
    MANAGER.hear("c1=", NOW_S + 100)
    assert SocketConnection.get("c1=").look_at_s == NOW_S + 100 + SILENCE_S


def test_a_user_has_so_many_sockets_by_one_address() -> None:
    bearer = Bearer("ada", "admin", NOW_S + 900)
    for connection_id in ("c1", "c2", "c1"):
        connect(connection_id, bearer, "user", 2, NOW_S)
    with pytest.raises(TooManyError, match="too_many_sockets"):
        connect("c3", bearer, "user", 2, NOW_S)
    connect("c3", bearer, "admin", 2, NOW_S)
    connect("c4", Bearer("bob", "admin", NOW_S + 900), "user", 2, NOW_S)
    MANAGER.disconnect("c1", NOW_S)
    connect("c5", bearer, "user", 2, NOW_S)


def test_the_limit_holds_for_two_that_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = Bearer("ada", "creator", NOW_S + 900)
    connect("c1", bearer, "user", 2, NOW_S)
    sockets_of = presence.sockets_of
    coming = ["c2"]

    def came_meanwhile(scope: str, user_id: str) -> frozenset[str]:
        there = sockets_of(scope, user_id)
        if coming:
            connect(coming.pop(), bearer, "user", 2, NOW_S)
        return there

    monkeypatch.setattr(presence, "sockets_of", came_meanwhile)
    with pytest.raises(TooManyError):
        connect("c3", bearer, "user", 2, NOW_S)
    assert sockets_of("user", "ada") == {"c1", "c2"}


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
