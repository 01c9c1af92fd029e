"""What people were told, and telling them something."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from tests.unit.realtime.factories import make_transcode, store_messages, stored_messages
from videosite.realtime.notifications import NotificationService


def test_ones_transcodes_and_what_operators_say(api: Api, people: People) -> None:
    job = make_transcode(7, published={"h264": 5})
    NotificationService().notify_transcode_complete(job, "h264", True, time.time())
    api.post("/admin/system-messages", {"message": "Hello"}, people.admin)
    page = api.get("/notifications", people.ada).json
    assert {item["type"] for item in page["notifications"]} == {"transcode_complete", "system_message"}
    assert (page["unread"], page["next_cursor"]) == (2, None)
    complete = next(item for item in page["notifications"] if item["type"] == "transcode_complete")
    assert (complete["video_id"], complete["final"], complete["channel"]) == (7, True, "user#ada")
    assert [item["type"] for item in api.get("/notifications", people.bob).json["notifications"]] == [
        "system_message"
    ]


def test_paging_and_reading(api: Api, people: People) -> None:
    store_messages("user#ada", 1, 6, time.time())
    first = api.get("/notifications", people.ada, query={"limit": 3}).json
    assert [item["id"] for item in first["notifications"]] == ["e5", "e4", "e3"]
    rest = api.get("/notifications", people.ada, query={"limit": 3, "cursor": first["next_cursor"]}).json
    assert [item["id"] for item in rest["notifications"]] == ["e2", "e1"]
    assert api.post("/notifications/read", {"ids": ["e5", "e1"]}, people.ada).json == {"unread": 3}
    page = api.get("/notifications", people.ada).json
    assert [item["read"] for item in page["notifications"]] == [True, False, False, False, True]
    assert api.post("/notifications/read-all", token=people.ada).json == {"unread": 0}
    assert api.get("/notifications", people.ada).json["unread"] == 0
    assert api.get("/notifications", people.ada, query={"cursor": "x"}).code == "bad_cursor"


@pytest.mark.parametrize("ids", [[], ["x"] * 101, ["x" * 201], [7]], ids=["none", "many", "long", "number"])
def test_ids_that_are_none(api: Api, people: People, ids: list[Any]) -> None:
    assert api.post("/notifications/read", {"ids": ids}, people.ada).code == "validation_failed"


def test_a_system_message_is_said_at_once(api: Api, people: People) -> None:
    body = {"message": "系统将于10分钟后维护", "level": "warning"}
    answer = api.post("/admin/system-messages", body, people.admin)
    assert answer.status == 201
    assert answer.json["sent"] is True
    (frame,) = stored_messages("all")
    assert (frame["message"], frame["level"]) == (body["message"], "warning")
    assert api.get("/admin/system-messages", people.admin).json == {"messages": [answer.json]}


def test_asked_twice_with_one_key_it_is_said_once(api: Api, people: People) -> None:
    keyed = {"headers": {"idempotency-key": "k1"}}
    answers = [api.post("/admin/system-messages", {"message": "Once"}, people.admin, **keyed) for _ in "ab"]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(stored_messages("all")) == 1
    api.post("/admin/system-messages", {"message": "Once"}, people.admin)
    assert len(stored_messages("all")) == 2


def test_or_later(api: Api, people: People) -> None:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    body = {"message": "Later", "starts_at": starts_at.isoformat(), "audience": "user", "user_id": "ada"}
    answer = api.post("/admin/system-messages", body, people.admin).json
    assert (answer["sent"], answer["user_id"]) == (False, "ada")
    assert datetime.fromisoformat(answer["starts_at"]) == starts_at
    assert datetime.fromisoformat(answer["expires_at"]) == starts_at + timedelta(days=1)
    assert stored_messages("user#ada") == []
    path = f"/admin/system-messages/{answer['message_id']}"
    assert api.call("DELETE", path, token=people.admin).status == 204
    assert api.call("DELETE", path, token=people.admin).code == "message_not_found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_failed"),
        ({"message": ""}, "validation_failed"),
        ({"message": "x" * 2001}, "validation_failed"),
        ({"message": "x", "level": "loud"}, "validation_failed"),
        ({"message": "x", "audience": "nobody"}, "validation_failed"),
        ({"message": "x", "starts_at": "2025-10-10T10:30:00"}, "validation_failed"),
        ({"message": "x", "audience": "user"}, "bad_audience"),
        ({"message": "x", "user_id": "ada"}, "bad_audience"),
        ({"message": "x", "audience": "user", "user_id": "nobody"}, "user_not_found"),
        ({"message": "x", "expires_at": "2025-10-10T10:30:00Z"}, "bad_schedule"),
        ({"message": "x", "expires_at": "9999-10-10T10:30:00Z"}, "bad_schedule"),
    ],
    ids=str,
)
def test_bad_system_messages(api: Api, people: People, body: dict[str, Any], code: str) -> None:
    assert api.post("/admin/system-messages", body, people.admin).code == code
    assert api.get("/admin/system-messages", people.admin).json == {"messages": []}
