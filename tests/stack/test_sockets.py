"""What comes over real sockets while a real video is transcoded."""

import json
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.media.clips import bunny
from tests.stack.conftest import RunningStack
from tests.stack.site import Site

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
