"""What clients say, and what they are answered: always on the socket, never by the return value."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import message_event
from tests.unit.realtime.factories import encode_frames, end, make_transcode, open_socket
from videosite.pipeline import jobs
from videosite.realtime.connections import MAX_CHANNELS, ConnectionManager
from videosite.store.tables import SocketConnection, Subscription, Video

message = handler("sockets", "message")


def say(gateway: Gateway, connection_id: str, body: object) -> dict[str, Any]:
    """Send a text, or JSON; returns the frame that came back."""
    text = body if isinstance(body, str) else json.dumps(body)
    before = len(gateway.frames)
    assert message(message_event(connection_id, text), None) == {"statusCode": 200}
    ((to, frame),) = gateway.frames[before:]
    assert to == connection_id
    return frame


def sit(connection_id: str, user_id: str, role: str = "creator", scope: str = "user") -> None:
    """Open a socket now."""
    open_socket(connection_id, user_id, scope, role, at_s=time.time())


@pytest.mark.parametrize("body", ["ping", " ping\n", '{"action": "ping"}'])
def test_both_pings(gateway: Gateway, body: str) -> None:
    frame = say(gateway, "c1=", body)
    assert frame["type"] == "pong"
    assert frame["timestamp"].endswith("Z")


def test_a_subscriber_gets_the_newest_state_at_once(gateway: Gateway) -> None:
    make_transcode(7)
    encode_frames(7, h264_000000=50, h264_000001=75)
    sit("c1=", "ada")
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert frame["type"] == "transcode_progress"
    assert (frame["video_id"], frame["status"], frame["channel"]) == (7, "processing", "video#7")
    assert 10 < frame["progress"] < 80
    assert frame["message"] == "正在转码，已完成 3/5 段"
    assert frame["text"]["en"] == "Transcoding, 3 of 5 parts done"
    assert "video#7#0" in SocketConnection.get("c1=").channels
    assert Subscription.get("video#7#0", "c1=").expires_at_s > time.time()


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_who_comes_late_learns_how_it_ended(gateway: Gateway, status: str) -> None:
    make_transcode(7)
    end(7, status, error_code="no_video", error_message="The file has no video.")
    sit("c1=", "ada")
    assert say(gateway, "c1=", {"action": "subscribe", "video_id": 7})["status"] == status


def test_a_video_without_a_job_waits_for_its_upload(gateway: Gateway) -> None:
    make_transcode(7)
    Video(7).update([Video.active_generation.set(0), Video.status.set("pending")])
    sit("c1=", "ada")
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert (frame["status"], frame["progress"], frame["message"]) == ("pending", 0, "等待上传")


@pytest.mark.parametrize(
    ("user_id", "role", "allowed"),
    [("ada", "creator", True), ("bob", "creator", False), ("bob", "viewer", False), ("eve", "admin", True)],
)
def test_a_private_video_is_for_its_owner_and_admins(
    gateway: Gateway, user_id: str, role: str, allowed: bool
) -> None:
    make_transcode(7)
    sit("c1=", user_id, role)
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert frame["type"] == ("transcode_progress" if allowed else "error")
    assert ("video#7#0" in SocketConnection.get("c1=").channels) is allowed


def test_a_hidden_video_and_none_look_the_same(gateway: Gateway) -> None:
    make_transcode(7)
    sit("c1=", "bob")
    hidden = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert hidden == say(gateway, "c1=", {"action": "subscribe", "video_id": 8})
    assert hidden == {
        "type": "error",
        "code": "video_not_found",
        "message": "There is no such video.",
        "action": "subscribe",
    }


def test_a_subscription_may_be_asked_for_twice_and_ended_twice(gateway: Gateway) -> None:
    make_transcode(7)
    sit("c1=", "ada")
    for _ in range(2):
        assert say(gateway, "c1=", {"action": "subscribe", "video_id": 7})["type"] == "transcode_progress"
    for _ in range(2):
        frame = say(gateway, "c1=", {"action": "unsubscribe", "video_id": 7})
        assert frame == {"type": "unsubscribed", "video_id": 7, "channel": "video#7"}
    assert "video#7#0" not in SocketConnection.get("c1=").channels
    assert "video#7#0" not in {row.channel_shard for row in Subscription.scan()}


def test_subscriptions_have_a_limit(gateway: Gateway) -> None:
    sit("c1=", "ada")
    manager = ConnectionManager()
    connection = manager.load("c1=", time.time())
    assert connection is not None
    for number in range(MAX_CHANNELS - 2):
        manager.subscribe(connection, f"video#{1000 + number}", time.time())
    make_transcode(7)
    assert say(gateway, "c1=", {"action": "subscribe", "video_id": 7})["code"] == "too_many_subscriptions"
    manager.unsubscribe(connection, "video#1000")
    assert say(gateway, "c1=", {"action": "subscribe", "video_id": 7})["type"] == "transcode_progress"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "bad_json"),
        ("pong", "bad_json"),
        ("{", "bad_json"),
        ("[]", "bad_json"),
        ("7", "bad_json"),
        ("null", "bad_json"),
        ("[" * 4000, "bad_json"),
        ("\x00\ufffd\x01", "bad_json"),
        ("x" * 4097, "too_large"),
        ("汉" * 1366, "too_large"),
        ("{}", "unknown_action"),
        ('{"action": 7}', "unknown_action"),
        ('{"action": ["ping"]}', "unknown_action"),
        ('{"action": "delete"}', "unknown_action"),
        ('{"action": "subscribe"}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": "7"}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": true}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": 7.0}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": 0}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": -7}', "bad_video_id"),
        ('{"action": "subscribe", "video_id": 9007199254740992}', "bad_video_id"),
        ('{"action": "unsubscribe", "video_id": null}', "bad_video_id"),
    ],
    ids=lambda value: value[:40],
)
def test_nonsense_is_answered_clearly(gateway: Gateway, body: str, code: str) -> None:
    sit("c1=", "ada")
    frame = say(gateway, "c1=", body)
    assert (frame["type"], frame["code"]) == ("error", code)
    assert frame["message"].endswith(".")
    asked = json.loads(body)["action"] if code == "bad_video_id" else None
    assert frame["action"] == asked


def test_a_socket_nobody_knows_is_told_to_connect_again(gateway: Gateway) -> None:
    make_transcode(7)
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert (frame["type"], frame["code"]) == ("error", "not_connected")
    assert Subscription.count() == 0


def test_a_fault_is_answered_not_raised(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError("secret of the inside")

    sit("c1=", "ada")
    monkeypatch.setattr(jobs, "load_video", broken)
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert frame["code"] == "internal_error"
    assert "secret" not in str(frame)


@pytest.mark.parametrize("status", [403, 410, 429, 500])
def test_an_answer_that_does_not_arrive_is_no_error(gateway: Gateway, status: int) -> None:
    gateway.statuses["c1="] = status
    assert message(message_event("c1=", "ping"), None) == {"statusCode": 200}


def test_one_line_is_logged_without_what_was_said(
    gateway: Gateway, log: Callable[[], list[dict[str, Any]]]
) -> None:
    say(gateway, "c1=", '{"action": "a-secret"}')
    (line,) = log()
    assert (line["type"], line["code"], line["outcome"]) == ("error", "unknown_action", "sent")
    assert "a-secret" not in str(line)
