"""$disconnect: nothing is left of a socket."""

import time

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import disconnect_event, message_event
from tests.unit.realtime.factories import open_socket
from videosite.realtime import endpoint
from videosite.realtime.connections import ConnectionManager
from videosite.store.tables import SocketConnection, Subscription

disconnect = handler("sockets", "disconnect")

pytestmark = pytest.mark.usefixtures("aws")


def test_nothing_is_left() -> None:
    connection = open_socket("c1=")
    ConnectionManager().subscribe(connection, "video#7", connection.connected_at_s)
    open_socket("c2=", user_id="bob")
    assert disconnect(disconnect_event("c1="), None) == {"statusCode": 200}
    assert [row.connection_id for row in SocketConnection.scan()] == ["c2="]
    assert {row.connection_id for row in Subscription.scan()} == {"c2="}


def test_it_may_come_twice_or_for_a_socket_nobody_knows() -> None:
    open_socket("c1=")
    for _ in range(2):
        assert disconnect(disconnect_event("c1=", 1006), None) == {"statusCode": 200}
    assert SocketConnection.count() == 0


@pytest.mark.parametrize("name", ["connect", "disconnect"])
def test_a_message_that_names_a_route_counts_as_one(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """API Gateway runs the route's function for it, and nothing else counts what a socket says."""
    monkeypatch.setattr(endpoint, "CLOSE_FROM", 3)
    open_socket("c1=", at_s=time.time())
    event = message_event("c1=", f'{{"action":"${name}"}}')
    event["requestContext"]["routeKey"] = f"${name}"
    for _ in range(2):
        assert handler("sockets", name)(event, None) == {"statusCode": 200}
    assert SocketConnection.get("c1=").said > 0
    assert gateway.closed == []
    for _ in range(3):
        handler("sockets", name)(event, None)
    assert "c1=" in gateway.closed
    assert gateway.frames == []
    assert SocketConnection.count() == 1, "$disconnect follows"


def test_a_flood_of_a_forgotten_socket_is_ended(gateway: Gateway) -> None:
    disconnect(message_event("c1=", '{"action":"$disconnect"}'), None)
    assert gateway.closed == ["c1="]


def test_a_fault_is_answered_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise OSError("no table")

    monkeypatch.setattr(ConnectionManager, "disconnect", broken)
    assert disconnect(disconnect_event("c1="), None) == {"statusCode": 200}
