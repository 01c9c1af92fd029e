import gzip
import re
import time

import pytest

from tests.functions.api.conftest import MEDIA_SECRET
from tests.functions.api.http_api import Api
from tests.unit.library.factories import complete, make_transcode
from videosite.library import media_token
from videosite.store.tables import Job


def address(job: Job, name: str, life_s: float = 60, scope: str = "") -> str:
    """Where a list of the job is, behind a token of the scope (default: the job's)."""
    folder = f"videos/{job.video_id}/{job.asset_key}/"
    token = media_token.sign(scope or folder, int(time.time() + life_s), MEDIA_SECRET)
    return f"/m/{token}/{folder}{name}"


def test_the_address_of_the_video_opens_its_lists(api: Api) -> None:
    make_transcode(h264={"0": 1}, audio={"0": 1}, visibility="public")
    playback = api.get("/videos/7").json["playback"]
    master = api.get(playback["hls"].removeprefix("https://videos.example.org"))
    assert master.status == 200
    assert master.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert master.headers["cache-control"] == "public, max-age=1"
    assert master.headers["access-control-allow-origin"] == "*"
    assert api.call("HEAD", playback["hls"].removeprefix("https://videos.example.org")).status == 200
    manifest = api.get(playback["dash"].removeprefix("https://videos.example.org"))
    assert manifest.headers["content-type"] == "application/dash+xml"
    base = playback["hls"].removeprefix("https://videos.example.org").removesuffix("master.m3u8")
    for name in re.findall(r"[\w-]+/live\.m3u8", master.body.decode()):
        assert "seg_00000.m4s" in api.get(f"{base}{name}").body.decode()


def test_before_the_first_segments_players_are_told_to_wait(api: Api) -> None:
    _, job = make_transcode()
    for name in ("master.m3u8", "manifest.mpd", "h264-720p/live.m3u8"):
        answer = api.get(address(job, name))
        assert (answer.status, answer.code) == (404, "not_ready")
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["cache-control"] == "no-store"


def test_a_player_of_any_origin_is_told_to_wait(api: Api) -> None:
    _, job = make_transcode()
    answer = api.get(address(job, "master.m3u8"))
    assert (answer.status, answer.code) == (404, "not_ready")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


def test_tokens_open_what_they_name_until_they_expire(api: Api) -> None:
    _, job = make_transcode(h264={"0": 1}, audio={"0": 1})
    make_transcode(8, h264={"0": 1}, audio={"0": 1})
    assert api.get(address(job, "master.m3u8", life_s=-1)).code == "expired_media_token"
    assert api.get(address(job, "master.m3u8", scope="videos/8/")).code == "bad_media_token"
    assert api.get(f"/m/x.y/videos/7/{job.asset_key}/master.m3u8").code == "bad_media_token"
    answer = api.get(address(job, "h264-2160p/live.m3u8"))
    assert (answer.status, answer.code) == (404, "media_not_found")


@pytest.mark.parametrize("path", ["/m/x.y/videos/7/zz/master.m3u8", "/m/x.y/videos/x/{key}/master.m3u8"])
def test_addresses_that_are_none(api: Api, path: str) -> None:
    assert api.get(path.replace("{key}", "a" * 32)).code == "validation_failed"


def test_a_list_that_did_not_change_is_not_sent_again(api: Api) -> None:
    _, job = make_transcode(h264={"0": 1}, audio={"0": 1})
    first = api.get(address(job, "h264-720p/live.m3u8"))
    etag = first.headers["etag"]
    again = api.get(address(job, "h264-720p/live.m3u8"), headers={"if-none-match": f'"x", {etag}'})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == etag
    other = api.get(address(job, "h264-720p/live.m3u8"), headers={"if-none-match": 'W/"x"'})
    assert other.body == first.body


def test_long_lists_are_compressed_for_who_can(api: Api) -> None:
    video, job = make_transcode()
    complete(video, job)
    plain = api.get(address(job, "manifest.mpd"))
    packed = api.get(address(job, "manifest.mpd"), headers={"accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["cache-control"] == "public, max-age=60"
    short = api.get(address(job, "h264-720p/live.m3u8"), headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers
