"""`videosite rebuild`, `backup` and `restore`: what is said of what was done."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import keeping
from cli.keeping import told
from cli.main import app

NOTHING: dict[str, Any] = {
    "made": [],
    "there": 0,
    "restarted": [],
    "adopted": [],
    "unreadable": [],
    "accounts": [],
}


def test_what_came_back_is_said_in_sentences() -> None:
    assert told(NOTHING | {"made": [1, 2], "there": 3}) == ["2 videos are back; 3 were there."]
    lines = told(
        NOTHING
        | {
            "made": [1, 2],
            "restarted": [2],
            "adopted": [4],
            "unreadable": [5],
            "accounts": ["ann@example.org"],
        }
    )
    assert lines[1:] == [
        "1 transcodes had been cut off and began anew.",
        "1 uploads nothing was known of are private videos of the admin now.",
        'Made accounts without a password, to be set by "forgot password": ann@example.org',
        "The sidecars of these are damaged or of a newer version: 5",
    ]


@pytest.mark.parametrize("words", [["rebuild"], ["backup", "x"]])
def test_they_need_a_stack(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "found_home", lambda: None)
    answer = CliRunner().invoke(app, [*words, "--json"])
    assert answer.exit_code == 1
    assert '"no_stack"' in answer.stdout


def test_a_folder_that_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["restore", str(tmp_path)])
    assert answer.exit_code == 1
    assert "no backup" in answer.stderr
