"""ETag and If-Match: nobody undoes what they have not seen."""

from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from videosite.store.tables import Webhook
from videosite.web.conditional import etag
from videosite.webhooks import registry


@pytest.fixture
def path(api: Api, people: People) -> str:
    """A webhook of Ada's."""
    made = api.post("/webhooks", {"url": "https://hooks.example.org/"}, people.ada)
    return f"/webhooks/{made.json['webhook_id']}"


def change(api: Api, path: str, token: str, if_match: str | None, method: str = "PATCH") -> Answer:
    headers = {"if-match": if_match} if if_match is not None else {}
    return api.call(method, path, {"description": "changed"}, token, headers=headers)


def test_an_update_of_what_was_seen(api: Api, people: People, path: str) -> None:
    seen = api.get(path, people.ada).headers["etag"]
    first = change(api, path, people.ada, seen)
    assert first.status == 200
    assert first.headers["etag"] == api.get(path, people.ada).headers["etag"] != seen
    late = change(api, path, people.ada, seen)
    assert (late.status, late.code) == (412, "changed_meanwhile")
    assert change(api, path, people.ada, seen, "DELETE").code == "changed_meanwhile"
    assert change(api, path, people.ada, first.headers["etag"], "DELETE").status == 204


def test_who_says_nothing_is_believed(api: Api, people: People, path: str) -> None:
    for if_match in (None, "*"):
        assert change(api, path, people.ada, if_match).status == 200


@pytest.mark.parametrize("form", ['"0"', "W/{}", "nonsense", ""])
def test_only_the_very_tag_counts(api: Api, people: People, path: str, form: str) -> None:
    seen = api.get(path, people.ada).headers["etag"]
    assert change(api, path, people.ada, form.format(seen)).status == 412
    assert change(api, path, people.ada, f'"0", {seen}').status == 200


def test_a_change_between_look_and_write_is_seen(
    api: Api, people: People, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, original = api.get(path, people.ada).headers["etag"], registry.change

    def other_first(webhook: Webhook, *arguments: Any, **options: Any) -> None:
        other = Webhook.get(webhook.owner_id, webhook.webhook_id)
        original(other, 5.0, description="the other's")
        original(webhook, *arguments, **options)

    monkeypatch.setattr(registry, "change", other_first)
    assert change(api, path, people.ada, seen).code == "changed_meanwhile"
    assert api.get(path, people.ada).json["description"] == "the other's"


def test_tags_tell_times_apart() -> None:
    assert etag(1.0) == etag(1.0) != etag(1.000001)
