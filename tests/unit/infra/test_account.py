"""What is asked before a deployment to AWS."""

import re
import subprocess
from typing import Any

import pytest

from infra import account, deploy
from infra.cdn import put_console, put_key

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
    """Lambda of an account; of one that is new, unless told."""

    def __init__(self, limit: int = 10) -> None:
        self.limit = limit

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": self.limit}}


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


def test_a_release_changes_with_what_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.deploy.boto3.client", lambda *_, **__: Functions(1000))
    monkeypatch.setattr(deploy, "python_of", lambda _: "python")
    for after in (put_key, put_console):
        monkeypatch.setattr(after, "main", lambda _: 0)
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    for arch in ("x86_64", "x86_64", "arm64"):
        assert deploy.main(["--config-env", "prod", "--arch", arch]) == 0
    releases = [option for command in commands for option in command if option.startswith("ApiRelease=")]
    assert len(releases) == 3
    assert releases[0] == releases[1] != releases[2]
    assert re.fullmatch("ApiRelease=[0-9a-f]{64}", releases[0])


def test_what_will_be_missed_is_said() -> None:
    assert len(list(account.advice({}))) == 2
    assert not list(account.advice({"AlarmEmail": "a@example.org", "MailFrom": "b@example.org"}))
