"""Addresses of objects, as clients and FFmpeg get them."""

from urllib.parse import urlsplit

import pytest

from videosite.settings import get_settings
from videosite.store import objects

REGIONAL = "uploads.s3.eu-central-1.amazonaws.com"


@pytest.fixture
def abroad(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that is not S3's first, where the global address only redirects, at first at least."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    objects._client.cache_clear()
    objects._public_client.cache_clear()


@pytest.mark.usefixtures("abroad")
def test_signed_addresses_name_the_region() -> None:
    addresses = [
        objects.presign_get("uploads", "uploads/1/source", 60),
        objects.presign_download("uploads", "uploads/1/source", 60, "attachment"),
        objects.presign_post_upload("uploads/1/source", 5, 60, "video/mp4").url,
        *objects.presign_parts("uploads/1/source", "id", {1: 5}, 60),
    ]
    assert {urlsplit(address).hostname for address in addresses} == {REGIONAL}


@pytest.mark.usefixtures("abroad")
def test_another_storage_is_addressed_as_it_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_STORAGE_ENDPOINT", "https://storage.example.org")
    monkeypatch.setenv("VIDEOSITE_STORAGE_PATH_STYLE", "true")
    get_settings.cache_clear()
    address = urlsplit(objects.presign_get("uploads", "uploads/1/source", 60))
    assert (address.hostname, address.path) == ("storage.example.org", "/uploads/uploads/1/source")
