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
