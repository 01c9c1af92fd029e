"""Webhooks over HTTP: whose they are, the secret, the log, sending again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from tests.unit.webhooks.factories import URL, Receiver, said
from videosite.webhooks import sending

Take = Callable[[str], list[str]]


def add(api: Api, token: str, path: str = "/webhooks", **values: Any) -> dict[str, Any]:
    answer = api.post(path, {"url": URL, **values}, token)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json
    return made


def work_off(take: Take, receiver: Receiver) -> None:
    for body in take("webhooks"):
        sending.handle(json.loads(body), post=receiver)


def test_the_secret_is_shown_once(api: Api, people: People) -> None:
    made = add(api, people.ada, description="Mine", events=["transcode_failed"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["scope"], made["events"], made["enabled"]) == ("own", ["transcode_failed"], True)
    path = f"/webhooks/{made['webhook_id']}"
    assert api.get(path, people.ada).json == made
    assert api.get("/webhooks", people.ada).json == {"webhooks": [made]}
    rotated = api.post(f"{path}/secret", token=people.ada).json["secret"]
    assert rotated != secret
    assert "secret" not in api.get(path, people.ada).json


def test_own_ones_are_nobody_elses(api: Api, people: People) -> None:
    path = f"/webhooks/{add(api, people.ada)['webhook_id']}"
    for token in (people.bob, people.moderator, people.admin):
        assert api.get(path, token).code == "webhook_not_found"
        assert api.call("PATCH", path, {"enabled": False}, token).status == 404
        assert api.call("DELETE", path, token=token).status == 404
        assert api.post(f"{path}/secret", token=token).status == 404
        assert api.get(f"{path}/deliveries", token).status == 404
        assert api.get("/webhooks", token).json == {"webhooks": []}
    assert api.get(path, people.ada).status == 200


def test_global_ones_are_all_admins(api: Api, people: People) -> None:
    made = add(api, people.admin, "/admin/webhooks")
    assert made["scope"] == "global"
    assert api.get(f"/webhooks/{made['webhook_id']}", people.ada).status == 404
    assert api.get("/webhooks", people.admin).json == {"webhooks": []}
    (listed,) = api.get("/admin/webhooks", people.admin).json["webhooks"]
    assert listed["created_by"] == "admin"
    assert api.call("DELETE", f"/webhooks/{made['webhook_id']}", token=people.admin).status == 204
    assert api.get("/admin/webhooks", people.admin).json == {"webhooks": []}


def test_it_is_changed(api: Api, people: People) -> None:
    path = f"/webhooks/{add(api, people.ada)['webhook_id']}"
    changed = api.call("PATCH", path, {"enabled": False, "events": ["system_message"]}, people.ada).json
    assert (changed["enabled"], changed["events"], changed["url"]) == (False, ["system_message"], URL)
    assert api.post(f"{path}/test", token=people.ada).code == "webhook_disabled"
    changed = api.call("PATCH", path, {"enabled": True, "events": []}, people.ada).json
    assert (changed["enabled"], changed["events"]) == (True, None)
    assert api.call("PATCH", path, {"url": "https://127.0.0.1/"}, people.ada).code == "bad_url"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": URL, "events": []},
        {"url": URL, "events": ["x"]},
        {"url": "https://" + "x" * 2000},
    ],
)
def test_what_is_not_valid(api: Api, people: People, body: dict[str, Any]) -> None:
    assert api.post("/webhooks", body, people.ada).code == "validation_failed"


def test_a_test_and_its_delivery(api: Api, people: People, messages: Take) -> None:
    path = f"/webhooks/{add(api, people.ada)['webhook_id']}"
    asked = api.post(f"{path}/test", token=people.ada)
    assert (asked.status, asked.json["status"], asked.json["attempts"]) == (202, "pending", [])
    work_off(messages, Receiver([said(418, body="I am a teapot")]))
    delivery = api.get(f"{path}/deliveries/{asked.json['message_id']}", people.ada).json
    assert json.loads(delivery.pop("body"))["type"] == delivery["type"] == "webhook_test"
    assert (delivery["status"], delivery["reason"]) == ("failed", "not_accepted")
    (attempt,) = delivery["attempts"]
    assert (attempt["status"], attempt["error"], attempt["answer"]) == (418, None, "I am a teapot")
    assert api.get(f"{path}/deliveries", people.ada).json == {"deliveries": [delivery], "next_cursor": None}
    assert api.get(f"{path}/deliveries", people.ada, query={"status": "delivered"}).json["deliveries"] == []


def test_sending_again_has_a_limit(api: Api, people: People) -> None:
    """Each call gives a delivery nine attempts more, ten seconds each where nobody answers."""
    path = f"/webhooks/{add(api, people.ada)['webhook_id']}"
    message_id = api.post(f"{path}/test", token=people.ada).json["message_id"]
    answers = [api.post(f"{path}/deliveries/{message_id}/replay", token=people.ada) for _ in range(22)]
    assert [answer.status for answer in answers[:20]] == [202] * 20
    assert answers[-1].code == "rate_limited"


def test_sending_again(api: Api, people: People, messages: Take) -> None:
    path = f"/webhooks/{add(api, people.ada)['webhook_id']}"
    ids = [api.post(f"{path}/test", token=people.ada).json["message_id"] for _ in range(2)]
    work_off(messages, Receiver([said(500), said(500)]))
    again = api.post(f"{path}/deliveries/{ids[0]}/replay", token=people.ada)
    assert (again.status, again.json["status"]) == (202, "pending")
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    failed = api.post(f"{path}/replay-failed", {"since": since}, people.ada)
    assert (failed.status, failed.json) == (202, {"replayed": 1, "more": False, "next_cursor": None})
    receiver = Receiver()
    work_off(messages, receiver)
    assert {headers["webhook-id"] for _, _, headers in receiver.posts} == set(ids)
    page = api.get(f"{path}/deliveries", people.ada).json["deliveries"]
    assert [(one["status"], len(one["attempts"])) for one in page] == [("delivered", 2)] * 2
    assert api.post(f"{path}/deliveries/msg_x/replay", token=people.ada).code == "delivery_not_found"
    assert api.post(f"{path}/replay-failed", {"since": "2025-10-10T10:30:00"}, people.ada).status == 422
