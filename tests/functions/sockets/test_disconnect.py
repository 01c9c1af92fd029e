"""$disconnect: nothing is left of a socket."""

import pytest

from tests.functions.conftest import handler
from tests.functions.events import disconnect_event, message_event
from tests.unit.realtime.factories import open_socket
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


def test_a_client_that_names_the_route_stays_connected() -> None:
    open_socket("c1=")
    event = message_event("c1=", '{"action":"$disconnect"}')
    event["requestContext"]["routeKey"] = "$disconnect"
    assert disconnect(event, None) == {"statusCode": 200}
    assert SocketConnection.count() == 1


def test_a_fault_is_answered_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise OSError("no table")

    monkeypatch.setattr(ConnectionManager, "disconnect", broken)
    assert disconnect(disconnect_event("c1="), None) == {"statusCode": 200}
