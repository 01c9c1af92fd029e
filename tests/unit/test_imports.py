"""What a cold start imports: the number of modules, what must not be among them, and what must not happen.

Counted, not timed: `python -m infra.imports` times them, and docs/performance.md has the table.
"""

import re
from functools import lru_cache

import pytest

from infra.imports import HANDLERS, Imported, imported_by
from infra.template import load_template
from tests.unit.test_structure import PACKAGE

BUDGET = {
    "api": 1000,
    "ingest": 520,
    "transcode": 540,
    "publish": 500,
    "progress": 630,
    "fanout": 630,
    "fanout shard": 630,
    "webhooks route": 400,
    "webhooks deliver": 400,
    "sockets": 590,
    "accounts": 480,
    "housekeeping": 690,
}
"""Most modules that a cold start may import, a tenth above what it did when this was written."""

HEAVY = {"fastapi", "starlette", "pydantic", "mangum", "PIL", "argon2", "aiohttp", "pysubs2", "webvtt"}
NEEDED = {
    "api": {"fastapi", "starlette", "pydantic", "mangum"},
}
"""What a function cannot do without. All else of `HEAVY` it imports when a call needs it, if ever."""


@lru_cache
def found(name: str) -> Imported:
    return imported_by(name)


@pytest.mark.parametrize("name", HANDLERS)
def test_a_cold_start_imports_only_what_every_call_needs(name: str) -> None:
    packages = {module.partition(".")[0] for module in found(name).modules}
    assert packages & HEAVY == NEEDED.get(name, set())


@pytest.mark.parametrize("name", HANDLERS)
def test_a_cold_start_keeps_to_its_budget(name: str) -> None:
    assert len(found(name).modules) <= BUDGET[name]


@pytest.mark.parametrize("name", HANDLERS)
def test_importing_opens_no_connection_and_reads_no_secret(name: str) -> None:
    """So that a snapshot of an imported handler (SnapStart) holds none."""
    assert found(name).connections == 0
    assert found(name).clients == 0


def test_every_function_of_the_template_has_a_budget() -> None:
    resources = load_template()["Resources"].values()
    named = {
        (one["Properties"]["CodeUri"].rstrip("/").rpartition("/")[2], one["Properties"]["Handler"])
        for one in resources
        if one["Type"] == "AWS::Serverless::Function"
    }
    sockets = {("sockets", f"app.{verb}") for verb in ("message", "disconnect")}
    assert {(one.folder, f"app.{one.attribute}") for one in HANDLERS.values()} == named - sockets
    assert set(BUDGET) == set(HANDLERS)


def test_chance_is_the_systems() -> None:
    """Workers that begin from one snapshot share the state of Python's own generator."""
    for file in PACKAGE.rglob("*.py"):
        used = re.findall(r"\brandom\.(?!SystemRandom)\w+\(", file.read_text())
        assert not used, file
