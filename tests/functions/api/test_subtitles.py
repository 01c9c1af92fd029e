"""The routes of subtitle tracks."""

from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from tests.unit.library.factories import complete, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite.library import captions
from videosite.store.tables import AuditEntry

SRT = "1\n00:00:01,000 --> 00:00:02,000\n你好，世界。今天天氣很好。\n".encode("big5")
BINARY = {"content-type": "application/octet-stream"}
PATH = "/videos/7/subtitles"


def upload(api: Api, token: str | None, language: str = "zh-Hant", **query: Any) -> Any:
    return api.call("PUT", f"{PATH}/{language}", token=token, query=query, headers=BINARY, raw_body=SRT)


@pytest.fixture(autouse=True)
def video(api: Api) -> None:
    """Ada's video, private."""
    make_video(7, owner_id="ada")


def test_a_track_from_upload_to_delete(api: Api, people: People) -> None:
    answer = upload(api, people.ada, default="true", shift_ms=500)
    assert answer.status == 200
    found = answer.json
    assert (found["language"], found["encoding"], found["format"]) == ("zh-Hant", "big5", "srt")
    assert (found["default"], found["shift_ms"], found["cues"], found["size_bytes"]) == (
        True,
        500,
        1,
        len(SRT),
    )
    assert f"/subtitles/video_7_zh-Hant.vtt?v={found['etag']}" in found["url"]
    (listed,) = api.get(PATH, people.ada).json["subtitles"]
    # A second may have begun, and with it another token.
    assert listed | {"url": ""} == found | {"url": ""}

    changed = api.call("PATCH", f"{PATH}/zh-hant", {"shift_ms": 0, "label": "Mine"}, people.ada).json
    assert (changed["shift_ms"], changed["label"], changed["default"]) == (0, "Mine", True)
    vtt = api.get(f"{PATH}/zh-Hant/vtt", people.ada)
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert "00:00:01.000 --> 00:00:02.000\n你好" in vtt.body.decode()
    original = api.get(f"{PATH}/zh-Hant/original", people.ada)
    assert (original.body, original.headers["content-type"]) == (SRT, "application/octet-stream")
    assert original.headers["content-disposition"] == 'attachment; filename="video_7_zh-Hant.srt"'

    assert api.call("DELETE", f"{PATH}/zh-Hant", token=people.ada).status == 204
    assert api.get(f"{PATH}/zh-Hant/vtt", people.ada).code == "subtitle_not_found"


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        (b"1\n00:00:01,000 00:00:02,000\nx\n", "no_times", 2),
        (b"", "empty", None),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    api: Api, people: People, body: bytes, code: str, line: int | None
) -> None:
    answer = api.call("PUT", f"{PATH}/en", token=people.ada, headers=BINARY, raw_body=body)
    assert (answer.status, answer.code, answer.json.get("line")) == (422, code, line)
    assert api.get(PATH, people.ada).json == {"subtitles": []}


def test_more_than_a_request_may_have_is_not_read(api: Api, people: People) -> None:
    for size, code in ((2 << 20 | 1, "too_large"), (4_600_000, "body_too_large")):
        answer = api.call("PUT", f"{PATH}/en", token=people.ada, headers=BINARY, raw_body=bytes(size))
        assert (answer.status, answer.code) == (413, code)
    headers = {**BINARY, "content-length": str(50 << 20)}
    answer = api.call("PUT", f"{PATH}/en", token=people.ada, headers=headers, raw_body=b"x")
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("kind", ["text/plain", "text/vtt; charset=utf-8", "application/xml"])
def test_types_that_the_gateway_takes_for_text_are_refused(api: Api, people: People, kind: str) -> None:
    answer = api.call("PUT", f"{PATH}/en", token=people.ada, headers={"content-type": kind}, raw_body=b"x")
    assert (answer.status, answer.code) == (422, "text_content_type")


@pytest.mark.parametrize("language", ["x1", "en..", "englisch", "a" * 36])
def test_odd_languages(api: Api, people: People, language: str) -> None:
    answer = upload(api, people.ada, language)
    assert (answer.status, answer.code in ("bad_language", "validation_failed")) == (422, True)


def test_who_may_what(api: Api, people: People) -> None:
    upload(api, people.ada)
    track = f"{PATH}/zh-Hant"
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", track, {"default": True}),
        ("DELETE", track, None),
        ("GET", f"{track}/original", None),
    ]
    for token in (people.bob, people.viewer, people.moderator):
        assert api.get(PATH, token).status == (200 if token == people.moderator else 404)
        assert upload(api, token).status in (403, 404)
        assert all(api.call(method, path, body, token).status in (403, 404) for method, path, body in calls)
    assert upload(api, None).status == 401
    assert api.get(PATH).code == "video_not_found"
    captured = captions.load_tracks(7)
    assert [row.default for row in captured] == [False]
    # Staff may, and it is noted.
    assert api.call("PATCH", track, {"default": True}, people.admin).status == 200
    (entry,) = AuditEntry.scan()
    assert (entry.actor_id, entry.action, entry.target) == ("admin", "subtitles.change", "video#7")


def test_everybody_reads_the_tracks_of_a_public_video(api: Api, people: People) -> None:
    make_video(7, owner_id="ada", visibility="public")
    upload(api, people.ada)
    assert len(api.get(PATH).json["subtitles"]) == 1
    assert api.get(f"{PATH}/zh-Hant/vtt", people.bob).status == 200
    assert api.get(f"{PATH}/zh-Hant/original", people.bob).code == "not_yours"


def test_players_find_the_track(api: Api, people: People) -> None:
    video, job = make_transcode(7)
    complete(video, job)
    # The factory's owner is nobody of the people.
    etag = upload(api, people.admin).json["etag"]
    hls = api.get("/videos/7", people.admin).json["playback"]["hls"]
    base = hls[hls.index("/m/") :].removesuffix("master.m3u8")
    assert f'URI="captions/zh-Hant.{etag}.m3u8"' in api.get(f"{base}master.m3u8").body.decode()
    playlist = api.get(f"{base}captions/zh-Hant.{etag}.m3u8")
    assert playlist.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert f"zh-Hant.{etag}.vtt" in playlist.body.decode()
    text = api.get(f"{base}captions/zh-Hant.{etag}.vtt")
    assert (text.status, text.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
    assert "你好" in text.body.decode()
    other = base.replace("/videos/7/", "/videos/8/")
    assert api.get(f"{other}captions/zh-Hant.{etag}.vtt").code == "bad_media_token"
    api.call("DELETE", f"{PATH}/zh-Hant", token=people.admin)
    assert api.get(f"{base}captions/zh-Hant.{etag}.vtt").code == "subtitle_not_found"
