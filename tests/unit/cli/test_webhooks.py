"""`videosite webhooks …` against a site that answers what it is told to."""

from typing import Any

import httpx

from tests.unit.cli.fake_site import FakeSite, problem
from tests.unit.cli.run import run

WEBHOOK = {
    "webhook_id": "wh_1",
    "url": "https://x.org/[bold]",
    "events": None,
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
}
TIME = "2026-03-01T10:30:00Z"


def delivery(state: str, **attempt: Any) -> dict[str, Any]:
    """A delivery with one attempt, or none."""
    whole = {"at": TIME, "status": None, "error": None, "took_ms": 12, "answer": "", **attempt}
    return {
        "message_id": "msg_1",
        "type": "webhook_test",
        "status": state,
        "reason": None,
        "attempts": [whole] if attempt else [],
        "next_attempt_at": TIME if state == "pending" else None,
        "created_at": TIME,
    }


def test_the_secret_is_shown(fake: FakeSite) -> None:
    made = {**WEBHOOK, "secret": "whsec_abc"}
    for path in ("/webhooks", "/admin/webhooks"):
        fake.override[f"POST {path}"] = [httpx.Response(201, json=made)]
    ended = run("webhooks", "add", "https://x.org/", "--event", "transcode_failed")
    assert (ended.code, ended.stdout.count("whsec_abc")) == (0, 1)
    sent = fake.bodies["POST /webhooks"]
    assert (sent["url"], sent["events"]) == ("https://x.org/", ["transcode_failed"])
    ended = run("webhooks", "add", "https://x.org/", "--global", "--json")
    assert ended.document["secret"] == "whsec_abc"
    assert fake.bodies["POST /admin/webhooks"]["events"] is None


def test_the_list_says_how_they_do(fake: FakeSite) -> None:
    found = [
        WEBHOOK,
        {**WEBHOOK, "webhook_id": "wh_2", "failing_since": TIME},
        {**WEBHOOK, "webhook_id": "wh_3", "enabled": False, "disabled_reason": "gone"},
    ]
    fake.override["GET /webhooks"] = [httpx.Response(200, json={"webhooks": found})] * 2
    shown = run("webhooks", "list").stdout.splitlines()
    assert "[bold]" in shown[1]
    assert "failing since" in shown[2]
    assert "off (gone)" in shown[3]
    assert run("webhooks", "list", "--json").document["webhooks"] == found
    fake.override["GET /webhooks"] = [httpx.Response(200, json={"webhooks": []})]
    assert "webhooks add" in run("webhooks", "list").stdout


def test_a_test_waits_for_the_answer(fake: FakeSite) -> None:
    fake.override["POST /webhooks/wh_1/test"] = [httpx.Response(202, json=delivery("pending"))] * 2
    fake.override["GET /webhooks/wh_1/deliveries/msg_1"] = [
        httpx.Response(200, json=delivery("pending")),
        httpx.Response(200, json=delivery("delivered", status=204)),
        httpx.Response(200, json=delivery("failed", error="blocked_address")),
    ]
    ended = run("webhooks", "test", "wh_1")
    assert (ended.code, "204" in ended.stdout) == (0, True)
    ended = run("webhooks", "test", "wh_1", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_delivered")
    assert "blocked_address" in ended.document["error"]["message"]


def test_the_log(fake: FakeSite) -> None:
    page = {"deliveries": [delivery("failed", status=500, answer="a\x1b[31mb")], "next_cursor": None}
    fake.override["GET /webhooks/wh_1/deliveries"] = [httpx.Response(200, json=page)] * 2
    shown = run("webhooks", "log", "wh_1", "--failed").stdout
    assert "500" in shown
    assert "\x1b[31m" not in shown
    assert run("webhooks", "log", "wh_1", "--json").document["deliveries"] == page["deliveries"]


def test_removing(fake: FakeSite) -> None:
    gone = problem(404, "webhook_not_found", "There is no such webhook.")
    fake.override["DELETE /webhooks/wh_1"] = [httpx.Response(204), gone]
    assert run("webhooks", "remove", "wh_1").code == 0
    assert run("webhooks", "remove", "wh_1", "--json").document["error"]["code"] == "webhook_not_found"
