"""Accounts on the running stack: mails through SES, limits, sockets of the suspended."""

import time
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from cli.mails import read
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import PASSWORD, Site
from videosite.realtime import presence
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.tickets import Bearer

EVE = "eve@example.org"
PATIENCE_S = 30


@pytest.fixture
def http(stack: RunningStack) -> Iterator[httpx.Client]:
    """Somebody who is not signed in."""
    with httpx.Client(base_url=f"{stack.api}/", timeout=30) as client:
        yield client


def token_of_mail(stack: RunningStack, count: int) -> str:
    """What the link of Eve's newest mail holds, once there are so many."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        mails = [mail for mail in read(stack.record.aws) if mail["to"] == [EVE]]
        if len(mails) >= count:
            assert stack.url in mails[-1]["text"]
            return str(mails[-1]["text"]).partition("#token=")[2].split()[0]
        assert time.monotonic() < deadline_s, f"{len(mails)} mails of {count}"
        time.sleep(0.1)


def test_registering_and_a_new_password_by_mail(stack: RunningStack, http: httpx.Client) -> None:
    eve = {"email": EVE, "password": PASSWORD}
    assert http.post("auth/register", json=eve).status_code == 202
    token = token_of_mail(stack, 1)
    assert http.post("auth/login", json=eve).json()["code"] == "email_not_verified"
    assert http.post("auth/verify-email", json={"token": token}).status_code == 204
    assert http.post("auth/login", json=eve).status_code == 200
    assert http.post("auth/forgot-password", json={"email": EVE}).status_code == 202
    new = {"token": token_of_mail(stack, 2), "password": "another password for tests"}
    assert http.post("auth/reset-password", json=new).status_code == 204
    assert http.post("auth/login", json=eve).json()["code"] == "bad_credentials"
    assert http.post("auth/login", json={**eve, "password": new["password"]}).status_code == 200


def test_guessing_at_an_account_is_slowed_down(http: httpx.Client) -> None:
    guess = {"email": "mallory@example.org", "password": "a guess"}
    codes = [http.post("auth/login", json=guess) for _ in range(11)]
    assert [answer.status_code for answer in codes] == [401] * 10 + [429]
    assert 1 <= int(codes[-1].headers["retry-after"]) <= 60


def test_the_suspended_lose_their_sockets_and_get_no_other(admin: Site) -> None:
    site = admin.make_user("viewer", "tom")
    user_id = site.get("users/me")["user_id"]
    with site.socket() as socket:
        socket.ask({"action": "ping"}, "pong")
        admin.post(f"admin/users/{user_id}/suspend", {"reason": "Test"})
        assert socket.close_code(PATIENCE_S) is not None
    with pytest.raises(InvalidStatus), site.socket():
        pass
    assert site.http.post("ws/ticket").json()["code"] == "account_suspended"
    done = admin.get(f"admin/audit?target=user%23{user_id}")["entries"]
    assert [entry["action"] for entry in done] == ["user.suspend", "auth.login", "user.create"]
    site.close()


def test_a_socket_of_the_suspended_that_cannot_be_closed_hears_nothing(
    stack: RunningStack, admin: Site
) -> None:
    """API Gateway knows none of this name, as of one whose handshake is under way: its rows go by the API's
    own hand, which takes the API's own permissions."""
    site = admin.make_user("viewer", "tim")
    user_id, now_s = site.get("users/me")["user_id"], time.time()
    with inside(stack):
        ConnectionManager().connect("bm9ib2R5PQ=", Bearer(user_id, "viewer", now_s + 900), "user", 9, now_s)
        assert ConnectionManager().listeners(f"user#{user_id}", now_s) == ["bm9ib2R5PQ="]
    admin.post(f"admin/users/{user_id}/suspend", {"reason": "Test"})
    with inside(stack):
        assert ConnectionManager().listeners(f"user#{user_id}", now_s) == []
        assert ConnectionManager().load("bm9ib2R5PQ=", now_s) is None
        assert presence.sockets_of("user", user_id) == set()
    site.close()
