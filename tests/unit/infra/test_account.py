"""What is asked before a deployment to AWS."""

import subprocess
from typing import Any

import pytest

from infra import account, deploy

DEV = {"BulkConcurrency": "50", "UrgentConcurrency": "10"}


def test_what_the_queues_may_take_together() -> None:
    assert account.wanted(DEV) == 100  # ingest, urgent, publish, webhooks, accounts; bulk
    assert account.wanted({}) == 800


@pytest.mark.parametrize(
    ("limit", "parameters", "fits"),
    [
        (1000, {}, True),
        (1000, {"BulkConcurrency": "500"}, False),
        (150, DEV, True),
        (149, DEV, False),
        (10, DEV, False),
    ],
)
def test_some_functions_are_left_to_the_api(limit: int, parameters: dict[str, str], fits: bool) -> None:
    said = account.refusal(limit, parameters)
    assert (said is None) == fits
    if said:
        assert f"may run {limit} functions" in said
        assert "BulkConcurrency" in said
        assert "Service Quotas" in said


class Functions:
    """Lambda of an account that is new."""

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": 10}}


def test_nothing_is_deployed_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("infra.deploy.boto3.client", lambda *_, **__: Functions())
    monkeypatch.setattr(deploy, "python_of", lambda _: "python")

    def run(*_: object, **__: object) -> None:
        raise AssertionError("deployed")

    monkeypatch.setattr(subprocess, "run", run)
    assert deploy.main(["--config-env", "prod"]) == 1
    assert "may run 10 functions" in capsys.readouterr().err


def test_what_will_be_missed_is_said() -> None:
    assert len(list(account.advice({}))) == 2
    assert not list(account.advice({"AlarmEmail": "a@example.org", "MailFrom": "b@example.org"}))
