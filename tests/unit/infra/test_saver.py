"""MiniStack's state is written while it runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.saver import PAUSE_S, Saver


class Server:
    """States that a test changes; counts how often each was asked for."""

    def __init__(self, folder: Path) -> None:
        self.values: dict[str, Any] = {"dynamodb": {"a": 1}, "lambda": {"f": 1}, "s3": None}
        self.faults: list[Exception] = []
        self.saver = Saver(lambda: {name: self._state(name) for name in self.values}, self.encode, folder)

    def _state(self, name: str) -> Any:
        return lambda: self.values[name]

    def encode(self, name: str, state: Any) -> str:
        if self.faults:
            raise self.faults.pop()
        return json.dumps({"payload": state})

    def save(self, everything: bool = False) -> float:
        if everything:
            self.saver.ask()
        return self.saver.turn(0)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def written(folder: Path) -> dict[str, Any]:
    return {file.stem: json.loads(file.read_text())["payload"] for file in folder.iterdir()}


def test_nothing_is_written_before_something_was_deployed(server: Server, tmp_path: Path) -> None:
    assert server.save() == PAUSE_S
    assert written(tmp_path) == {}


def test_everything_once_it_is_asked_for_then_what_changes(server: Server, tmp_path: Path) -> None:
    server.save(everything=True)
    assert written(tmp_path) == {"dynamodb": {"a": 1}, "lambda": {"f": 1}}
    server.values |= {"dynamodb": {"a": 2}, "lambda": {"f": 2}}
    server.save()
    assert written(tmp_path) == {"dynamodb": {"a": 2}, "lambda": {"f": 1}}


def test_after_a_restart_with_what_was_deployed(tmp_path: Path) -> None:
    (tmp_path / "cloudformation.json").write_text('{"payload": {}}')
    Server(tmp_path).save()
    assert written(tmp_path)["dynamodb"] == {"a": 1}


def test_what_is_the_same_is_not_written_again(server: Server, tmp_path: Path) -> None:
    server.save(everything=True)
    (tmp_path / "dynamodb.json").unlink()
    server.save()
    assert not (tmp_path / "dynamodb.json").exists()


def test_a_state_that_changes_while_it_is_read_is_read_again(server: Server, tmp_path: Path) -> None:
    server.save(everything=True)
    server.values["dynamodb"] = {"a": 3}
    server.faults = [RuntimeError("dictionary changed size during iteration")]
    server.save()
    assert written(tmp_path)["dynamodb"] == {"a": 3}


def test_one_that_cannot_be_saved_keeps_its_file_and_the_others_go_on(server: Server, tmp_path: Path) -> None:
    server.save(everything=True)
    server.values = {"dynamodb": {"a": 4}, "sqs": {"q": 1}}
    server.faults = [TypeError("not JSON")]
    server.save()
    assert written(tmp_path)["dynamodb"] == {"a": 1}
    assert written(tmp_path)["sqs"] == {"q": 1}


def test_nothing_older_comes_after_the_end(server: Server, tmp_path: Path) -> None:
    server.save(everything=True)
    server.saver.end()
    server.values["dynamodb"] = {"a": 5}
    server.save()
    assert written(tmp_path)["dynamodb"] == {"a": 1}
