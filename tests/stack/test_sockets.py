"""What comes over real sockets: a video's transcode, what was missed, what operators say; and their ends."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.media.clips import bunny
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from tests.stack.test_operations import SCHEDULED
from videosite.realtime.connections import SILENCE_S, ConnectionManager
from videosite.realtime.tickets import Bearer
from videosite.store.tables import SocketConnection

pytestmark = pytest.mark.stack


def test_owner_and_admin_hear_of_it_and_others_do_not(admin: Site, creator: Site, viewer: Site) -> None:
    with (
        creator.socket() as own,
        admin.socket("ws/admin") as console,
        viewer.socket() as stranger,
    ):
        video_id = creator.upload(bunny(), "Bunny")
        for socket in (own, console):
            done = socket.until("transcode_complete")
            assert (done["video_id"], done["title"], done["format_type"]) == (video_id, "Bunny", "h264")
            assert done["final"] is True
            assert done["file_size"] > 1_000_000
            assert done["seq"] >= 1
            progress = [
                frame["progress"]
                for frame in socket.frames
                if frame["type"] == "transcode_progress" and frame["video_id"] == video_id
            ]
            assert progress == sorted(progress)
            assert len(set(progress)) >= 4
        stranger.drain(1)
        assert not [frame for frame in stranger.frames if frame["type"].startswith("transcode")]


def test_a_refused_upload_is_announced(creator: Site, tmp_path: Path) -> None:
    file = tmp_path / "text.mp4"
    file.write_text("no video")
    with creator.socket() as socket:
        video_id = creator.upload(file)
        failed = socket.until("transcode_failed", 15)
    assert (failed["video_id"], failed["code"]) == (video_id, "unreadable")


def test_subscribe_sends_the_newest_state(admin: Site) -> None:
    video_id = admin.upload(bunny())
    admin.wait(video_id)
    with admin.socket() as socket:
        socket.send({"action": "subscribe", "video_id": video_id})
        frame = socket.until("transcode_progress")
    assert (frame["video_id"], frame["status"], frame["progress"]) == (video_id, "completed", 100)


def test_both_pings(viewer: Site) -> None:
    with viewer.socket() as socket:
        socket.send("ping")
        assert socket.receive()["type"] == "pong"
        socket.send({"action": "ping"})
        assert socket.receive()["type"] == "pong"


def test_what_is_not_understood_is_answered(viewer: Site) -> None:
    with viewer.socket() as socket:
        socket.send("{")
        assert socket.receive()["type"] == "error"
        socket.send(json.dumps({"action": "fly"}))
        assert socket.receive()["type"] == "error"


@pytest.mark.parametrize("path", ["ws", "ws/admin"])
def test_a_bad_token_opens_nothing(viewer: Site, path: str) -> None:
    address = f"ws{viewer.base_url.removeprefix('http')}/api/v1/{path}"
    for query in ("", "?token=nonsense", f"?token={viewer.token}x"):
        with pytest.raises(InvalidStatus):
            connect(address + query, proxy=None)


def test_the_admin_address_is_for_admins(viewer: Site) -> None:
    with pytest.raises(InvalidStatus), viewer.socket("ws/admin"):
        pass


def test_a_client_cannot_choose_its_scope(stack: RunningStack, viewer: Site) -> None:
    address = f"ws{viewer.base_url.removeprefix('http')}/api/v1/ws?token={viewer.token}&scope=admin"
    user_id = viewer.get("users/me")["user_id"]
    with connect(address, proxy=None):
        stats = viewer.get("ws/stats")
        rows = stack.aws("dynamodb").scan(TableName=stack.table_name("connections"))["Items"]
    # Sockets of earlier tests may still be closing, so numbers are not compared.
    assert {row["scope"]["S"] for row in rows if row["user_id"]["S"] == user_id} == {"user"}
    assert set(stats) == {
        "total_users", "total_user_connections", "total_admin_connections", "total_connections",
    }  # fmt: skip
    assert stats["total_connections"] == stats["total_user_connections"] + stats["total_admin_connections"]


# --- who may come, and how long -----------------------------------------------------------------------


def test_a_ticket_opens_one_socket(viewer: Site) -> None:
    ticket = viewer.post("ws/ticket")["ticket"]
    with viewer.socket(token=ticket) as socket:
        socket.send("ping")
        assert socket.receive()["type"] == "pong"
        with pytest.raises(InvalidStatus), viewer.socket(token=ticket):
            pass


def test_a_refreshed_socket_lives_and_an_ended_one_is_closed(stack: RunningStack, viewer: Site) -> None:
    wait_for_sockets(viewer, 0)
    with viewer.socket() as socket:
        socket.send({"action": "refresh", "token": viewer.post("ws/ticket")["ticket"]})
        assert socket.receive()["type"] == "refreshed"
        with inside(stack):
            (row,) = SocketConnection.scan()
            row.update([SocketConnection.ends_at_s.set(1), SocketConnection.look_at_s.set(1)])
        assert sweep(stack)["sockets"] >= 1
        assert socket.receive()["code"] == "expired_token"
        with pytest.raises(ConnectionClosed):
            socket.receive()


def test_sockets_that_vanish_are_not_counted(stack: RunningStack, viewer: Site) -> None:
    """One whose end API Gateway told of, and one of which it did not."""
    wait_for_sockets(viewer, 0)
    with viewer.socket() as socket:
        wait_for_sockets(viewer, 1)
        socket.drop()
        with inside(stack):
            bearer = Bearer("ghost", "viewer", time.time() + 900)
            ConnectionManager().connect("bm9ib2R5PQ=", bearer, "user", 9, time.time() - SILENCE_S)
        wait_for_sockets(viewer, 1)
        sweep(stack)
        assert set(viewer.get("ws/stats").values()) == {0}
        for table in ("connections", "subscriptions"):
            assert stack.aws("dynamodb").scan(TableName=stack.table_name(table))["Count"] == 0


# --- what was missed, and what operators say -----------------------------------------------------------


def test_what_was_said_meanwhile_is_replayed(admin: Site, creator: Site) -> None:
    with creator.socket() as socket:
        socket.send({"action": "resume", "positions": {"all": None}})
        position = socket.receive()["seq"]
    texts = [f"Maintenance {number}" for number in range(3)]
    said = [admin.post("admin/system-messages", {"message": text, "audience": "all"}) for text in texts]
    try:
        with creator.socket() as socket:
            socket.send({"action": "resume", "positions": {"all": position}})
            frame = socket.until("resumed")
            assert frame["recovered"] is True
            assert [message["message"] for message in frame["messages"]] == texts
            assert frame["seq"] == position + 3
            unread = creator.get("notifications")["unread"]
            socket.send({"action": "read", "ids": [message["id"] for message in frame["messages"][:2]]})
            assert socket.until("read")["unread"] == unread - 2
        listed = creator.get("notifications")["notifications"][:3]
        assert [(item["message"], item["read"]) for item in listed] == [
            (texts[2], False),
            (texts[1], True),
            (texts[0], True),
        ]
        creator.post("notifications/read-all")
        assert creator.get("notifications")["unread"] == 0
    finally:
        withdraw(admin, said)


def test_a_system_message_reaches_who_is_there_and_who_comes(admin: Site, viewer: Site) -> None:
    with viewer.socket() as socket, admin.socket("ws/admin") as console:
        said = admin.post("admin/system-messages", {"message": "Hello", "level": "warning"})
        try:
            live = [one.until("system_message", 15) for one in (socket, console)]
            with viewer.socket() as late:
                greeted = late.until("system_message", 15)
        finally:
            withdraw(admin, [said])
    assert {(frame["message"], frame["level"]) for frame in (*live, greeted)} == {("Hello", "warning")}
    assert len({frame["id"] for frame in (*live, greeted)}) == 1
    with viewer.socket() as after:
        after.drain(1)
        assert after.frames == []


def test_a_message_to_admins_is_theirs_alone(admin: Site, viewer: Site) -> None:
    with viewer.socket() as socket, admin.socket("ws/admin") as console:
        said = admin.post("admin/system-messages", {"message": "Disks", "audience": "admins"})
        assert console.until("system_message", 15)["message"] == "Disks"
        withdraw(admin, [said])
        socket.drain(0.5)
        assert socket.frames == []
    assert "Disks" in {item.get("message") for item in admin.get("notifications")["notifications"]}
    assert "Disks" not in {item.get("message") for item in viewer.get("notifications")["notifications"]}


def withdraw(admin: Site, said: list[dict[str, Any]]) -> None:
    """Keep newcomers of other tests from hearing it."""
    for one in said:
        admin.http.delete(f"admin/system-messages/{one['message_id']}").raise_for_status()


def sweep(stack: RunningStack) -> dict[str, int]:
    """A round of housekeeping; returns what it did."""
    answer = stack.invoke("HousekeepingFunction", SCHEDULED)
    assert "FunctionError" not in answer, answer
    counts: dict[str, int] = answer["Payload"]
    return counts


def wait_for_sockets(site: Site, count: int, timeout_s: float = 20) -> None:
    """Wait until so many sockets are open: those of earlier tests may still be closing."""
    deadline_s = time.monotonic() + timeout_s
    while site.get("ws/stats")["total_connections"] != count:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
