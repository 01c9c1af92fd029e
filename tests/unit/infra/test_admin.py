"""The first admin of a stack on AWS."""

from collections.abc import Iterator

import pytest

from infra import admin
from tests.conftest import forget_process
from videosite.accounts.users import authenticate

EMAIL = "ann@example.org"
STACK = ("--stack", "test", "--region", "us-east-1")


@pytest.fixture(autouse=True)
def process(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command starts as a process of its own; a variable it sets ends with the test."""
    monkeypatch.delenv("VIDEOSITE_TABLE_PREFIX")
    forget_process()
    yield
    forget_process()


def test_an_admin_is_made_who_can_sign_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main([EMAIL, *STACK]) == 0
    password = capsys.readouterr().out.rpartition(": ")[2].strip()
    assert authenticate(EMAIL, password).role == "admin"


def test_the_password_may_be_asked_for_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "a-password-of-my-own")
    assert admin.main([EMAIL, *STACK, "--ask"]) == 0
    assert authenticate(EMAIL, "a-password-of-my-own").role == "admin"
    assert "a-password-of-my-own" not in capsys.readouterr().out


def test_an_account_is_never_taken_over(capsys: pytest.CaptureFixture[str]) -> None:
    admin.main([EMAIL, *STACK])
    password = capsys.readouterr().out.rpartition(": ")[2].strip()
    assert admin.main([EMAIL, *STACK]) == 1
    assert "There is an account" in capsys.readouterr().err
    assert authenticate(EMAIL, password)


def test_a_stack_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main([EMAIL, "--stack", "other", "--region", "us-east-1"]) == 1
    assert "There is no stack other in us-east-1." in capsys.readouterr().err


def test_profiles_name_stack_and_region(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main([EMAIL, "--config-env", "prod"]) == 1
    assert "There is no stack videosite in" in capsys.readouterr().err
