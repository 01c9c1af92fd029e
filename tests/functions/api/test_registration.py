"""Registering, confirming an address, and a new password by mail."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import forget_process
from tests.functions.api.conftest import Mailbox, People
from tests.functions.api.http_api import Answer, Api
from tests.functions.conftest import Gateway
from tests.unit.realtime.factories import open_socket
from videosite.accounts import followup
from videosite.store.tables import AuditEntry, Link, User

EVE = {"email": "Eve@example.org", "password": "correct horse battery"}
DAY_S = 86_400


def login(api: Api, password: str = EVE["password"], email: str = EVE["email"], **options: Any) -> Answer:
    return api.post("/auth/login", {"email": email, "password": password}, **options)


def verify(api: Api, token: str) -> Answer:
    return api.post("/auth/verify-email", {"token": token})


def reset(api: Api, token: str, password: str = "another battery", **options: Any) -> Answer:
    return api.post("/auth/reset-password", {"token": token, "password": password}, **options)


def registered(api: Api, mailbox: Mailbox) -> None:
    """Eve has a confirmed account."""
    api.post("/auth/register", EVE)
    assert verify(api, mailbox.mails.pop().token).status == 204


# --- registering ------------------------------------------------------------------------------------


def test_accounts_are_made_by_operators_unless_told_otherwise(api: Api) -> None:
    answer = api.post("/auth/register", EVE)
    assert (answer.status, answer.code) == (403, "registration_closed")
    assert User.count() == 0
    assert api.get("/auth/options").json == {"registration": False, "mails": False}


@pytest.mark.usefixtures("mailbox")
def test_sign_in_pages_learn_what_they_may_offer(api: Api) -> None:
    assert api.get("/auth/options").json == {"registration": True, "mails": True}


def test_registering_from_end_to_end(api: Api, mailbox: Mailbox) -> None:
    assert api.post("/auth/register", {**EVE, "locale": "zh-CN"}).status == 202
    (mail,) = mailbox.mails
    assert (mail.sender, mail.to, mail.subject) == (
        "no-reply@example.org",
        "eve@example.org",
        "请确认您的邮箱",
    )
    assert "https://videos.example.org/verify-email#token=" in mail.text
    early = login(api)
    assert (early.status, early.code) == (403, "email_not_verified")
    assert login(api, "wrong").code == "bad_credentials"
    assert verify(api, mail.token).status == 204
    me = api.get("/users/me", login(api).json["access_token"]).json
    assert (me["role"], me["email_verified"], me["locale"]) == ("creator", True, "zh-CN")
    assert all(user.expires_at_s is None for user in User.scan())
    assert verify(api, mail.token).code == "bad_link"
    assert {entry.action for entry in AuditEntry.by_actor.query(me["user_id"])} == {
        "user.register", "user.verify_email", "auth.login",
    }  # fmt: skip


@pytest.mark.parametrize("mine", [0, 1])
def test_each_link_confirms_the_password_it_was_sent_for(api: Api, mailbox: Mailbox, mine: int) -> None:
    """Somebody else registers the same address, before or after: who has its mails decides."""
    passwords = [EVE["password"], "another battery"]
    for password in passwords:
        api.post("/auth/register", {**EVE, "password": password})
    assert [login(api, password).status for password in passwords] == [401, 401]
    assert all(" UTC" in mail.text for mail in mailbox.mails)
    assert verify(api, mailbox.mails[mine].token).status == 204
    assert login(api, passwords[mine]).status == 200
    assert login(api, passwords[1 - mine]).status == 401
    assert verify(api, mailbox.mails[1 - mine].token).code == "bad_link"
    assert User.count() == 2


def test_a_link_asked_for_after_two_have_registered_sets_a_new_password(api: Api, mailbox: Mailbox) -> None:
    """Nobody knows whose of the two it would be. Whoever has the mails sets one by them."""
    for password in (EVE["password"], "another battery"):
        api.post("/auth/register", {**EVE, "password": password})
    api.post("/auth/verify-email/resend", {"email": EVE["email"]})
    assert verify(api, mailbox.mails[-1].token).code == "bad_link"
    assert reset(api, mailbox.mails[-1].token, "a third battery").status == 204
    assert [login(api, password).status for password in (EVE["password"], "another battery")] == [401, 401]
    assert login(api, "a third battery").status == 200


def test_nobody_learns_who_has_an_account(api: Api, mailbox: Mailbox) -> None:
    """The same answer, and the same work before it: one call that is not waited for."""
    registered(api, mailbox)
    mailbox.events.clear()
    for path in ("register", "forgot-password", "verify-email/resend"):
        body = {key: value for key, value in EVE.items() if path == "register" or key == "email"}
        answers = [
            api.post(f"/auth/{path}", {**body, "email": email}) for email in ("eve@example.org", "x@y.org")
        ]
        assert [answer.status for answer in answers] == [202, 202]
        assert answers[0].body == answers[1].body
        one, other = mailbox.events
        assert one.keys() == other.keys()
        mailbox.events.clear()
    assert login(api).status == 200, "nothing changed for who has one"


def test_who_has_an_account_is_told_that_somebody_registered(api: Api, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    api.post("/auth/register", {**EVE, "password": "another battery"})
    (mail,) = mailbox.mails
    assert "account already" in mail.subject
    assert login(api, "another battery").status == 401


def test_the_function_that_follows_may_be_called_twice(api: Api, mailbox: Mailbox) -> None:
    api.post("/auth/register", EVE)
    followup.follow_up(mailbox.events[0], time.time())
    assert [mail.to for mail in mailbox.mails] == ["eve@example.org"] * 2
    assert login(api).code == "email_not_verified"
    # The second call made the first mail's link no worse.
    assert verify(api, mailbox.mails[0].token).status == 204
    assert login(api).status == 200


def test_who_never_confirms_is_forgotten_after_a_week(api: Api, mailbox: Mailbox) -> None:
    api.post("/auth/register", EVE)
    rows = list(User.scan())
    assert len(rows) == 2
    for row in rows:
        assert row.expires_at_s == pytest.approx(time.time() + 7 * DAY_S, abs=60)


@pytest.mark.parametrize("left", ["reservation", "both"])
def test_an_address_is_free_once_its_account_has_expired(api: Api, mailbox: Mailbox, left: str) -> None:
    """Time-to-live deletes up to two days late, and each row by itself."""
    api.post("/auth/register", EVE)
    for row in User.scan():
        if left == "reservation" and row.target_id is None:
            row.delete()
        else:
            row.update([User.expires_at_s.set(time.time() - 1)])
    registered(api, mailbox)
    assert login(api).status == 200


def test_a_mail_can_be_asked_for_again(api: Api, mailbox: Mailbox) -> None:
    api.post("/auth/register", EVE)
    api.post("/auth/verify-email/resend", {"email": EVE["email"]})
    assert len(mailbox.mails) == 2
    assert verify(api, mailbox.mails[0].token).status == 204
    assert verify(api, mailbox.mails[1].token).code == "bad_link"
    api.post("/auth/verify-email/resend", {"email": EVE["email"]})
    assert len(mailbox.mails) == 2


def test_without_mails_addresses_are_believed(
    api: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOSITE_MAIL_FROM", "")
    forget_process()
    assert api.post("/auth/register", EVE).status == 202
    assert login(api).status == 200
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "eve"}, "bad_email"),
        ({"email": "eve@example.org\nBcc: all@example.org"}, "bad_email"),
        ({"email": "eve\x00@example.org"}, "validation_failed"),
        ({"password": "short"}, "validation_failed"),
        ({"locale": "no locale"}, "validation_failed"),
        ({"role": "admin"}, "validation_failed"),
    ],
    ids=str,
)
def test_what_is_sent_is_checked(api: Api, mailbox: Mailbox, change: dict[str, str], code: str) -> None:
    answer = api.post("/auth/register", {**EVE, **change})
    assert (answer.status, answer.code) == (422, code)
    assert {user.role for user in User.scan() if user.target_id is None} <= {"creator"}


def test_a_mailbox_is_not_flooded(api: Api, mailbox: Mailbox) -> None:
    answers = [
        api.post("/auth/forgot-password", {"email": email}, address=f"198.51.100.{number}")
        for number, email in enumerate(["eve@example.org", "EVE@example.org "] * 3)
    ]
    assert [answer.status for answer in answers] == [202] * 5 + [429]
    assert api.post("/auth/forgot-password", {"email": "other@example.org"}).status == 202


def test_one_address_does_not_send_mails_without_end(api: Api, mailbox: Mailbox) -> None:
    statuses = [
        api.post("/auth/forgot-password", {"email": f"{number}@example.org"}).status for number in range(11)
    ]
    assert statuses == [202] * 10 + [429]


# --- a new password ---------------------------------------------------------------------------------


def test_a_new_password_by_mail(api: Api, mailbox: Mailbox, gateway: Gateway) -> None:
    registered(api, mailbox)
    pair = login(api).json
    (user,) = (user for user in User.scan() if user.target_id is None)
    open_socket("c1=", user.user_id)
    api.post("/auth/forgot-password", {"email": "EVE@example.org"})
    (mail,) = mailbox.mails
    assert "https://videos.example.org/reset-password#token=" in mail.text
    assert reset(api, mail.token).status == 204
    assert api.post("/ws/ticket", token=pair["access_token"]).code == "session_ended"
    assert api.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}).code == "bad_refresh_token"
    assert gateway.closed == ["c1="], "it may be a thief's"
    assert login(api).status == 401
    assert login(api, "another battery").status == 200
    assert reset(api, mail.token, "a third battery").code == "bad_link"


def test_one_reset_voids_the_other_links(api: Api, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    for _ in range(2):
        api.post("/auth/forgot-password", {"email": EVE["email"]})
    first, second = mailbox.mails
    assert reset(api, second.token).status == 204
    assert reset(api, first.token, "a third battery").code == "bad_link"


def test_it_confirms_the_address(api: Api, mailbox: Mailbox) -> None:
    api.post("/auth/register", EVE)
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    assert reset(api, mailbox.mails[-1].token).status == 204
    assert login(api, "another battery").status == 200


def test_it_lets_an_owner_in_whom_strangers_keep_out(api: Api, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    for number in range(11):
        login(api, "wrong", address=f"198.51.100.{number}")
    assert login(api, address="203.0.113.1").status == 429
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    reset(api, mailbox.mails[-1].token, address="203.0.113.1")
    assert login(api, "another battery", address="203.0.113.1").status == 200


def test_it_does_not_restore_the_suspended(api: Api, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    (user,) = (user for user in User.scan() if user.target_id is None)
    user.update([User.state.set("suspended")])
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    assert reset(api, mailbox.mails[-1].token).status == 204
    assert login(api, "another battery").code == "account_suspended"


def test_no_secret_is_logged(
    api: Api, mailbox: Mailbox, log: Callable[[], list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    registered(api, mailbox)
    pair = login(api).json
    again = api.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}).json
    api.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}, address="198.51.100.1")
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    reset(api, mailbox.mails[-1].token)
    lines = log()
    assert {line["message"] for line in lines} == {"request", "followed_up", "refresh_token_reused"}
    secrets = [EVE["password"], EVE["email"].lower(), "another battery", mailbox.mails[-1].token]
    secrets += [str(value) for given in (pair, again) for value in given.values() if len(str(value)) > 20]
    assert len(secrets) == 8
    text = str(lines) + str(capsys.readouterr())
    assert not [secret for secret in secrets if secret in text]


@pytest.mark.parametrize(("purpose", "life_s"), [("verify", DAY_S), ("reset", 3600)])
def test_links_end(api: Api, mailbox: Mailbox, purpose: str, life_s: float) -> None:
    api.post("/auth/register", EVE)
    if purpose == "reset":
        api.post("/auth/forgot-password", {"email": EVE["email"]})
    token = mailbox.mails[-1].token
    (link,) = (link for link in Link.scan() if link.purpose == purpose)
    assert link.expires_at_s == pytest.approx(time.time() + life_s, abs=60)
    link.update([Link.expires_at_s.set(time.time() - 1)])
    assert (verify if purpose == "verify" else reset)(api, token).code == "bad_link"


def test_links_are_for_one_purpose_and_stored_by_hash(api: Api, mailbox: Mailbox) -> None:
    api.post("/auth/register", EVE)
    token = mailbox.mails[0].token
    assert reset(api, token).code == "bad_link"
    assert token not in str([link.to_dynamodb_dict() for link in Link.scan()])
    assert verify(api, "x").code == "bad_link"
    assert verify(api, "\ud83d").code == "validation_failed"


def test_a_weak_password_does_not_use_the_link_up(api: Api, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    token = mailbox.mails[-1].token
    assert reset(api, token, "short").status == 422
    assert reset(api, token).status == 204


def test_a_removed_accounts_links_open_nothing(api: Api, people: People, mailbox: Mailbox) -> None:
    registered(api, mailbox)
    api.post("/auth/forgot-password", {"email": EVE["email"]})
    (user,) = (user for user in User.by_role.query("creator") if user.email == "eve@example.org")
    assert api.call("DELETE", f"/admin/users/{user.user_id}", token=people.admin).status == 204
    assert reset(api, mailbox.mails[-1].token).code == "bad_link"
