"""Everything is killed: the objects are there, the tables but for seconds, and without tables the library is
made again from the objects."""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from infra.local import ports
from infra.local.beside import run_beside
from infra.local.deploy import MEDIA, UPLOADS
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.lost import lost_videos
from infra.local.processes import find, leftovers
from infra.local.services import storage_endpoint
from infra.local.stack import Options, down, up
from tests.media.clips import make_clip
from tests.media.runner import decode_video
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import PASSWORD, Site
from tests.stack.test_pipeline import fetch_rendition
from videosite.store.tables import Job, Task, Term, Usage, User, Video

pytestmark = [
    pytest.mark.stack,
    # Sockets of a server that was killed under them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FRAMES = 60
PATIENCE_S = 180
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def start(home: Home, port: int) -> RunningStack:
    """Start a kept stack on SeaweedFS, or start it again."""
    record = up(home, Options(port=port), print)
    return RunningStack(home, record, load_keys(home).root)


@pytest.fixture
def stack() -> Iterator[RunningStack]:
    """A kept stack of this test's own."""
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder, "home"))
        try:
            yield start(home, ports.take(("proxy",), {})["proxy"])
        finally:
            down(home, print)


def kill_everything(stack: RunningStack) -> None:
    """As a power cut does."""
    victims = [process for it in stack.record.processes.values() if (process := find(it))]
    for process in (*victims, *leftovers(stack.home.ministack_tmp), *leftovers(stack.home.seaweedfs)):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(victims, timeout=10)


def wait_for_saving(stack: RunningStack, text: str) -> None:
    """Until what MiniStack wrote down has a text in it."""
    file = stack.home.ministack_state / "dynamodb.json"
    deadline_s = time.monotonic() + 60
    while not file.exists() or text not in file.read_text():
        assert time.monotonic() < deadline_s, "tables were not written down"
        time.sleep(0.2)


def stored(stack: RunningStack) -> dict[str, str]:
    """Every object but sidecars → its ETag."""
    pages = stack.storage().get_paginator("list_objects_v2")
    return {
        item["Key"]: item["ETag"]
        for bucket in (MEDIA, UPLOADS)
        for page in pages.paginate(Bucket=bucket)
        for item in page.get("Contents", [])
        if not item["Key"].endswith("/sidecar.json")
    }


def shown(site: Site, video_id: int) -> dict[str, Any]:
    """What people see of a video and its subtitles, without what is signed anew for each answer."""
    video = site.get(f"videos/{video_id}")
    tracks = site.get(f"videos/{video_id}/subtitles")["subtitles"]
    for track in tracks:
        del track["url"], track["url_expires_at"]
    video["playback"]["hls"] = video["playback"]["hls"].split("/videos/")[1]
    names = ("title", "tags", "visibility", "status", "duration_s", "owner_id", "created_at", "playback")
    return {name: video[name] for name in names} | {"tracks": tracks, "hls": video["playback"]["hls"]}


def frames(site: Site, video_id: int, folder: Path) -> int:
    """How many frames play."""
    base = site.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    return len(decode_video(fetch_rendition(base, "h264-180p"), folder))


def lose_rows(stack: RunningStack) -> None:
    """What is left of the tables when they are lost: nothing but the admin, who is seeded."""
    admin = stack.credentials["email"]
    with inside(stack):
        for table in (Video, Job, Task, Term, Usage, User):
            for row in list(table.scan()):
                if not isinstance(row, User) or row.email != admin:
                    row.delete()


def test_a_kill_of_everything(stack: RunningStack, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=FRAMES)
    admin = Site(stack.url, **stack.credentials)
    ann = admin.make_user("creator", "ann")
    # Nobody says "complete": the store's own event does, through the route.
    video_id = ann.upload(clip, "At sea", complete=False, visibility="public", tags=["boats"])
    assert ann.wait(video_id, timeout_s=PATIENCE_S)["status"] == "completed"
    ann.http.put(
        f"videos/{video_id}/subtitles/de", content=SRT, headers={"Content-Type": "application/octet-stream"}
    ).raise_for_status()
    ann.http.patch(f"videos/{video_id}", json={"title": "Far at sea"}).raise_for_status()
    admin.wait_measured(video_id, timeout_s=PATIENCE_S)
    stack.sweep()
    before, objects = shown(ann, video_id), stored(stack)
    wait_for_saving(stack, "Far at sea")

    kill_everything(stack)
    stack = start(stack.home, stack.record.port)
    assert stack.record.unclean
    assert stored(stack) == objects
    ann.sign_in()
    admin.sign_in()
    assert shown(ann, video_id) == before
    assert frames(ann, video_id, tmp_path) == FRAMES
    # Streams, queues and the store's events go on.
    with ann.socket() as socket:
        second = ann.upload(clip, "Another", complete=False)
        assert socket.until("transcode_complete", timeout_s=PATIENCE_S)["video_id"] == second

    keys = load_keys(stack.home)
    place = (stack.record.aws, stack.root, storage_endpoint(stack.record), keys.storage_admin, MEDIA, UPLOADS)
    assert lost_videos(*place) == 0
    stack.sweep()
    lose_rows(stack)
    assert ann.http.get(f"videos/{video_id}").status_code in (401, 404)
    assert lost_videos(*place) == 2
    given = json.dumps({"email": stack.credentials["email"]})
    for found in (
        json.loads(run_beside("infra.local.keeping", *place[:2], "HousekeepingFunction", given, ["rebuild"]))
        for _ in range(2)
    ):
        assert found["unreadable"] == []
        assert sorted(found["made"]) in ([video_id, second], [])
    assert found["there"] == 2
    assert shown(admin, video_id) == before
    assert frames(admin, video_id, tmp_path) == FRAMES
    assert set(objects) <= set(stored(stack))
    # Its owner is back as well, with no password.
    (user,) = [it for it in admin.get("admin/users")["users"] if it["email"] == "ann@example.org"]
    assert user["user_id"] == before["owner_id"]
    login = {"email": "ann@example.org", "password": PASSWORD}
    assert httpx.post(f"{stack.api}/auth/login", json=login).status_code == 401
    # And what is rebuilt is worked on: another ladder, from the upload that is still there.
    admin.post(f"videos/{video_id}/transcode", {"ladder": "fast"})
    assert admin.wait(video_id, timeout_s=PATIENCE_S)["status"] == "completed"
