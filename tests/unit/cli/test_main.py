"""The command's outline: every verb is there, documented, and imported only when called."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import COMMANDS, app, load_command
from cli.stack import addresses
from infra.build import ROOT
from infra.local.home import kept_home
from infra.local.record import Record


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_loads_and_says_what_it_is_for(name: str) -> None:
    command = load_command(name, COMMANDS[name][0])
    assert command.name == name
    assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_readme(name: str) -> None:
    assert f"videosite {name}" in (ROOT / "README.md").read_text()


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "sys.exit(any(name in sys.modules for name in ('boto3', 'httpx', 'aiohttp')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("words", [["fly"], ["upload"], ["up", "--storage", "x"], ["watch", "film"]])
def test_wrong_usage_is_told_from_a_refused_video(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 1


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("videosite ")


def test_the_addresses_are_exactly_these() -> None:
    found = addresses(kept_home(), Record(port=8001))
    assert found == {
        "api": "http://localhost:8001/api/v1",
        "ws": "ws://localhost:8001/api/v1/ws",
        "ws_admin": "ws://localhost:8001/api/v1/ws/admin",
        "web": "http://localhost:8001/",
        "credentials_file": str(kept_home().credentials),
    }
    assert set(addresses(None, None)) == set(found)
