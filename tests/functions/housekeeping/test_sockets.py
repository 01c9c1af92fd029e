"""Sockets that ended or vanished without a word are closed and forgotten, within minutes."""

import threading

import pytest

from tests.functions.conftest import Gateway
from tests.unit.realtime.factories import NOW_S, connect, open_socket
from videosite.housekeeping import sockets as housekeeping
from videosite.housekeeping.sockets import tidy
from videosite.housekeeping.sweep import STEPS
from videosite.realtime import presence
from videosite.realtime.connections import GRACE_S, SILENCE_S, ConnectionManager
from videosite.realtime.liveness import look_after, make_room
from videosite.realtime.stats import socket_stats
from videosite.realtime.tickets import Bearer
from videosite.store.tables import SocketConnection, Subscription

MANAGER = ConnectionManager()


def open_sockets() -> int:
    count = socket_stats()["total_connections"]
    assert SocketConnection.count() == count
    assert len({row.connection_id for row in Subscription.scan()}) == count
    return count


def test_a_socket_that_vanished_is_forgotten_after_a_silence(gateway: Gateway) -> None:
    for number in range(5):
        open_socket(f"c{number}=")
    gateway.statuses["c3="] = 410
    assert tidy(NOW_S + SILENCE_S - 1) == 0
    assert open_sockets() == 5
    assert tidy(NOW_S + SILENCE_S) == 1
    assert open_sockets() == 4
    assert gateway.frames == []  # nobody noticed


def test_one_that_talks_is_not_asked_for(gateway: Gateway) -> None:
    open_socket("c1=")
    MANAGER.hear("c1=", NOW_S + 100)
    gateway.statuses["c1="] = 410
    assert tidy(NOW_S + SILENCE_S) == 0
    assert tidy(NOW_S + 100 + SILENCE_S) == 1


def test_an_index_that_lags_costs_no_socket(gateway: Gateway) -> None:
    """It may still name a socket that has talked since; the row is believed."""
    open_socket("c1=")
    gateway.statuses["c1="] = 410
    MANAGER.hear("c1=", NOW_S + 100)
    assert not look_after("c1=", NOW_S + SILENCE_S)
    assert open_sockets() == 1


def test_a_silent_one_that_is_there_stays_and_is_asked_for_again(gateway: Gateway) -> None:
    open_socket("c1=")
    for _ in range(2):
        assert tidy(NOW_S + SILENCE_S) == 0
    gateway.statuses["c1="] = 410
    assert tidy(NOW_S + 2 * SILENCE_S - 1) == 0
    assert tidy(NOW_S + 2 * SILENCE_S) == 1


@pytest.mark.parametrize("status", [403, 429, 500])
def test_what_cannot_be_told_is_not_believed(gateway: Gateway, status: int) -> None:
    open_socket("c1=")
    gateway.statuses["c1="] = status
    assert tidy(NOW_S + SILENCE_S) == 0
    assert open_sockets() == 1


def test_many_are_asked_for_at_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, sockets whose answers take seconds would outlast the round."""
    together = threading.Barrier(4, timeout=10)
    # All in one shard.
    monkeypatch.setattr("videosite.realtime.connections.WATCH_SHARDS", 1)
    for number in range(4):
        open_socket(f"c{number}=")

    def wait_for_the_others(ConnectionId: str) -> None:  # noqa: N803
        together.wait()

    monkeypatch.setattr(gateway, "get_connection", wait_for_the_others)
    assert tidy(NOW_S + SILENCE_S) == 0
    assert not together.broken
    assert all(row.look_at_s > NOW_S + SILENCE_S for row in SocketConnection.scan())


def test_a_round_ends_in_time_and_the_next_goes_on(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        open_socket(f"c{number}=")
        gateway.statuses[f"c{number}="] = 410
    with monkeypatch.context() as hurried:
        hurried.setattr(housekeeping, "BUDGET_S", 0.0)
        assert tidy(NOW_S + SILENCE_S) == 0
    assert open_sockets() == 5
    assert tidy(NOW_S + SILENCE_S) == 5


def test_numbers_that_are_too_high_come_down_within_a_day(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day without housekeeping time-to-live takes connections, and their places stay."""
    monkeypatch.setattr(presence, "PAGE", 2)
    for number, (user, scope) in enumerate([("a", "user"), ("a", "user"), ("b#c", "user"), ("d", "admin")]):
        open_socket(f"c{number}=", user, scope)
    for name in ("c1=", "c2=", "c3="):
        SocketConnection(name).delete()
    counted = [housekeeping.recount(NOW_S) for _ in range(40)]
    assert sum(counted) == 3
    assert socket_stats() == {
        "total_users": 1,
        "total_user_connections": 1,
        "total_admin_connections": 0,
        "total_connections": 1,
    }
    assert presence.sockets_of("user", "a") == {"c0="}
    assert not presence.sockets_of("user", "b#c")


def test_sockets_stand_in_no_other_steps_way() -> None:
    assert list(STEPS)[-1] == "sockets"


def test_a_socket_whose_token_ended_is_told_and_closed(gateway: Gateway) -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S + 60), "user", 9, NOW_S)
    assert tidy(NOW_S + 60 + GRACE_S - 1) == 0
    assert tidy(NOW_S + SILENCE_S + 60) == 1
    assert gateway.closed == ["c1="]
    assert [frame["code"] for frame in gateway.to("c1=")] == ["expired_token"]
    assert open_sockets() == 0


def test_a_socket_that_could_not_be_closed_is_gone_all_the_same(gateway: Gateway) -> None:
    connect("c1=", Bearer("ada", "creator", NOW_S), "user", 9, NOW_S)
    gateway.statuses["c1="] = 410
    assert tidy(NOW_S + SILENCE_S) == 1
    assert open_sockets() == 0


def test_a_removal_that_was_cut_short_is_repeated(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    open_socket("c1=")
    with monkeypatch.context() as patch:
        patch.setattr(presence, "sockets_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            MANAGER.disconnect("c1=", NOW_S)
    assert tidy(NOW_S + SILENCE_S) == 1
    assert open_sockets() == 0


def test_only_what_is_gone_makes_room(gateway: Gateway) -> None:
    for number in range(3):
        open_socket(f"c{number}=")
    open_socket("c4=", at_s=NOW_S + 60)  # its handshake may not be over
    gateway.statuses |= {"c1=": 410, "c2=": 429, "c4=": 410}
    assert make_room("user", "ada", NOW_S + 60)
    assert not make_room("user", "ada", NOW_S + 60)
    assert presence.sockets_of("user", "ada") == {"c0=", "c2=", "c4="}


def test_what_has_no_row_any_more_makes_room(gateway: Gateway) -> None:
    open_socket("c1=")
    open_socket("c2=")
    SocketConnection("c1=").delete()
    assert make_room("user", "ada", NOW_S + 60)
    assert presence.sockets_of("user", "ada") == {"c2="}
    assert socket_stats()["total_connections"] == 1
