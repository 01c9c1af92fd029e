"""What clients say, and what they are answered: always on the socket, never by the return value."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import message_event
from tests.unit.realtime.factories import (
    NOW_S,
    connect,
    encode_frames,
    end,
    make_transcode,
    open_socket,
    store_messages,
)
from videosite.accounts.tokens import issue_access_token, verify_access_token
from videosite.pipeline import jobs
from videosite.pipeline.snapshot import iso_time
from videosite.realtime import inbox, replay
from videosite.realtime.connections import MAX_CHANNELS, ConnectionManager
from videosite.realtime.tickets import Bearer, issue_ticket
from videosite.store.tables import Role, SocketConnection, Subscription, User, Video

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
    sit("c1=", "ada")
    frame = say(gateway, "c1=", body)
    assert frame["type"] == "pong"
    assert frame["timestamp"].endswith("Z")
    assert frame["expires_at"] == iso_time(SocketConnection.get("c1=").ends_at_s)


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
        ('{"action": "resume"}', "bad_positions"),
        ('{"action": "resume", "positions": {}}', "bad_positions"),
        ('{"action": "resume", "positions": ["all"]}', "bad_positions"),
        ('{"action": "resume", "positions": {"all": -1}}', "bad_positions"),
        ('{"action": "resume", "positions": {"all": true}}', "bad_positions"),
        ('{"action": "resume", "positions": {"all": 9007199254740992}}', "bad_positions"),
        ('{"action": "read"}', "bad_ids"),
        ('{"action": "read", "ids": []}', "bad_ids"),
        ('{"action": "read", "ids": [7]}', "bad_ids"),
        ('{"action": "read", "all": 1}', "bad_ids"),
        (f'{{"action": "read", "ids": ["{"x" * 2100}"]}}', "bad_ids"),
        ('{"action": "refresh"}', "bad_token"),
        ('{"action": "refresh", "token": "a.b.c"}', "bad_token"),
        ('{"action": "refresh", "token": "nothing"}', "bad_ticket"),
    ],
    ids=lambda value: value[:40],
)
def test_nonsense_is_answered_clearly(gateway: Gateway, body: str, code: str) -> None:
    sit("c1=", "ada")
    frame = say(gateway, "c1=", body)
    assert (frame["type"], frame["code"]) == ("error", code)
    assert frame["message"].endswith(".")
    known = code not in ("bad_json", "too_large", "unknown_action")
    asked = json.loads(body)["action"] if known else None
    assert frame["action"] == asked


def test_a_socket_nobody_knows_is_told_to_connect_again(gateway: Gateway) -> None:
    make_transcode(7)
    frame = say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert (frame["type"], frame["code"]) == ("error", "not_connected")
    assert gateway.closed == ["c1="]
    assert Subscription.count() == 0


def resume(gateway: Gateway, **positions: int | None) -> dict[str, Any]:
    named = {name.replace("_", "#"): seq for name, seq in positions.items()}
    return say(gateway, "c1=", {"action": "resume", "positions": named})


def test_what_was_missed_is_replayed(gateway: Gateway) -> None:
    store_messages("user#ada", 1, 5, time.time())
    sit("c1=", "ada")
    frame = resume(gateway, user_ada=2)
    assert (frame["type"], frame["channel"], frame["recovered"]) == ("resumed", "user#ada", True)
    assert [(message["id"], message["seq"]) for message in frame["messages"]] == [("e3", 3), ("e4", 4)]
    assert (frame["seq"], frame["more"]) == (4, False)
    assert resume(gateway, user_ada=9) == {
        "type": "resumed",
        "channel": "user#ada",
        "recovered": False,
        "seq": 4,
        "messages": [],
        "more": False,
    }


def test_several_channels_at_once(gateway: Gateway) -> None:
    store_messages("user#ada", 1, 3, time.time())
    store_messages("all", 3, 4, time.time())
    sit("c1=", "ada")
    body = json.dumps({"action": "resume", "positions": {"user#ada": 0, "all": None}})
    message(message_event("c1=", body), None)
    assert [(f["channel"], f["recovered"], f["seq"]) for f in gateway.to("c1=")] == [
        ("user#ada", True, 2),
        ("all", False, 1),
    ]


@pytest.mark.parametrize("channel", ["user_bob", "admin", "video_7", "all_3", "notice_admins", "nothing"])
def test_only_what_a_socket_hears_is_replayed(gateway: Gateway, channel: str) -> None:
    make_transcode(7)
    store_messages("user#bob", 1, 3, time.time())
    sit("c1=", "ada")
    assert resume(gateway, all=None, **{channel: 0})["code"] == "not_subscribed"


@pytest.mark.parametrize(
    "said",
    [
        '{"action":"resume","positions":{"\\ud800":1}}',
        '{"action":"read","ids":["\\ud800"]}',
        '{"action":"\\ud800"}',
        '{"action":"refresh","token":"\\ud800"}',
    ],
)
def test_half_a_surrogate_pair_is_answered(gateway: Gateway, said: str) -> None:
    """JSON may hold it, UTF-8 may not."""
    sit("c1=", "ada")
    assert say(gateway, "c1=", said)["type"] in ("error", "read")


def test_a_subscription_that_is_not_allowed_any_more_replays_nothing(gateway: Gateway) -> None:
    make_transcode(7)
    sit("c1=", "ada")
    say(gateway, "c1=", {"action": "subscribe", "video_id": 7})
    assert resume(gateway, video_7=0)["recovered"] is True
    Video(7).update([Video.owner_id.set("bob")])
    assert resume(gateway, video_7=0)["code"] == "video_not_found"


def test_a_replay_that_does_not_arrive_is_cut_short(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last frame would say that nothing is missing."""
    monkeypatch.setattr(replay, "MAX_FRAME_BYTES", 100)
    store_messages("all", 1, 5, time.time())
    sit("c1=", "ada")
    post = gateway.post_to_connection

    def slow(ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        post(ConnectionId, Data)
        gateway.statuses["c1="] = 429 if len(gateway.frames) == 2 else 200

    monkeypatch.setattr(gateway, "post_to_connection", slow)
    message(message_event("c1=", '{"action":"resume","positions":{"all":0}}'), None)
    assert [(frame["seq"], frame["more"]) for frame in gateway.to("c1=")] == [(1, True), (2, True)]


def test_reading_counts_down(gateway: Gateway) -> None:
    store_messages("user#ada", 1, 5, time.time())
    sit("c1=", "ada")
    for _ in range(2):
        frame = say(gateway, "c1=", {"action": "read", "ids": ["e1", "e4", "nothing"]})
        assert frame == {"type": "read", "unread": 2}
    assert say(gateway, "c1=", {"action": "read", "all": True}) == {"type": "read", "unread": 0}


def bearer_token(role: str = "creator", user_id: str = "ada") -> str:
    user = User(user_id, email="a@b.c", role=role, created_at_s=0)
    user.save()
    return issue_access_token(user, time.time())


@pytest.mark.parametrize("kind", ["token", "ticket"])
def test_a_newer_token_lets_a_socket_live_longer(gateway: Gateway, kind: str) -> None:
    now_s = time.time()
    connect("c1=", Bearer("ada", "creator", now_s + 30), "user", 9, now_s)
    token = bearer_token()
    if kind == "ticket":
        token = issue_ticket(verify_access_token(token), now_s)
    frame = say(gateway, "c1=", {"action": "refresh", "token": token})
    ends_at_s = SocketConnection.get("c1=").ends_at_s
    assert frame == {"type": "refreshed", "expires_at": iso_time(ends_at_s)}
    assert ends_at_s > now_s + 800
    assert {row.expires_at_s for row in Subscription.scan()} == {int(ends_at_s)}


@pytest.mark.parametrize(
    ("scope", "role", "user_id"),
    [
        ("user", "creator", "bob"),
        ("user", "admin", "bob"),
        ("admin", "creator", "ada"),
        ("user", "viewer", "ada"),
        ("user", "moderator", "ada"),
    ],
)
def test_anothers_token_or_another_roles_does_not(
    gateway: Gateway, scope: str, role: str, user_id: str
) -> None:
    sit("c1=", "ada", "admin", scope)
    before = SocketConnection.get("c1=").attribute_values
    frame = say(gateway, "c1=", {"action": "refresh", "token": bearer_token(role, user_id)})
    assert frame["code"] == "forbidden"
    assert SocketConnection.get("c1=").ends_at_s == before["ends_at_s"]


def make_role(*allowed: str) -> None:
    Role("curator", permissions=set(allowed) or None, created_at_s=1.0, updated_at_s=1.0).save()


def test_a_role_that_lost_the_admins_address_refreshes_nothing(gateway: Gateway) -> None:
    make_role("sockets.admin")
    sit("c1=", "ada", "curator", "admin")
    token = bearer_token("curator")
    assert say(gateway, "c1=", {"action": "refresh", "token": token})["type"] == "refreshed"
    make_role()
    assert say(gateway, "c1=", {"action": "refresh", "token": token})["code"] == "forbidden"


def test_a_role_that_lost_others_videos_keeps_its_own(gateway: Gateway) -> None:
    make_transcode(7)
    make_transcode(8)
    Video(8).update([Video.owner_id.set("bob")])
    make_role("videos.read_any")
    sit("c1=", "ada", "curator")
    for video_id in (7, 8):
        say(gateway, "c1=", {"action": "subscribe", "video_id": video_id})
    token = bearer_token("curator")
    assert say(gateway, "c1=", {"action": "refresh", "token": token})["type"] == "refreshed"
    assert {"video#7#0", "video#8#0"} <= SocketConnection.get("c1=").channels
    make_role()
    message(message_event("c1=", json.dumps({"action": "refresh", "token": token})), None)
    told = [(frame["type"], frame.get("channel")) for _, frame in gateway.frames[-2:]]
    assert told == [("unsubscribed", "video#8"), ("refreshed", None)]
    assert "video#7#0" in SocketConnection.get("c1=").channels
    assert "video#8#0" not in SocketConnection.get("c1=").channels
    assert ConnectionManager().listeners("video#8", time.time()) == []


def test_what_a_higher_role_subscribed_to_ends_with_its_token(gateway: Gateway) -> None:
    """Fan-out asks nobody: a subscription that the new role may not have must not be prolonged."""
    make_transcode(7)
    sit("c1=", "bob", "moderator")
    assert say(gateway, "c1=", {"action": "subscribe", "video_id": 7})["type"] == "transcode_progress"
    before_s = Subscription.get("video#7#0", "c1=").expires_at_s
    refresh = {"action": "refresh", "token": bearer_token("viewer", "bob")}
    assert say(gateway, "c1=", refresh)["code"] == "forbidden"
    assert Subscription.get("video#7#0", "c1=").expires_at_s == before_s


def test_a_flood_is_answered_once_then_closed(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "PER_MINUTE", 3)
    monkeypatch.setattr(inbox, "CLOSE_FROM", 6)
    monkeypatch.setattr(time, "time", lambda: NOW_S + 5)
    open_socket("c1=")
    closed_after = []
    for _ in range(6):
        message(message_event("c1=", "ping"), None)
        closed_after.append(len(gateway.closed))
    assert [frame.get("code", frame["type"]) for frame in gateway.to("c1=")] == [
        *["pong"] * 3,
        "rate_limited",
    ]
    assert closed_after == [0, 0, 0, 0, 0, 1]
    monkeypatch.setattr(time, "time", lambda: NOW_S + 65)
    assert say(gateway, "c1=", "ping")["type"] == "pong"


def test_a_socket_whose_token_ended_is_closed(gateway: Gateway) -> None:
    now_s = time.time()
    connect("c1=", Bearer("ada", "creator", now_s - 60), "user", 9, now_s)
    assert say(gateway, "c1=", "ping")["code"] == "not_connected"
    assert gateway.closed == ["c1="]


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
    sit("c1=", "ada")
    say(gateway, "c1=", '{"action": "a-secret"}')
    say(gateway, "c1=", {"action": "subscribe", "video_id": 8})
    line, subscribe = log()
    assert (line.get("action"), line["type"], line["code"]) == (None, "error", "unknown_action")
    assert line["outcome"] == "sent"
    assert "a-secret" not in str(line)
    assert (subscribe["action"], subscribe["code"]) == ("subscribe", "video_not_found")
