import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api

NEW = {"email": "new@example.org", "password": "correct horse battery", "role": "creator"}


def test_signing_in_and_staying_signed_in(api: Api, people: People) -> None:
    assert api.post("/admin/users", NEW, people.admin).status == 201
    answer = api.post("/auth/login", {"email": "New@example.org", "password": NEW["password"]})
    assert answer.status == 200
    assert answer.json.keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (answer.json["expires_in"], answer.json["token_type"]) == (900, "Bearer")
    me = api.get("/users/me", answer.json["access_token"])
    assert (me.json["email"], me.json["role"]) == ("new@example.org", "creator")
    renewed = api.post("/auth/refresh", {"refresh_token": answer.json["refresh_token"]})
    assert api.get("/users/me", renewed.json["access_token"]).json == me.json
    again = api.post("/auth/refresh", {"refresh_token": answer.json["refresh_token"]})
    assert (again.status, again.code) == (401, "bad_refresh_token")


def test_a_wrong_password_and_an_unknown_address_look_the_same(api: Api, people: People) -> None:
    api.post("/admin/users", NEW, people.admin)
    answers = [
        api.post("/auth/login", {"email": email, "password": "wrong"})
        for email in ("new@example.org", "x@y.org")
    ]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_a_made_account_is_shown_without_its_password(api: Api, people: People) -> None:
    answer = api.post("/admin/users", NEW, people.admin)
    assert answer.json.keys() == {"user_id", "email", "role", "created_at"}


def test_an_address_has_one_account(api: Api, people: People) -> None:
    api.post("/admin/users", NEW, people.admin)
    answer = api.post("/admin/users", NEW, people.admin)
    assert (answer.status, answer.code) == (409, "email_taken")


def test_an_address_that_is_none(api: Api, people: People) -> None:
    answer = api.post("/admin/users", {**NEW, "email": "x"}, people.admin)
    assert (answer.status, answer.code) == (422, "bad_email")
    assert api.post("/auth/login", {"email": "x", "password": "y"}).code == "bad_credentials"


@pytest.mark.parametrize("field", ["password", "role"])
def test_bad_fields_are_named_and_not_repeated(api: Api, people: People, field: str) -> None:
    answer = api.post("/admin/users", {**NEW, field: "x"}, people.admin)
    assert (answer.status, answer.code) == (422, "validation_failed")
    (problem,) = answer.json["errors"]
    assert problem["field"] == f"body.{field}"
    assert "correct horse" not in answer.body.decode()


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_tokens_that_are_none(api: Api, token: str) -> None:
    answer = api.get("/users/me", token)
    assert answer.status == 401
    assert answer.code in ("bad_token", "not_signed_in")


def test_without_a_token(api: Api) -> None:
    assert api.get("/users/me").code == "not_signed_in"


def test_a_bad_token_is_refused_even_where_none_is_needed(api: Api) -> None:
    assert api.get("/videos", "nonsense", query={"scope": "public"}).code == "bad_token"
