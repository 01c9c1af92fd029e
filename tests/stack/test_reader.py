"""Addresses for a week, signed by the reader's key: SeaweedFS takes them, for what the key may read."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local import ports, seaweedfs
from infra.local.deploy import MEDIA, UPLOADS
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.processes import stop
from tests.conftest import forget_process
from videosite.store import objects


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A SeaweedFS, and settings as the local stack gives them to the API."""
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder))
        keys, found = load_keys(home), ports.take(seaweedfs.PORTS, {})
        process = seaweedfs.launch(home, found, keys, UPLOADS, MEDIA, "http://127.0.0.1:9/none", "secret")
        address = seaweedfs.url(found)
        try:
            deadline_s = time.monotonic() + 20
            while not seaweedfs.prepare(address, keys, UPLOADS, MEDIA, ["http://localhost:1"]):
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
            for name, value in {
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_SESSION_TOKEN": "of-the-role",
                "VIDEOSITE_MEDIA_BUCKET": MEDIA,
                "VIDEOSITE_STORAGE_ENDPOINT": address,
                "VIDEOSITE_STORAGE_PUBLIC_ENDPOINT": address,
                "VIDEOSITE_STORAGE_PATH_STYLE": "true",
                "VIDEOSITE_STORAGE_ACCESS_KEY": keys.storage_functions.access_key,
                "VIDEOSITE_STORAGE_SECRET_KEY": keys.storage_functions.secret_key,
                "VIDEOSITE_STORAGE_READER_ACCESS_KEY": keys.storage_reader.access_key,
                "VIDEOSITE_STORAGE_READER_SECRET_KEY": keys.storage_reader.secret_key,
            }.items():
                monkeypatch.setenv(name, value)
            forget_process()
            yield
        finally:
            stop(process)
            forget_process()


@pytest.mark.usefixtures("reader")
def test_an_address_for_a_week_reads_one_object() -> None:
    key = "subtitles/video_7_en.vtt"
    objects.put(MEDIA, key, b"WEBVTT\n", "text/vtt; charset=utf-8")
    url = objects.presign_public_get(key, 604_800)
    assert url is not None
    query = parse_qs(urlsplit(url).query)
    assert (query["X-Amz-Expires"], "X-Amz-Security-Token" in query) == (["604800"], False)
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, b"WEBVTT\n")
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    for other in (url.replace("_en.vtt", "_de.vtt"), url.replace(MEDIA, UPLOADS), url[:-1] + "0"):
        assert other == url or httpx.get(other).status_code == 403
    assert httpx.put(url, content=b"x").status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
