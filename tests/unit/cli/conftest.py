from pathlib import Path

import pytest

from cli import control, export, listing, subtitles, thumbnail, upload, users, watch, webhooks
from tests.unit.cli.fake_site import FakeSite


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSite:
    """A site that all commands find."""
    site = FakeSite(tmp_path)
    for module in (control, export, listing, subtitles, thumbnail, upload, users, watch, webhooks):
        monkeypatch.setattr(module, "find_site", lambda *_: site.site)
        monkeypatch.setattr(module, "Client", lambda *_: site.client())
    return site
