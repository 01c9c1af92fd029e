"""Rotating the keys of access tokens."""

import os

import pytest

from infra import keys
from tests.conftest import TOKEN_SECRET, kept_client
from videosite.accounts import tokens
from videosite.store.tables import User

ADA = User("ada", email="ada@example.org", role="creator", created_at_s=1.0)
NOW_S = 1_800_000_000.0


def text() -> str:
    arn = os.environ["VIDEOSITE_TOKEN_SECRET_ARN"]
    return str(kept_client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


@pytest.mark.parametrize("at_once", [False, True])
def test_the_secret_gets_another_key(aws: None, at_once: bool) -> None:
    old = tokens.issue_access_token(ADA, NOW_S)
    secrets = kept_client("secretsmanager")
    keys.rotate(secrets, os.environ["VIDEOSITE_TOKEN_SECRET_ARN"], NOW_S, at_once=at_once)
    assert (TOKEN_SECRET in text(), len(text().split())) == ((False, 1) if at_once else (True, 2))
    tokens.forget_keys()
    new = tokens.issue_access_token(ADA, NOW_S)
    assert tokens.verify_access_token(new, NOW_S)
    if not at_once:
        assert tokens.verify_access_token(old, NOW_S)


def test_a_stack_that_is_not_there(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main(["--stack", "other", "--region", "us-east-1"]) == 1
    assert "The keys were not rotated" in capsys.readouterr().err
