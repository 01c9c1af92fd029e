"""What the CDN is asked to drop."""

from typing import Any

import pytest

from videosite.settings import get_settings
from videosite.store import cdn


class Client:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def create_invalidation(self, **options: Any) -> None:
        self.asked.append(options)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    found = Client()
    monkeypatch.setattr(cdn, "_client", lambda: found)
    return found


def test_patterns_are_paths_and_each_request_is_its_own(
    aws: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOSITE_DISTRIBUTION_ID", "E123")
    get_settings.cache_clear()
    for _ in range(2):
        cdn.forget(["videos/1/*", "thumbnails/video_1_*"])
    one, two = (request["InvalidationBatch"] for request in client.asked)
    assert one["Paths"] == {"Quantity": 2, "Items": ["/videos/1/*", "/thumbnails/video_1_*"]}
    assert one["CallerReference"] != two["CallerReference"]
    assert client.asked[0]["DistributionId"] == "E123"


def test_without_a_cdn_nothing_is_asked(aws: None, client: Client) -> None:
    cdn.forget(["videos/1/*"])
    assert client.asked == []
