from dataclasses import replace
from pathlib import Path

import pytest

from cli import (
    control,
    export,
    listing,
    signing,
    subtitles,
    thumbnail,
    upload,
    users,
    videos,
    watch,
    webhooks,
)
from tests.unit.cli.fake_site import FakeSite


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of commands are kept where no other test looks."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSite:
    """A site that all commands find."""
    site = FakeSite(tmp_path)
    for module in (control, export, listing, subtitles, thumbnail, upload, users, videos, watch, webhooks):
        monkeypatch.setattr(module, "find_site", lambda *_: site.site)
        monkeypatch.setattr(module, "Client", lambda *_: site.client())
    monkeypatch.setattr(signing, "find_address", lambda *_: replace(site.site, credentials_file=None))
    monkeypatch.setattr(signing, "Client", site.client)
    return site
