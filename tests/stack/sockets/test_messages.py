"""What clients say, and what they are answered: every action, and everything that is none."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.proxy import FRAME_LIMIT_BYTES
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site, Socket
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.realtime.inbox import MAX_BYTES, PER_MINUTE
from videosite.store.tables import Video

VIDEO_ID = 990


@pytest.fixture
def video(stack: RunningStack, creator: Site) -> Iterator[int]:
    """A private video of the creator's that is being transcoded, by nobody."""
    with inside(stack):
        make_job(make_video(VIDEO_ID, owner_id=creator.get("users/me")["user_id"]), plan=None, watch=None)
    yield VIDEO_ID
    with inside(stack):
        Video(VIDEO_ID).delete()


def test_every_action_is_answered(creator: Site, video: int) -> None:
    channel = f"video#{video}"
    with creator.socket() as socket:
        assert (
            socket.ask("ping", "pong")["expires_at"] == socket.ask({"action": "ping"}, "pong")["expires_at"]
        )
        state = socket.ask({"action": "subscribe", "video_id": video}, "transcode_progress")
        assert (state["channel"], state["status"]) == (channel, "processing")
        resumed = socket.ask({"action": "resume", "positions": {channel: 0}}, "resumed")
        assert (resumed["channel"], resumed["recovered"], resumed["messages"]) == (channel, True, [])
        ended = socket.ask({"action": "unsubscribe", "video_id": video}, "unsubscribed")
        assert (ended["video_id"], ended["channel"]) == (video, channel)
        socket.ask({"action": "read", "all": True}, "read")
        for token in (creator.token, creator.post("ws/ticket")["ticket"]):
            assert "expires_at" in socket.ask({"action": "refresh", "token": token}, "refreshed")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("[1]", "bad_json"),
        ("\x00\ud7ff", "bad_json"),
        ("[" * MAX_BYTES, "bad_json"),
        ("x" * (MAX_BYTES + 1), "too_large"),
        ("{}", "unknown_action"),
        ('{"action":"fly"}', "unknown_action"),
        ('{"action":["ping"]}', "unknown_action"),
        ('{"action":"$default"}', "unknown_action"),
        ('{"action":"subscribe","video_id":"1"}', "bad_video_id"),
        ('{"action":"subscribe","video_id":1}', "video_not_found"),
        ('{"action":"resume","positions":[]}', "bad_positions"),
        ('{"action":"read","ids":[1]}', "bad_ids"),
        ('{"action":"refresh","token":"a.b.c"}', "bad_token"),
        ('{"action":"refresh","token":"nothing"}', "bad_ticket"),
    ],
    ids=lambda value: value[:36],
)
def test_nonsense_is_answered_and_the_socket_lives_on(chat: Socket, said: str, code: str) -> None:
    answer = chat.ask(said, "error")
    assert (answer["code"], bool(answer["message"])) == (code, True)
    chat.ask("ping", "pong")


@pytest.fixture(scope="module")
def chat(viewer: Site) -> Iterator[Socket]:
    """One socket for all the nonsense."""
    with viewer.socket() as socket:
        yield socket


@pytest.mark.parametrize("route", ["$connect", "$disconnect"])
def test_naming_a_route_of_the_gateways_does_nothing(chat: Socket, route: str) -> None:
    """It sends the message to that route's function, which knows it from the gateway's own event."""
    chat.send({"action": route})
    chat.ask("ping", "pong")


@pytest.mark.parametrize(("said", "code"), [(b"ping", 1003), ("x" * (FRAME_LIMIT_BYTES + 1), 1009)])
def test_what_api_gateway_does_not_take_closes_the_socket(viewer: Site, said: str | bytes, code: int) -> None:
    """The local proxy stands for it: binary and frames above 32 KB."""
    with viewer.socket() as socket:
        socket.send(said)
        assert socket.close_code() == code


def test_a_flood_is_answered_once(viewer: Site) -> None:
    with viewer.socket() as socket:
        # Of the two minutes a flood may fall into, one gets most of it.
        for _ in range(2 * PER_MINUTE + 2):
            socket.send("ping")
        error = socket.until("error")
        assert error["code"] == "rate_limited"
        socket.drain()
        kinds = Counter(frame["type"] for frame in socket.frames)
        # One a minute, and then silence.
        assert kinds["error"] <= 2
        assert PER_MINUTE <= kinds["pong"] <= 2 * PER_MINUTE


def test_a_private_video_is_heard_by_its_owner_and_admins_alone(
    admin: Site, creator: Site, viewer: Site, video: int
) -> None:
    subscribe = {"action": "subscribe", "video_id": video}
    for site in (creator, admin):
        with site.socket() as socket:
            socket.ask(subscribe, "transcode_progress")
    with viewer.socket() as socket:
        hidden = socket.ask(subscribe, "error")
        missing = socket.ask({**subscribe, "video_id": video + 1}, "error")
    assert hidden == missing
    assert hidden["code"] == "video_not_found"


def test_anothers_channels_tell_nothing(creator: Site, viewer: Site, video: int) -> None:
    owner = creator.get("users/me")["user_id"]
    with viewer.socket() as socket:
        for channel in (f"user#{owner}", "admin", f"video#{video}", "notice#admins", "all#0", "event#1"):
            answer = socket.ask({"action": "resume", "positions": {"all": None, channel: 0}}, "error")
            assert answer["code"] == "not_subscribed"
        assert socket.ask({"action": "refresh", "token": creator.token}, "error")["code"] == "forbidden"


def test_anothers_notifications_stay_unread(admin: Site, creator: Site, viewer: Site) -> None:
    said = admin.announce("Yours", audience="user", user_id=creator.get("users/me")["user_id"])
    try:
        items = creator.get("notifications")["notifications"]
        mine = next(item for item in items if item.get("message") == "Yours")
        with viewer.socket() as socket:
            socket.ask({"action": "read", "ids": [mine["id"]]}, "read")
        assert is_read(creator, mine["id"]) is False
        with creator.socket() as socket:
            socket.ask({"action": "read", "ids": [mine["id"]]}, "read")
        assert is_read(creator, mine["id"]) is True
        assert mine["id"] not in json.dumps(viewer.get("notifications"))
    finally:
        admin.withdraw(said)


def is_read(site: Site, event_id: str) -> bool:
    items: list[dict[str, Any]] = site.get("notifications")["notifications"]
    return next(bool(item["read"]) for item in items if item["id"] == event_id)
