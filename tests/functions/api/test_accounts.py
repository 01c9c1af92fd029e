"""Signing in and out, and what one may do to one's own account."""

import time

import pytest

from tests.functions.api.conftest import EDGE_SECRET, People
from tests.functions.api.http_api import Answer, Api
from tests.functions.conftest import Gateway
from tests.unit.realtime.factories import open_socket
from videosite.store.tables import AuditEntry, Session, User

NEW = {"email": "new@example.org", "password": "correct horse battery", "role": "creator"}
PASSWORD = NEW["password"]
CREDENTIALS = {"email": NEW["email"], "password": PASSWORD}


@pytest.fixture
def user_id(api: Api, people: People) -> str:
    """Somebody with a password."""
    return str(api.post("/admin/users", NEW, people.admin).json["user_id"])


def login(
    api: Api, password: str = PASSWORD, email: str = NEW["email"], address: str = "192.0.2.1"
) -> Answer:
    return api.post("/auth/login", {"email": email, "password": password}, address=address)


def refresh(api: Api, token: str, **options: str) -> Answer:
    return api.post("/auth/refresh", {"refresh_token": token}, **options)


def audited(action: str) -> list[AuditEntry]:
    return list(AuditEntry.by_action.query(action))


# --- signing in -------------------------------------------------------------------------------------


def test_signing_in_and_staying_signed_in(api: Api, user_id: str) -> None:
    answer = login(api, email="New@example.org")
    assert answer.status == 200
    assert answer.json.keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (answer.json["expires_in"], answer.json["token_type"]) == (900, "Bearer")
    me = api.get("/users/me", answer.json["access_token"])
    assert (me.json["email"], me.json["role"]) == ("new@example.org", "creator")
    renewed = refresh(api, answer.json["refresh_token"])
    assert api.get("/users/me", renewed.json["access_token"]).json == me.json


def test_a_refresh_token_used_twice_ends_the_session(api: Api, user_id: str) -> None:
    first = login(api).json["refresh_token"]
    second = refresh(api, first).json["refresh_token"]
    again = refresh(api, first, address="198.51.100.1")
    assert (again.status, again.code) == (401, "bad_refresh_token")
    assert refresh(api, second).code == "bad_refresh_token"
    (entry,) = audited("auth.token_reused")
    assert (entry.actor_id, entry.target, entry.address) == ("anonymous", f"user#{user_id}", "198.51.100.1")


def test_the_same_client_may_repeat_itself(api: Api, user_id: str) -> None:
    first = login(api).json["refresh_token"]
    answers = [refresh(api, first) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert refresh(api, answers[1].json["refresh_token"]).status == 200


def test_an_old_access_token_keeps_nobody_from_signing_in(api: Api, user_id: str) -> None:
    pair = login(api).json
    for token in ("nonsense", pair["access_token"]):
        assert api.post("/auth/login", CREDENTIALS, token).status == 200
    api.post("/auth/logout-everywhere", token=pair["access_token"])
    pair = api.post("/auth/login", CREDENTIALS, pair["access_token"]).json
    assert api.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}, "nonsense").status == 200
    assert api.post("/auth/logout", {"refresh_token": pair["refresh_token"]}, "nonsense").status == 204


def test_a_wrong_password_and_an_unknown_address_look_the_same(api: Api, user_id: str) -> None:
    answers = [login(api, "wrong", email) for email in (NEW["email"], "x@y.org", "x")]
    assert [answer.status for answer in answers] == [401, 401, 401]
    assert answers[0].body == answers[1].body == answers[2].body
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_guessing_is_slowed_down_and_the_owner_gets_in(api: Api, user_id: str) -> None:
    """Strangers who guess from many addresses lock each other out, not who was there before."""
    assert login(api, address="203.0.113.1").status == 200
    for number in range(10):
        assert login(api, "wrong", address=f"198.51.100.{number}").status == 401
    stranger = login(api, "wrong", address="198.51.100.99")
    assert (stranger.status, stranger.code) == (429, "rate_limited")
    assert 50 <= int(stranger.headers["retry-after"]) <= 60
    assert login(api, address="198.51.100.99").status == 429, "not even with the right password"
    assert login(api, address="203.0.113.1").status == 200


def test_an_unknown_account_is_slowed_down_alike(api: Api, user_id: str) -> None:
    for number in range(10):
        login(api, "wrong", "x@y.org", f"198.51.100.{number}")
    assert login(api, "wrong", "x@y.org", "198.51.100.99").code == "rate_limited"


def test_one_address_is_slowed_down_whatever_accounts_it_tries(api: Api, user_id: str) -> None:
    headers = {"x-forwarded-for": "203.0.113.7", "forwarded": "for=203.0.113.7"}
    for number in range(20):
        body = {"email": f"{number}@example.org", "password": "wrong"}
        assert api.post("/auth/login", body, address="198.51.100.1").status == 401
    answer = api.post("/auth/login", CREDENTIALS, address="198.51.100.1", headers=headers)
    assert answer.code == "rate_limited", "whatever headers say"
    assert login(api, address="198.51.100.2").status == 200


def test_behind_the_cdn_its_word_for_the_address_counts(api: Api, user_id: str) -> None:
    def asked(secret: str, viewer: str) -> Answer:
        headers = {"x-cdn-secret": secret, "x-viewer-address": viewer}
        return api.post("/auth/login", CREDENTIALS, address="203.0.113.9", headers=headers)

    asked(EDGE_SECRET, "198.51.100.1")
    asked("a guess", "198.51.100.2")
    asked("\u00e9", "198.51.100.2")
    assert [entry.address for entry in audited("auth.login")] == ["198.51.100.1"] + ["203.0.113.9"] * 2


def test_who_signs_in_often_is_not_slowed_down(api: Api, user_id: str) -> None:
    assert {login(api).status for _ in range(25)} == {200}


def test_signing_in_is_noted(api: Api, user_id: str) -> None:
    login(api)
    (entry,) = audited("auth.login")
    assert (entry.actor_id, entry.address, entry.request_id) == (user_id, "192.0.2.1", "request-1")


# --- signing out ------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(api: Api, user_id: str) -> None:
    first = login(api).json["refresh_token"]
    second = refresh(api, first).json["refresh_token"]
    for token in (first, second, "nonsense"):
        assert api.post("/auth/logout", {"refresh_token": token}).status == 204
    assert refresh(api, second).code == "bad_refresh_token"
    assert len(audited("auth.logout")) == 1


def test_signing_out_everywhere_ends_all_at_once(api: Api, user_id: str, gateway: Gateway) -> None:
    open_socket("c1=", user_id)
    pairs = [login(api).json for _ in range(2)]
    assert api.post("/auth/logout-everywhere", token=pairs[0]["access_token"]).status == 204
    for pair in pairs:
        assert api.post("/ws/ticket", token=pair["access_token"]).code == "session_ended"
        assert refresh(api, pair["refresh_token"]).code == "bad_refresh_token"
    assert gateway.closed == ["c1="]
    assert login(api).status == 200


def test_who_signs_in_again_at_once_is_not_held_to_what_a_worker_remembers(api: Api, user_id: str) -> None:
    token = login(api).json["access_token"]
    assert api.get("/users/me", token).status == 200
    assert api.post("/auth/logout-everywhere", token=token).status == 204
    assert api.get("/users/me", login(api).json["access_token"]).status == 200


def test_sessions_are_listed_and_ended(api: Api, user_id: str) -> None:
    here = login(api).json
    there = api.post(
        "/auth/login", CREDENTIALS, address="198.51.100.1", headers={"user-agent": "Firefox"}
    ).json
    listed = api.get("/users/me/sessions", here["access_token"]).json["sessions"]
    assert [(one["address"], one["agent"], one["current"]) for one in listed] == [
        ("198.51.100.1", "Firefox", False),
        ("192.0.2.1", None, True),
    ]
    path = f"/users/me/sessions/{listed[0]['session_id']}"
    assert api.call("DELETE", path, token=here["access_token"]).status == 204
    assert refresh(api, there["refresh_token"]).code == "bad_refresh_token"
    assert api.call("DELETE", path, token=here["access_token"]).code == "session_not_found"
    assert refresh(api, here["refresh_token"]).status == 200


# --- password and profile ---------------------------------------------------------------------------


def change_password(api: Api, token: str, current: str = PASSWORD, new: str = "another battery") -> Answer:
    body = {"current_password": current, "new_password": new}
    return api.post("/users/me/password", body, token)


def test_another_password_ends_the_other_sessions(api: Api, user_id: str, gateway: Gateway) -> None:
    open_socket("c1=", user_id)
    mine, other = login(api).json, login(api).json
    answer = change_password(api, mine["access_token"])
    assert answer.status == 200
    assert api.post("/ws/ticket", token=answer.json["access_token"]).status == 200
    assert refresh(api, answer.json["refresh_token"]).status == 200
    for pair in (mine, other):
        assert api.post("/ws/ticket", token=pair["access_token"]).code == "session_ended"
        assert refresh(api, pair["refresh_token"]).code == "bad_refresh_token"
    assert gateway.closed == ["c1="]
    assert login(api).status == 401
    assert login(api, "another battery").status == 200
    assert [entry.actor_id for entry in audited("user.change_password")] == [user_id]


def test_it_takes_the_present_password(api: Api, user_id: str) -> None:
    token = login(api).json["access_token"]
    for _ in range(5):
        assert change_password(api, token, "wrong").code == "wrong_password"
    assert change_password(api, token, "wrong").code == "rate_limited"
    assert login(api).status == 200


def test_a_profile_is_changed_where_something_is_given(api: Api, people: People) -> None:
    me = api.get("/users/me", people.ada)
    assert me.json["permissions"] == ["videos.create", "webhooks.manage"]
    assert (me.json["display_name"], me.json["email_verified"]) == (None, True)
    profile = {"display_name": "Ada", "biography": "Engines.", "locale": "zh-CN"}
    answer = api.call("PATCH", "/users/me", profile, people.ada, headers={"if-match": me.headers["etag"]})
    assert answer.status == 200
    assert {name: answer.json[name] for name in profile} == profile
    late = api.call("PATCH", "/users/me", {}, people.ada, headers={"if-match": me.headers["etag"]})
    assert late.code == "changed_meanwhile"
    answer = api.call("PATCH", "/users/me", {"biography": None, "locale": "en"}, people.ada)
    shown = api.get("/users/me", people.ada)
    assert (shown.json["display_name"], shown.json["biography"], shown.json["locale"]) == ("Ada", None, "en")
    assert shown.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Ada\n Lovelace ", "Ada Lovelace"),
        ("👩\u200d💻 王小明", "👩\u200d💻 王小明"),
        (" ", None),
        ("Ada\u202e", "bad_display_name"),
        ("Ada\u0000", "validation_failed"),
    ],
)
def test_a_name_stays_in_its_place(api: Api, people: People, name: str, shown: str | None) -> None:
    answer = api.call("PATCH", "/users/me", {"display_name": name}, people.ada)
    assert shown == (answer.code if answer.status == 422 else answer.json["display_name"])


@pytest.mark.parametrize(
    "profile", [{"display_name": "x" * 101}, {"biography": "x" * 2001}, {"locale": "no locale"}], ids=str
)
def test_a_profile_has_its_bounds(api: Api, people: People, profile: dict[str, str]) -> None:
    assert api.call("PATCH", "/users/me", profile, people.ada).code == "validation_failed"


# --- tokens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_tokens_that_are_none(api: Api, token: str) -> None:
    answer = api.get("/users/me", token)
    assert answer.status == 401
    assert answer.code in ("bad_token", "not_signed_in")


def test_without_a_token(api: Api) -> None:
    assert api.get("/users/me").code == "not_signed_in"


def test_a_bad_token_is_refused_even_where_none_is_needed(api: Api) -> None:
    assert api.get("/videos", "nonsense", query={"scope": "public"}).code == "bad_token"


def test_another_role_counts_at_once_for_what_writes(api: Api, people: People) -> None:
    hook = {"url": "https://hooks.example.org/"}
    assert api.post("/webhooks", hook, people.ada).status == 201
    User("ada").update([User.role.set("viewer")])
    assert api.post("/webhooks", hook, people.ada).code == "forbidden"


def test_a_read_may_be_ten_seconds_behind(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.get("/users/me", people.ada).status == 200
    User("ada").update([User.state.set("suspended")])
    assert api.get("/users/me", people.ada).status == 200
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s + 10)
    answer = api.get("/users/me", people.ada)
    assert (answer.status, answer.code) == (403, "account_suspended")


def test_a_removed_accounts_token_opens_nothing(api: Api, people: People) -> None:
    User("ada").delete()
    assert api.post("/ws/ticket", token=people.ada).code == "session_ended"
    assert api.get("/users/me", people.ada).code == "session_ended"


def test_no_password_and_no_token_is_stored(api: Api, user_id: str) -> None:
    pair = login(api).json
    rows = [row.to_dynamodb_dict() for table in (User, Session, AuditEntry) for row in table.scan()]
    for secret in (PASSWORD, *pair.values()):
        assert str(secret) == "900" or str(secret) not in str(rows)
