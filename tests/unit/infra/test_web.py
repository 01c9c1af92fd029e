"""The console as it is built: how much a first visit fetches, and that nothing comes from elsewhere."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra import web

BUDGET_BYTES = 350_000
"""Gzipped, of the page, the library and a language: what somebody waits for who signs in."""


@pytest.fixture(scope="module")
def built() -> Path:
    """The build, brought up to date."""
    web.build_web()
    return web.OUTPUT


def closure(manifest: dict[str, Any], *names: str) -> set[str]:
    """The files of some modules and of all they import, without what is fetched later."""
    files: set[str] = set()
    seen: set[str] = set()
    rest = list(names)
    while rest:
        name = rest.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        files |= {chunk["file"], *chunk.get("css", [])}
        rest += chunk.get("imports", [])
    return files


def packed_bytes(folder: Path, files: set[str]) -> int:
    return sum(len(gzip.compress((folder / file).read_bytes())) for file in files)


def test_a_first_visit_is_within_its_budget(built: Path) -> None:
    manifest = json.loads((built / ".vite/manifest.json").read_text())
    first = closure(manifest, "index.html", "src/pages/VideosPage.tsx", "src/i18n/zh.ts")
    assert packed_bytes(built, first) <= BUDGET_BYTES


def test_the_player_is_fetched_only_when_something_is_played(built: Path) -> None:
    manifest = json.loads((built / ".vite/manifest.json").read_text())
    player = manifest["src/features/player/Player.tsx"]
    assert player["isDynamicEntry"]
    for page in ("index.html", *(name for name in manifest if name.startswith("src/pages/"))):
        assert player["file"] not in closure(manifest, page)


def test_the_page_holds_no_script_and_names_nobody_else(built: Path) -> None:
    page = (built / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert "http://" not in page
    assert "https://" not in page


def test_what_changed_is_built_and_nothing_else(built: Path) -> None:
    said: list[str] = []
    assert web.build_web(said.append) is False
    assert said == []
    assert len(web.stamp()) == 64
