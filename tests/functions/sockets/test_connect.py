"""$connect: who is let in, and what is kept of them."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.conftest import ORIGIN, TOKEN_SECRET, forget_process
from tests.functions.conftest import Gateway, handler
from tests.functions.events import connect_event
from tests.unit.realtime.factories import open_socket
from videosite.accounts.tokens import issue_access_token, verify_access_token
from videosite.realtime import presence
from videosite.realtime.connections import GRACE_S, ConnectionManager
from videosite.realtime.stats import socket_stats
from videosite.realtime.tickets import issue_ticket
from videosite.settings import get_settings
from videosite.store.tables import SocketConnection, Subscription, User

connect = handler("sockets", "connect")

pytestmark = pytest.mark.usefixtures("aws")


def token(role: str = "creator", age_s: float = 0, user_id: str = "ada") -> str:
    """An access token of a user, issued some time ago; with its account."""
    user = User(user_id, email="ada@example.org", role=role, created_at_s=0)
    user.save()
    return issue_access_token(user, time.time() - age_s)


def test_a_user_hears_their_own_channel_and_all() -> None:
    assert connect(connect_event("c1=", {"token": token(), "scope": "user"}), None) == {"statusCode": 200}
    row = SocketConnection.get("c1=")
    assert (row.user_id, row.role, row.scope) == ("ada", "creator", "user")
    names = sorted(key.rsplit("#", 1)[0] for key in row.channels)
    assert names == ["all", "user#ada"]
    assert sorted(s.channel_shard for s in Subscription.scan()) == sorted(row.channels)


def test_an_admin_hears_the_admins_and_all() -> None:
    event = connect_event("c1=", {"token": token("admin"), "scope": "admin"})
    assert connect(event, None) == {"statusCode": 200}
    assert sorted(key.rsplit("#", 1)[0] for key in SocketConnection.get("c1=").channels) == ["admin", "all"]


def test_without_a_scope_one_came_by_the_users_address() -> None:
    assert connect(connect_event("c1=", {"token": token("admin")}), None) == {"statusCode": 200}
    assert SocketConnection.get("c1=").scope == "user"


@pytest.mark.parametrize("role", ["viewer", "creator", "moderator"])
def test_the_admin_address_is_for_admins(role: str) -> None:
    event = connect_event("c1=", {"token": token(role), "scope": "admin"})
    assert connect(event, None) == {"statusCode": 403}
    assert SocketConnection.count() == 0


def forged(**changes: Any) -> str:
    """A token that is right but for `changes`; `alg` and `key` are those of the signature."""
    real = token()
    claims = jwt.decode(real, options={"verify_signature": False})
    header = jwt.get_unverified_header(real)
    algorithm, key = changes.pop("alg", "HS256"), changes.pop("key", TOKEN_SECRET)
    return jwt.encode({**claims, **changes}, key, algorithm=algorithm, headers={"kid": header["kid"]})


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none", "key": ""},
        {"key": "another-key-of-the-same-length-0123456789"},
        {"aud": "videosite-other"},
        {"iss": "somebody"},
        {"exp": 1},
    ],
    ids=str,
)
def test_forged_tokens_open_nothing(changes: dict[str, Any]) -> None:
    assert connect(connect_event("c1=", {"token": forged(**changes)}), None) == {"statusCode": 401}
    assert SocketConnection.count() == 0
    assert Subscription.count() == 0


def test_a_forged_token_is_wrong_in_one_thing_only() -> None:
    assert connect(connect_event("c1=", {"token": forged()}), None) == {"statusCode": 200}


@pytest.mark.parametrize("query", [None, {"scope": "user"}, {"token": ""}, {"token": "a.b.c"}], ids=str)
def test_no_token_no_socket(query: dict[str, str] | None) -> None:
    assert connect(connect_event("c1=", query), None) == {"statusCode": 401}


def test_an_expired_token_opens_nothing() -> None:
    assert connect(connect_event("c1=", {"token": token(age_s=901)}), None) == {"statusCode": 401}


def test_an_unknown_address_opens_nothing() -> None:
    event = connect_event("c1=", {"token": token("admin"), "scope": "root"})
    assert connect(event, None) == {"statusCode": 403}


@pytest.mark.parametrize("name", ["Origin", "origin"])
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (ORIGIN, 200),
        (f"{ORIGIN}.evil.example", 403),
        (ORIGIN.replace("https", "http"), 403),
        (f"{ORIGIN}/", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_pages_of_other_origins_are_refused(name: str, origin: str, status: int) -> None:
    event = connect_event("c1=", {"token": token()}, {name: origin})
    assert connect(event, None) == {"statusCode": status}


def test_the_event_may_come_twice() -> None:
    event = connect_event("c1=", {"token": token()})
    assert connect(event, None) == connect(event, None) == {"statusCode": 200}
    assert socket_stats()["total_connections"] == 1
    assert Subscription.count() == 2


def test_a_ticket_opens_one_socket() -> None:
    ticket = issue_ticket(verify_access_token(token()), time.time())
    events = [connect_event(name, {"token": ticket}, {"Origin": ORIGIN}) for name in ("c1=", "c2=", "c1=")]
    assert [connect(event, None)["statusCode"] for event in events] == [200, 401, 200]
    assert [row.connection_id for row in SocketConnection.scan()] == ["c1="]


def test_a_users_ticket_does_not_open_the_admins_address() -> None:
    ticket = issue_ticket(verify_access_token(token()), time.time())
    assert connect(connect_event("c1=", {"token": ticket, "scope": "admin"}), None) == {"statusCode": 403}
    ticket = issue_ticket(verify_access_token(token("admin")), time.time())
    assert connect(connect_event("c1=", {"token": ticket, "scope": "admin"}), None) == {"statusCode": 200}


def test_a_socket_ends_with_the_token() -> None:
    connect(connect_event("c1=", {"token": token(age_s=600)}), None)
    ends_at_s = SocketConnection.get("c1=").ends_at_s
    assert 290 < ends_at_s - time.time() - GRACE_S <= 300


def test_nobody_has_more_sockets_than_the_setting_says(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOSITE_MAX_SOCKETS", "2")
    get_settings.cache_clear()
    for name in ("c1=", "c2="):
        open_socket(name, at_s=time.time() - 3600)
        ConnectionManager().hear(name, time.time())
    assert connect(connect_event("c3=", {"token": token()}), None) == {"statusCode": 429}
    assert connect(connect_event("c4=", {"token": token(user_id="bob")}), None) == {"statusCode": 200}
    gateway.statuses["c1="] = 410  # vanished with the network
    assert connect(connect_event("c3=", {"token": token()}), None) == {"statusCode": 200}
    assert presence.sockets_of("user", "ada") == {"c2=", "c3="}


def test_sockets_of_a_network_that_comes_and_goes_lock_nobody_out(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API Gateway knows peers that vanished until its idle timeout. Who still talks keeps its place."""
    monkeypatch.setenv("VIDEOSITE_MAX_SOCKETS", "3")
    get_settings.cache_clear()
    now_s = time.time()
    for name, age_s in (("c1=", 300), ("c2=", 240), ("c3=", 600)):
        open_socket(name, at_s=now_s - age_s)
    assert ConnectionManager().hear("c3=", now_s)
    for name in ("c4=", "c5="):
        assert connect(connect_event(name, {"token": token()}), None) == {"statusCode": 200}
    assert presence.sockets_of("user", "ada") == {"c3=", "c4=", "c5="}
    assert gateway.closed == ["c1=", "c2="], "the one that was silent longest first"
    assert connect(connect_event("c6=", {"token": token()}), None) == {"statusCode": 429}


def test_a_fault_is_answered_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    good = token()
    monkeypatch.setenv("VIDEOSITE_TOKEN_SECRET_ARN", "")
    forget_process()
    assert connect(connect_event("c1=", {"token": good}), None) == {"statusCode": 500}


def test_chalice_works_out_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would do so at each call, for a client of its own that we do not use, and raise without a region."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert connect(connect_event("c1="), None) == {"statusCode": 401}


def test_one_line_is_logged_and_no_token_in_it(log: Callable[[], list[dict[str, Any]]]) -> None:
    good, bad = token(), forged(aud="x")
    connect(connect_event("c1=", {"token": good}), None)
    (line,) = log()
    assert (line["message"], line["user_id"], line["scope"]) == ("connected", "ada", "user")
    assert good not in str(line)
    connect(connect_event("c2=", {"token": bad}), None)
    (line,) = log()
    assert (line["message"], line["code"]) == ("refused", "bad_token")
    assert bad not in str(line)


def test_the_suspended_are_not_let_in() -> None:
    asked = connect_event("c1=", {"token": token(), "scope": "user"})
    User("ada").update([User.state.set("suspended")])
    assert connect(asked, None) == {"statusCode": 403}
    User("ada").update([User.state.set("active"), User.token_version.add(1)])
    assert connect(asked, None) == {"statusCode": 401}
    assert SocketConnection.count() == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (User.state.set("suspended"), 403),
        (User.role.set("viewer"), 403),
        (User.token_version.add(1), 401),
    ],
    ids=["suspended", "demoted", "signed out"],
)
@pytest.mark.parametrize("by_ticket", [False, True], ids=["token", "ticket"])
def test_whose_sockets_are_ended_while_one_is_being_opened(
    monkeypatch: pytest.MonkeyPatch, by_ticket: bool, change: Any, status: int
) -> None:
    """The account was good when it was read, and whoever ended its sockets did not see this one yet."""
    shown = token()
    if by_ticket:
        shown = issue_ticket(verify_access_token(shown), time.time())
    connect_really = ConnectionManager.connect

    def changed_meanwhile(*args: Any) -> None:
        User("ada").update([change])
        connect_really(*args)

    monkeypatch.setattr(ConnectionManager, "connect", changed_meanwhile)
    assert connect(connect_event("c1=", {"token": shown}), None) == {"statusCode": status}
    assert SocketConnection.count() == Subscription.count() == 0
    assert set(socket_stats().values()) == {0}


def test_the_role_counts_that_one_has_now() -> None:
    event = connect_event("c1=", {"token": token("admin"), "scope": "admin"})
    User("ada").update([User.role.set("creator")])
    assert connect(event, None) == {"statusCode": 403}
