"""Node.js of the project's own, and what npm installs with it."""

import json
import re
import subprocess
import sys

from infra.build import ROOT
from infra.node import WEB, command, environment


def test_node_and_npm_run_and_are_new_enough() -> None:
    wanted = json.loads((WEB / "package.json").read_text())["engines"]["node"]
    least = tuple(map(int, re.findall(r"\d+", wanted)))
    done = subprocess.run(command("node", "--version"), capture_output=True, text=True, check=True)
    assert tuple(map(int, re.findall(r"\d+", done.stdout))) >= least
    subprocess.run(command("npm", "--version"), env=environment(), capture_output=True, check=True)


def test_what_a_program_answers_is_passed_on() -> None:
    program = [sys.executable, "-m", "infra.node", "node", "--eval", "process.exit(7)"]
    assert subprocess.run(program, cwd=ROOT, check=False).returncode == 7


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if "node_modules/" in name}
    assert installed
    for name, entry in installed.items():
        if entry.get("link"):
            assert not entry["resolved"].startswith("http"), name
        else:
            assert "resolved" not in entry, name
            assert entry["integrity"].startswith("sha512-"), name
