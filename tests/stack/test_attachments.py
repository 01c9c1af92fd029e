"""Subtitles, chosen pictures and avatars through the deployed template."""

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, ffmpeg
from tests.stack.conftest import RunningStack
from tests.stack.site import Site

pytestmark = pytest.mark.stack

BIG5 = "1\n00:00:01,000 --> 00:00:02,000\n你好，<script>世界</script>。今天天氣很好。\n".encode("big5")
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def video_id(creator: Site, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A finished video of a creator's, private."""
    found = creator.upload(make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", frames=130))
    assert creator.wait(found)["status"] == "completed"
    return found


def cues_of(url: str, stream: str = "0:s:0") -> str:
    """What FFmpeg reads of a subtitle stream of a playlist or manifest."""
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-v", "error", "-allowed_extensions", "ALL", "-i", url, "-map", stream,
         "-f", "webvtt", "-"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_track_joins_a_playing_video_and_leaves_it(creator: Site, viewer: Site, video_id: int) -> None:
    playback = creator.get(f"videos/{video_id}")["playback"]
    assert "SUBTITLES" not in httpx.get(playback["hls"]).raise_for_status().text
    path = f"videos/{video_id}/subtitles/zh-Hant"
    answer = creator.http.put(path, params={"default": "true"}, content=BIG5, headers=BINARY)
    track = answer.raise_for_status().json()
    assert (track["encoding"], track["cues"]) == ("big5", 1)

    master = httpx.get(playback["hls"]).raise_for_status().text
    assert 'LANGUAGE="zh-Hant",DEFAULT=YES' in master
    assert "你好，世界。今天天氣很好。" in cues_of(playback["hls"])
    assert "00:01.000 --> 00:02.000" in cues_of(playback["dash"])
    base = playback["hls"].removesuffix("master.m3u8")
    caption = f"{base}captions/zh-Hant.{track['etag']}.vtt"
    text = httpx.get(caption).raise_for_status()
    assert text.headers["content-type"].startswith("text/vtt")
    assert "script" not in text.text

    # For a week, from storage.
    week = httpx.get(track["url"]).raise_for_status()
    assert week.text == text.text
    assert viewer.http.get(path + "/vtt").status_code == 404
    assert viewer.http.put(path, content=BIG5, headers=BINARY).status_code == 404
    assert creator.http.get(path + "/original").content == BIG5

    moved = creator.http.patch(path, json={"shift_ms": 1500}).raise_for_status().json()
    assert httpx.get(caption).status_code == 404
    assert "00:02.500 --> 00:03.500" in cues_of(playback["hls"])
    creator.http.delete(path).raise_for_status()
    assert httpx.get(caption.replace(track["etag"], moved["etag"])).status_code == 404
    assert "SUBTITLES" not in httpx.get(playback["hls"]).raise_for_status().text


def test_what_is_broken_is_refused_through_the_gateway(creator: Site, video_id: int) -> None:
    path = f"videos/{video_id}/subtitles/en"
    refused = creator.http.put(path, content=BIG5.replace(b"-->", b"to"), headers=BINARY)
    assert (refused.status_code, refused.json()["code"], refused.json()["line"]) == (422, "no_times", 2)
    # 4 MB are more than such a file may have, and still within what Lambda takes.
    refused = creator.http.put(path, content=bytes(4 << 20), headers=BINARY)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert creator.http.put(path, content=bytes(5 << 20), headers=BINARY).status_code == 413


def test_nothing_is_left_in_the_bucket(stack: RunningStack, creator: Site, video_id: int) -> None:
    creator.http.put(f"videos/{video_id}/subtitles/en", content=BIG5, headers=BINARY).raise_for_status()
    prefix = f"subtitles/video_{video_id}_"
    listed = stack.storage().list_objects_v2(Bucket=stack.media_bucket, Prefix=prefix)
    assert [item["Key"] for item in listed["Contents"]] == [f"{prefix}en.srt", f"{prefix}en.vtt"]
    creator.http.delete(f"videos/{video_id}/subtitles/en").raise_for_status()
    assert "Contents" not in stack.storage().list_objects_v2(Bucket=stack.media_bucket, Prefix=prefix)


def test_pictures_are_chosen_and_the_automatic_ones_come_back(
    creator: Site, video_id: int, tmp_path: Path
) -> None:
    path = f"videos/{video_id}/thumbnail"
    automatic = creator.get(path)
    assert automatic["kind"] == "automatic"
    picture = tmp_path / "a.png"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360", "-frames:v", "1", str(picture))
    content, kind = picture.read_bytes(), {"Content-Type": "image/png"}
    shown = creator.http.put(path, content=content, headers=kind).raise_for_status().json()
    assert shown["kind"] == "upload"
    jpeg = httpx.get(shown["poster_url"]).raise_for_status()
    assert (jpeg.content[:2], jpeg.headers["content-type"]) == (b"\xff\xd8", "image/jpeg")
    assert creator.get(f"videos/{video_id}")["poster_url"] == shown["poster_url"]

    shown = creator.post(f"{path}/frame", {"at_s": 3.0})
    deadline_s = time.monotonic() + 60
    while shown["pending"]:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
        shown = creator.get(path)
    assert (shown["kind"], shown["error"]) == ("frame", None)
    for url in (shown["poster_url"], *shown["thumbnails"].values()):
        assert httpx.get(url).raise_for_status().content[:2] == b"\xff\xd8"
    creator.http.delete(path).raise_for_status()
    assert creator.get(path) == automatic
    assert httpx.get(automatic["poster_url"]).status_code == 200
    assert httpx.get(shown["poster_url"]).status_code == 404


def test_an_avatar(creator: Site, tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360", "-frames:v", "1", str(picture))
    answer = creator.http.put(
        "users/me/avatar", content=picture.read_bytes(), headers={"Content-Type": "image/jpeg"}
    )
    url = answer.raise_for_status().json()["avatar_url"]
    assert httpx.get(url).raise_for_status().content[:2] == b"\xff\xd8"
    creator.http.delete("users/me/avatar").raise_for_status()
    assert httpx.get(url).status_code == 404
