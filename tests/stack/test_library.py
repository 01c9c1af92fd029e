"""Videos on the deployed template: deleted without a trace, private ones played by those who may."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from infra.local import deploy
from tests.media.clips import make_clip
from tests.media.runner import decode_video
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from tests.stack.test_lifecycle import media_address
from tests.stack.test_pipeline import fetch_rendition
from tests.traces import traces
from videosite.housekeeping.deletion import GRACE_S
from videosite.store.tables import Video

pytestmark = pytest.mark.stack


def left(stack: RunningStack, video_id: int) -> list[str]:
    """What there is of a video. The audit log keeps who deleted it; rounds, how far housekeeping looked."""
    found = traces(str(video_id), stack.aws("dynamodb"), stack.storage(), but=("-audit",))
    ours = [
        place for place in found if place.startswith((deploy.STACK, stack.media_bucket, stack.uploads_bucket))
    ]
    return [place for place in ours if "round#" not in place]


def let_grace_pass(stack: RunningStack, video_id: int) -> None:
    with inside(stack):
        past_s = time.time() - GRACE_S - 1
        Video(video_id).update([Video.deleting_since_s.set(past_s), Video.look_at_s.set(past_s)])


def wait_for_workers(stack: RunningStack, timeout_s: float = 60) -> None:
    """Until no message of a task waits or is worked on."""
    kinds = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline_s = time.monotonic() + timeout_s
    while any(
        int(count)
        for name in ("urgent", "bulk", "publish", "ingest")
        for count in stack.aws("sqs")
        .get_queue_attributes(QueueUrl=stack.queue_url(name), AttributeNames=kinds)["Attributes"]
        .values()
    ):
        assert time.monotonic() < deadline_s
        time.sleep(0.2)


def sweep_until(stack: RunningStack, done: Callable[[], bool]) -> None:
    """Rounds of housekeeping; the schedule's own may be at it, too."""
    for _ in range(5):
        stack.sweep()
        if done():
            return
    raise AssertionError("housekeeping did not get there")


def test_a_deleted_video_leaves_nothing_behind(stack: RunningStack, admin: Site, tmp_path: Path) -> None:
    hook = admin.post("webhooks", {"url": f"{stack.url}/"})
    video_id = admin.upload(
        make_clip(tmp_path / "clip.mp4", frames=60),
        "Gone",
        visibility="public",
        tags=["gone"],
        category="other",
    )
    assert admin.wait(video_id)["status"] == "completed"
    admin.wait_measured(video_id)
    admin.http.put(f"videos/{video_id}/position", json={"position_s": 1}).raise_for_status()
    admin.post(f"videos/{video_id}/plays")
    with admin.socket() as socket:
        socket.send({"action": "subscribe", "video_id": video_id})
        socket.until("transcode_progress")
        assert len(left(stack, video_id)) > 20
        admin.http.delete(f"videos/{video_id}").raise_for_status()
        assert admin.http.get(f"videos/{video_id}").status_code == 404
        stack.sweep()
        let_grace_pass(stack, video_id)
        sweep_until(stack, lambda: not left(stack, video_id))
    assert left(stack, video_id) == []
    admin.http.delete(f"webhooks/{hook['webhook_id']}").raise_for_status()


def test_so_does_one_that_is_deleted_while_workers_are_at_it(
    stack: RunningStack, admin: Site, tmp_path: Path
) -> None:
    video_id = admin.upload(make_clip(tmp_path / "clip.mp4", frames=600), "Gone soon")
    deadline_s = time.monotonic() + 60
    while not any("seg_" in place for place in left(stack, video_id)):
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
    admin.http.delete(f"videos/{video_id}").raise_for_status()
    stack.sweep()
    wait_for_workers(stack)
    let_grace_pass(stack, video_id)
    sweep_until(stack, lambda: not left(stack, video_id))
    assert left(stack, video_id) == []


def status_of(address: str) -> int:
    return httpx.get(address).status_code


def test_private_videos_play_for_those_who_have_the_address(
    stack: RunningStack, admin: Site, viewer: Site, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60)
    one, other = (admin.upload(clip, "Private") for _ in range(2))
    for video_id in (one, other):
        assert admin.wait(video_id)["status"] == "completed"
        assert viewer.http.get(f"videos/{video_id}").status_code == 404
    video, another = (admin.get(f"videos/{video_id}") for video_id in (one, other))
    hls, dash = video["playback"]["hls"], video["playback"]["dash"]
    base = hls.removesuffix("master.m3u8")
    assert "h264-180p/index.m3u8" in httpx.get(hls).raise_for_status().text
    assert len(decode_video(fetch_rendition(base, "h264-180p"), tmp_path)) == 60
    manifest = httpx.get(dash).raise_for_status().text
    assert "h264-180p" in manifest

    # Guessing ids reads nothing, one's token opens no other, and it ends.
    path = urlsplit(hls).path
    token, folder = path.removeprefix("/m/").split("/", 1)
    folder = folder.removesuffix("master.m3u8")
    foreign = urlsplit(another["playback"]["hls"]).path.removeprefix("/m/").split("/", 1)[1]
    segment = "h264-180p/seg_00000.m4s"
    assert status_of(f"{base}{segment}") == 200
    for refused in (
        f"{stack.url}/m/{token}/{foreign}",
        f"{stack.url}/m/{token}/{foreign.removesuffix('master.m3u8')}{segment}",
        f"{stack.url}/m/{token}/{folder.replace(folder.split('/')[2], '0' * 32)}{segment}",
        f"{stack.url}/{folder}{segment}",
        f"{stack.url}/m/{folder}{segment}",
        media_address(stack, f"{folder}{segment}", folder, expires_at_s=int(time.time()) - 1),
        media_address(stack, f"{folder}master.m3u8", folder, expires_at_s=int(time.time()) - 1),
    ):
        assert status_of(refused) in (403, 404), refused


def test_old_addresses_die_when_fewer_may_see_a_video(
    stack: RunningStack, admin: Site, viewer: Site, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60)
    video_id = admin.upload(clip, "Public", visibility="public")
    assert admin.wait(video_id)["status"] == "completed"
    old = viewer.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    assert status_of(f"{old}h264-180p/seg_00000.m4s") == 200

    def change(visibility: str) -> dict[str, Any]:
        answer = admin.http.patch(f"videos/{video_id}", json={"visibility": visibility})
        answer.raise_for_status()
        return dict(answer.json())

    slug = change("unlisted")["share_slug"]
    sweep_until(stack, lambda: status_of(f"{old}h264-180p/seg_00000.m4s") != 200)
    shared = httpx.get(f"{stack.api}/videos/shared/{slug}").raise_for_status().json()
    new = shared["playback"]["hls"].removesuffix("master.m3u8")
    for file in ("master.m3u8", "manifest.mpd", "h264-180p/index.m3u8", "h264-180p/seg_00000.m4s"):
        assert status_of(f"{old}{file}") in (403, 404), file
        assert status_of(f"{new}{file}") == 200, file
    assert len(decode_video(fetch_rendition(new, "h264-180p"), tmp_path)) == 60
    assert viewer.http.get(f"videos/{video_id}").status_code == 404
    change("private")
    assert status_of(f"{stack.api}/videos/shared/{slug}") == 404


def test_another_ladder_plays_when_it_is_done_and_the_source_comes_back(
    stack: RunningStack, admin: Site, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60)
    video_id = admin.upload(clip, "Twice", visibility="public")
    assert admin.wait(video_id)["status"] == "completed"
    first = admin.get(f"videos/{video_id}")["playback"]["hls"]
    admin.post(f"videos/{video_id}/transcode", {"ladder": "fast"})
    assert httpx.get(first).status_code == 200
    assert admin.wait(video_id)["status"] == "completed"
    second = admin.get(f"videos/{video_id}")["playback"]["hls"]
    assert second.split("/")[-2] != first.split("/")[-2]
    assert httpx.get(second).status_code == 200
    generations = [
        job["generation"] for job in admin.get("admin/jobs")["jobs"] if job["video_id"] == video_id
    ]
    assert generations == [2, 1]
    source = httpx.get(admin.get(f"videos/{video_id}/source")["url"]).raise_for_status()
    assert source.content == clip.read_bytes()
    assert 'filename="Twice.mp4"' in source.headers["content-disposition"]


def test_queues_and_statistics_of_the_deployed_stack(stack: RunningStack, admin: Site) -> None:
    found = admin.get("admin/queues")
    assert {one["name"] for one in found["queues"]} == {
        "ingest",
        "urgent",
        "bulk",
        "publish",
        "webhooks",
        "accounts",
    }
    url = stack.queue_url("publish-dead-letters")
    stack.aws("sqs").send_message(
        QueueUrl=url, MessageBody='{"video_id":1,"generation":1,"run":1,"codec":"h264"}'
    )
    root = "admin/queues/publish/dead-letters"
    (letter,) = admin.get(root)["letters"]
    assert letter["body"]["video_id"] == 1
    assert admin.post(f"{root}/{letter['message_id']}/redrive") == {"count": 1}
    assert admin.get(root)["letters"] == []
    series = admin.get("admin/statistics?metric=uploads&metric=uploaded_bytes")["series"]
    assert series.keys() == {"uploads", "uploaded_bytes"}
