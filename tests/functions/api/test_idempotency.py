"""Idempotency-Key: what is sent twice is done once."""

import time
from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from videosite.store.tables import Answer as StoredAnswer
from videosite.store.tables import Webhook
from videosite.webhooks import registry

NEW = {"url": "https://hooks.example.org/a"}
HOUR_S = 3600


def create(api: Api, token: str, body: Any = None, key: str = "key-1", path: str = "/webhooks") -> Answer:
    return api.post(path, body or NEW, token, headers={"idempotency-key": key})


def test_the_same_request_is_done_once(api: Api, people: People) -> None:
    first, second = create(api, people.ada), create(api, people.ada)
    assert first.status == second.status == 201
    assert second.json == first.json
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"
    assert Webhook.count() == 1


def test_a_key_is_for_one_body(api: Api, people: People) -> None:
    create(api, people.ada)
    again = create(api, people.ada, {"url": "https://hooks.example.org/b"})
    assert (again.status, again.code) == (422, "idempotency_key_reused")
    assert Webhook.count() == 1


def test_keys_are_each_users_own_and_each_routes(api: Api, people: People) -> None:
    for token, path in [
        (people.ada, "/webhooks"),
        (people.bob, "/webhooks"),
        (people.admin, "/webhooks"),
        (people.admin, "/admin/webhooks"),
    ]:
        assert "idempotent-replayed" not in create(api, token, path=path).headers
    create(api, people.ada, key="key-2")
    assert Webhook.count() == 5


def test_without_a_key_everything_is_done(api: Api, people: People) -> None:
    assert [api.post("/webhooks", NEW, people.ada).status for _ in range(2)] == [201, 201]
    assert StoredAnswer.count() == 0


def test_what_is_under_way_is_not_begun_again(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, answers = registry.add, []

    def ask_again_meanwhile(*arguments: Any) -> Any:
        monkeypatch.setattr(registry, "add", add)
        answers.append(StoredAnswer.scan().next())
        return add(*arguments)

    monkeypatch.setattr(registry, "add", ask_again_meanwhile)
    create(api, people.ada)
    (row,) = answers
    assert row.status is None
    row.lease_until_s = time.time() + 60
    row.save()
    again = create(api, people.ada)
    assert (again.status, again.code) == (409, "request_in_progress")
    row.lease_until_s = time.time() - 1  # its worker died
    row.save()
    assert create(api, people.ada).status == 201


def test_a_failure_is_not_kept(api: Api, people: People) -> None:
    for _ in range(2):
        assert create(api, people.ada, {"url": "http://10.0.0.1/"}).code == "bad_url"
    assert create(api, people.viewer).code == "forbidden"
    assert StoredAnswer.count() == 0
    assert create(api, people.ada).status == 201


def test_an_exception_is_not_kept(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(registry, "add", fail)
        assert create(api, people.ada).code == "internal_error"
    assert create(api, people.ada).status == 201


def test_answers_are_kept_for_a_day(api: Api, people: People) -> None:
    create(api, people.ada)
    (row,) = StoredAnswer.scan()
    assert row.expires_at_s == pytest.approx(time.time() + 24 * HOUR_S, abs=60)
    row.expires_at_s = time.time() - 1  # time-to-live deletes late
    row.save()
    assert "idempotent-replayed" not in create(api, people.ada).headers


def test_neither_key_nor_body_is_stored_as_it_was_sent(api: Api, people: People) -> None:
    create(api, people.ada, {**NEW, "description": "a secret of mine"}, key="key-of-mine")
    (row,) = StoredAnswer.scan()
    assert "key-of-mine" not in str(row.to_dynamodb_dict())
    assert "secret of mine" not in row.fingerprint


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_length(api: Api, people: People, key: str) -> None:
    answer = create(api, people.ada, key=key)
    assert (answer.status, answer.code) == (422, "validation_failed")


def test_a_stranger_gets_no_answer(api: Api, people: People) -> None:
    create(api, people.ada)
    assert create(api, "nonsense").code == "bad_token"
    assert api.post("/webhooks", NEW, headers={"idempotency-key": "key-1"}).code == "not_signed_in"
