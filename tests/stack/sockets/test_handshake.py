"""Who gets a socket: tokens, tickets, addresses, origins."""

import time
from typing import Any

import jwt
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.functions.events import connect_event
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from videosite.settings import require
from videosite.store.secrets import get_secret
from videosite.store.tables import SocketConnection, Ticket

FORGERIES: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1},
    "without a signature": {"alg": "none", "key": ""},
    "of another key": {"key": "another-key-of-the-same-length-0123456789"},
    "of another installation": {"aud": "videosite-other"},
    "of another issuer": {"iss": "somebody"},
    "with a role of its own choice": {"role": "admin", "key": "another-key-of-the-same-length-0123456789"},
}


def forge(stack: RunningStack, token: str, **changes: Any) -> str:
    """A token that is right but for `changes`; `alg` and `key` are those of its signature."""
    with inside(stack):
        real = get_secret(require("token_secret_arn")).split()[0]
    algorithm, key = changes.pop("alg", "HS256"), changes.pop("key", real)
    claims = jwt.decode(token, options={"verify_signature": False})
    header = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode({**claims, **changes}, key, algorithm=algorithm, headers=header)


def assert_refused(site: Site, token: str, path: str = "ws") -> None:
    """MiniStack's answer is always 403; what the function said, `refusal` tells."""
    with pytest.raises(InvalidStatus) as refused, site.socket(path, token):
        pass
    assert refused.value.response.status_code == 403


def refusal(stack: RunningStack, token: str, scope: str = "user") -> int:
    """The status the deployed function answers to API Gateway's own event."""
    event = connect_event("bm9ib2R5PQ=", {"token": token, "scope": scope})
    return int(stack.invoke("ConnectFunction", event)["Payload"]["statusCode"])


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_tokens_open_nothing(stack: RunningStack, viewer: Site, name: str) -> None:
    token = forge(stack, viewer.token, **FORGERIES[name])
    for path, scope in (("ws", "user"), ("ws/admin", "admin")):
        assert_refused(viewer, token, path)
        assert refusal(stack, token, scope) == 401


def test_a_forgery_is_wrong_in_one_thing_only(stack: RunningStack, viewer: Site) -> None:
    with viewer.socket(token=forge(stack, viewer.token)) as socket:
        socket.ask("ping", "pong")


@pytest.mark.parametrize("query", ["", "?token=", "?token=nonsense", "?token=a.b.c", f"?token={'x' * 4000}"])
def test_what_is_no_token_opens_nothing(viewer: Site, query: str) -> None:
    address = f"ws{viewer.base_url.removeprefix('http')}/api/v1/ws"
    with pytest.raises(InvalidStatus) as refused:
        connect(address + query, proxy=None)
    assert refused.value.response.status_code == 403


def test_the_admin_address_is_for_admins(stack: RunningStack, admin: Site, viewer: Site) -> None:
    for token in (viewer.token, viewer.post("ws/ticket")["ticket"]):
        assert_refused(viewer, token, "ws/admin")
    assert refusal(stack, viewer.token, "admin") == 403
    with admin.socket("ws/admin", admin.post("ws/ticket")["ticket"]) as socket:
        socket.ask("ping", "pong")


def test_a_ticket_opens_one_socket(stack: RunningStack, viewer: Site) -> None:
    ticket = viewer.post("ws/ticket")["ticket"]
    with viewer.socket(token=ticket) as socket:
        socket.ask("ping", "pong")
        assert_refused(viewer, ticket)
        assert refusal(stack, ticket) == 401
    assert_refused(viewer, ticket)


def test_an_old_ticket_opens_nothing(stack: RunningStack, viewer: Site) -> None:
    ticket = viewer.post("ws/ticket")["ticket"]
    with inside(stack):
        for row in Ticket.scan():
            row.update([Ticket.expires_at_s.set(time.time() - 1)])
    assert_refused(viewer, ticket)
    assert refusal(stack, ticket) == 401


def test_a_client_cannot_choose_its_scope(stack: RunningStack, viewer: Site) -> None:
    user_id = viewer.get("users/me")["user_id"]
    with viewer.socket(token=f"{viewer.token}&scope=admin&Scope=admin&%73cope=admin") as socket:
        socket.ask("ping", "pong")
        with inside(stack):
            rows = list(SocketConnection.scan())
    # Sockets of earlier tests may still be closing, so numbers are not compared.
    assert {row.scope for row in rows if row.user_id == user_id} == {"user"}


@pytest.mark.parametrize("origin", ["{}.evil.example", "https://{}", "null", "{}/"])
def test_pages_of_other_origins_get_no_socket(viewer: Site, origin: str) -> None:
    address = f"ws{viewer.base_url.removeprefix('http')}/api/v1/ws?token={viewer.token}"
    with connect(address, origin=Origin(viewer.base_url), proxy=None):
        pass
    with pytest.raises(InvalidStatus):
        connect(address, origin=Origin(origin.format(viewer.base_url)), proxy=None)


def test_the_numbers_are_four_and_add_up(viewer: Site) -> None:
    with viewer.socket():
        stats = viewer.get("ws/stats")
    assert set(stats) == {
        "total_users", "total_user_connections", "total_admin_connections", "total_connections",
    }  # fmt: skip
    assert stats["total_connections"] == stats["total_user_connections"] + stats["total_admin_connections"]
    assert stats["total_connections"] >= 1
