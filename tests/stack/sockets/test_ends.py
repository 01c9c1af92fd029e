"""How sockets end: by their token, a crash or a restart of the server; and that nothing is left of them."""

import time

import pytest

from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from tests.stack.sockets.steps import say
from videosite.realtime.connections import SILENCE_S, ConnectionManager
from videosite.realtime.tickets import Bearer
from videosite.store.tables import Presence, SocketConnection, Subscription


def test_a_refreshed_socket_lives_and_an_ended_one_is_closed(stack: RunningStack, viewer: Site) -> None:
    viewer.wait_for_sockets(0)
    with viewer.socket() as socket:
        socket.ask({"action": "refresh", "token": viewer.post("ws/ticket")["ticket"]}, "refreshed")
        with inside(stack):
            (row,) = SocketConnection.scan()
            row.update([SocketConnection.ends_at_s.set(1), SocketConnection.look_at_s.set(1)])
        assert stack.sweep()["sockets"] >= 1
        assert socket.until("error")["code"] == "expired_token"
        assert socket.close_code() == 1000


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
def test_a_connection_that_breaks_off_leaves_nothing(stack: RunningStack, viewer: Site, reset: bool) -> None:
    """API Gateway tells of it by $disconnect."""
    viewer.wait_for_sockets(0)
    with viewer.socket() as socket:
        socket.ask("ping", "pong")
        viewer.wait_for_sockets(1)
        socket.drop(reset)
        viewer.wait_for_sockets(0)
    assert_nothing_left(stack)


def test_a_socket_of_whose_end_nobody_told_is_found(stack: RunningStack, viewer: Site) -> None:
    viewer.wait_for_sockets(0)
    with inside(stack):
        bearer = Bearer(viewer.get("users/me")["user_id"], "viewer", time.time() + 900)
        ConnectionManager().connect("bm9ib2R5PQ=", bearer, "user", 9, time.time() - SILENCE_S)
    viewer.wait_for_sockets(1)
    stack.sweep()
    assert set(viewer.get("ws/stats").values()) == {0}
    assert_nothing_left(stack)


def test_a_restart_of_the_server_closes_sockets_and_loses_no_message(
    stack: RunningStack, viewer: Site
) -> None:
    """Whoever comes back asks for what was said meanwhile."""
    with viewer.socket() as socket:
        position = socket.ask({"action": "resume", "positions": {"all": None}}, "resumed")["seq"]
        stack.restart_proxy(while_down=lambda: say(stack, "all", "Back soon"))
        assert socket.close_code() == 1001
    with viewer.socket() as socket:
        frame = socket.ask({"action": "resume", "positions": {"all": position}}, "resumed")
    assert frame["recovered"] is True
    assert [message["message"] for message in frame["messages"]] == ["Back soon"]


def assert_nothing_left(stack: RunningStack) -> None:
    with inside(stack):
        assert [table.count() for table in (SocketConnection, Subscription)] == [0, 0]
        assert not [row.item for row in Presence.scan() if not row.item.startswith("count#")]
