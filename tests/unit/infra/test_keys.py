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


def test_the_secret_is_that_of_the_stack(
    aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = {"TokenSecretArn": os.environ["VIDEOSITE_TOKEN_SECRET_ARN"]}
    monkeypatch.setattr(keys, "stack_outputs", lambda stack, _: outputs if stack == "test" else {})
    assert keys.main(["--stack", "test", "--region", "us-east-1"]) == 0
    assert len(text().split()) == 2
    assert keys.main(["--stack", "other", "--region", "us-east-1"]) == 1
    assert "The keys were not rotated" in capsys.readouterr().err
