import httpx
import pytest

from tests.unit.cli.fake_site import FakeSite, problem
from tests.unit.cli.run import run


def test_a_made_up_password_is_shown_once(fake: FakeSite) -> None:
    ended = run("users", "add", "bob@x.org", "--role", "creator", "--json")
    sent = fake.bodies["POST /admin/users"]
    assert (sent["email"], sent["role"]) == ("bob@x.org", "creator")
    assert len(sent["password"]) == 20
    assert ended.document["password"] == sent["password"]
    ended = run("users", "add", "bob@x.org")
    assert fake.bodies["POST /admin/users"]["role"] == "viewer"
    assert ended.stdout.count(fake.bodies["POST /admin/users"]["password"]) == 1


def test_a_given_password_is_not_shown(fake: FakeSite) -> None:
    ended = run("users", "add", "bob@x.org", "--password-stdin", stdin="open sesame now\n")
    assert ended.code == 0
    assert fake.bodies["POST /admin/users"]["password"] == "open sesame now"
    assert "sesame" not in ended.stdout + ended.stderr


def test_no_password_on_stdin(fake: FakeSite) -> None:
    ended = run("users", "add", "bob@x.org", "--password-stdin", stdin="")
    assert ended.code == 1
    assert fake.requests == []


@pytest.mark.parametrize("status", [409, 403, 422])
def test_what_the_api_refuses(fake: FakeSite, status: int) -> None:
    fake.override["POST /admin/users"] = [problem(status, "email_taken", "This address is taken.")]
    ended = run("users", "add", "bob@x.org", "--json")
    assert ended.code == 1
    assert ended.document["error"] == {"code": "email_taken", "message": "This address is taken."}


# --- managing ---------------------------------------------------------------------------------------


def test_accounts_are_listed(fake: FakeSite) -> None:
    ended = run("users", "list", "--role", "viewer", "--email", "bo")
    for expected in ("u1", "viewer", "active", "2026-03-01", "bob@x.org"):
        assert expected in ended.stdout
    assert run("users", "list", "--json").document["users"] == fake.users
    fake.users = []
    assert "no such accounts" in run("users", "list").stdout


def test_pages_of_accounts_are_put_together(fake: FakeSite) -> None:
    page = {"users": fake.users, "next_cursor": "c"}
    fake.override["GET /admin/users"] = [httpx.Response(200, json=page) for _ in range(4)]
    assert len(run("users", "list", "--limit", "2", "--json").document["users"]) == 2
    assert "There are more: --limit 10" in run("users", "list", "--limit", "2").stdout


@pytest.mark.parametrize("user", ["u1", "Bob@x.org"])
def test_an_account_is_named_by_id_or_address(fake: FakeSite, user: str) -> None:
    ended = run("users", "set-role", user, "creator")
    assert (ended.code, "creator" in ended.stdout) == (0, True)
    assert fake.bodies["PATCH /admin/users/u1"] == {"role": "creator"}


def test_an_address_that_nobody_has(fake: FakeSite) -> None:
    ended = run("users", "suspend", "bo@x.org", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "user_not_found")
    assert fake.requests[-1] == "GET /admin/users"


def test_suspend_and_restore(fake: FakeSite) -> None:
    ended = run("users", "suspend", "u1", "--reason", "Spam")
    assert fake.bodies["POST /admin/users/u1/suspend"] == {"reason": "Spam"}
    assert "videosite users restore bob@x.org" in ended.stdout
    assert run("users", "restore", "u1", "--json").document == {"user": fake.users[0], "error": None}


def test_remove_asks_unless_told_not_to(fake: FakeSite) -> None:
    ended = run("users", "remove", "u1", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "no_terminal")
    ended = run("users", "remove", "u1", "--yes", "--json")
    assert ended.document == {"user_id": "u1", "removed": True, "error": None}
    assert fake.requests[-1] == "DELETE /admin/users/u1"
