"""What the CDN is asked to drop."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from videosite.settings import get_settings
from videosite.store import cdn


class Client:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refusal = ""

    def create_invalidation(self, **options: Any) -> None:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal}}, "CreateInvalidation")
        self.asked.append(options)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    found = Client()
    monkeypatch.setattr(cdn, "_client", lambda: found)
    return found


@pytest.fixture
def distribution(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_DISTRIBUTION_ID", "E123")
    get_settings.cache_clear()


@pytest.mark.usefixtures("distribution")
def test_a_folder_is_a_path_and_each_request_is_its_own(client: Client) -> None:
    for _ in range(2):
        assert cdn.forget("videos/1/")
    one, two = (request["InvalidationBatch"] for request in client.asked)
    assert one["Paths"] == {"Quantity": 1, "Items": ["/videos/1/*"]}
    assert one["CallerReference"] != two["CallerReference"]
    assert client.asked[0]["DistributionId"] == "E123"


def test_without_a_cdn_nothing_is_asked(aws: None, client: Client) -> None:
    assert cdn.forget("videos/1/")
    assert client.asked == []


@pytest.mark.usefixtures("distribution")
def test_what_it_takes_no_more_of_at_the_moment_is_for_later(client: Client) -> None:
    client.refusal = "TooManyInvalidationsInProgress"
    assert not cdn.forget("videos/1/")
    client.refusal = "AccessDenied"
    with pytest.raises(ClientError, match="AccessDenied"):
        cdn.forget("videos/1/")
