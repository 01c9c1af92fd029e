"""Settings that only serving media needs."""

from collections.abc import Iterator

import pytest

from videosite.library import playback
from videosite.settings import get_settings
from videosite.store import secrets

MEDIA_SECRET = "media-secret-of-the-tests"
PUBLIC_URL = "https://videos.example.org"


@pytest.fixture
def site(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty installation with an address and a media secret."""
    monkeypatch.setenv("VIDEOSITE_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("VIDEOSITE_MEDIA_SECRET_ARN", "media-secret")
    get_settings.cache_clear()
    monkeypatch.setattr(playback, "get_secret", {"media-secret": MEDIA_SECRET}.__getitem__)
    for cache in (playback.find_asset, playback._gave_up, secrets.get_secret):
        cache.cache_clear()
    yield
    for cache in (playback.find_asset, playback._gave_up, secrets.get_secret):
        cache.cache_clear()
