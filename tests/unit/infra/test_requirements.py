"""Lists of requirements: pinned, hashed, in step with what they were made from, naming no registry."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.build import ROOT
from infra.lock import LOCKS, REQUIREMENTS

PIN = re.compile(r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Package → pinned versions (several where platforms or Pythons differ)."""
    found: dict[str, set[str]] = {}
    for match in PIN.finditer((REQUIREMENTS / f"{name}.txt").read_text()):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def wanted(name: str) -> list[Requirement]:
    """What a list was made from."""
    if name == "dev":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"]
        return [Requirement(line) for line in project["dependencies"] + extras["cli"] + extras["dev"]]
    lines = (REQUIREMENTS / f"{name}.in").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_required_is_pinned(name: str) -> None:
    pinned = pins(name)
    for requirement in wanted(name):
        versions = pinned[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in versions), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\w)", text)
    assert all("--hash=sha256:" in block for block in blocks if PIN.match(block))
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", ["common", "api", "aiohttp"])
def test_tests_run_with_the_versions_that_ship(name: str) -> None:
    tested = pins("dev")
    for package, versions in pins(name).items():
        assert versions == tested[package], package


def test_every_list_is_made_by_make_lock() -> None:
    assert {path.stem for path in REQUIREMENTS.glob("*.txt")} == set(LOCKS)
