"""The routes of chosen pictures and avatars."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from tests.conftest import kept_client
from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.unit.library.factories import complete, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite import ids
from videosite.pipeline import frames
from videosite.pipeline.transcode import Delivery
from videosite.store.tables import AuditEntry, Limit, User, Video

PATH = "/videos/7/thumbnail"
PNG = {"content-type": "image/png"}


def picture(colour: str = "red", size: tuple[int, int] = (400, 300)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def stored(prefix: str) -> list[str]:
    listed = kept_client("s3").list_objects_v2(Bucket="media", Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in listed]


def put(api: Api, path: str, token: str | None, data: bytes) -> Answer:
    return api.call("PUT", path, token=token, headers=PNG, raw_body=data)


@pytest.fixture
def ready(api: Api) -> Video:
    """A finished video of Ada's with automatic pictures, whose upload is there."""
    video, job = make_transcode(7)
    complete(video, job)
    etag = kept_client("s3").put_object(Bucket="uploads", Key=video.source_key, Body=b"film")["ETag"]
    names = ("poster", "small", "medium", "large")
    job.update(
        actions=[
            type(job).source_etag.set(etag.strip('"')),
            type(job).images.set({f"{name}.jpg": 5 for name in names}),
        ]
    )
    for name in names:
        kept_client("s3").put_object(Bucket="media", Key=f"thumbnails/video_7_{name}.jpg", Body=b"automatic")
    video.update(actions=[Video.owner_id.set("ada")])
    return video


# --- thumbnails -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ready")
def test_a_picture_of_ones_own_and_back(api: Api, people: People) -> None:
    before = api.get(PATH, people.ada).json
    assert (before["kind"], before["pending"], before["error"]) == ("automatic", False, None)
    assert "video_7_poster.jpg?v=1" in before["poster_url"]
    found = put(api, PATH, people.ada, picture()).json
    assert found["kind"] == "upload"
    video = api.get("/videos/7", people.ada).json
    assert (video["poster_url"], video["thumbnails"]) == (found["poster_url"], found["thumbnails"])
    key = found["poster_url"].partition("/thumbnails/")[2]
    body = kept_client("s3").get_object(Bucket="media", Key=f"thumbnails/{key}")["Body"].read()
    assert Image.open(io.BytesIO(body)).size == (400, 300)
    assert len(stored("thumbnails/video_7_custom-")) == 4
    # Another one leaves nothing of the first.
    again = put(api, PATH, people.ada, picture("blue")).json
    assert again["poster_url"] != found["poster_url"]
    assert len(stored("thumbnails/video_7_custom-")) == 4
    assert api.call("DELETE", PATH, token=people.ada).status == 204
    assert api.get(PATH, people.ada).json == before
    assert stored("thumbnails/") == [
        f"thumbnails/video_7_{name}.jpg" for name in ("large", "medium", "poster", "small")
    ]


@pytest.mark.usefixtures("ready")
def test_a_refused_picture_changes_nothing(api: Api, people: People) -> None:
    before = api.get(PATH, people.ada).json
    assert put(api, PATH, people.ada, b"no picture").code == "not_a_picture"
    assert put(api, PATH, people.ada, bytes(4_300_000)).code == "too_large"
    assert put(api, PATH, people.ada, bytes(4_600_000)).code == "body_too_large"
    assert api.get(PATH, people.ada).json == before


def test_a_picture_may_come_before_the_video(api: Api, people: People) -> None:
    make_video(7, owner_id="ada")
    assert put(api, PATH, people.ada, picture()).json["kind"] == "upload"
    assert api.get("/videos/7", people.ada).json["thumbnails"]["small"]
    assert api.post(f"{PATH}/frame", {"at_s": 1}, people.ada).code == "not_ready"


def make_frames(bodies: list[str], monkeypatch: pytest.MonkeyPatch, receives: int = 1) -> list[int]:
    """Do what the worker does with the messages, without FFmpeg; returns the frames that were made."""
    made: list[int] = []

    def make(_job: object, _plan: object, frame: int) -> dict[str, bytes]:
        made.append(frame)
        return dict.fromkeys(("poster", "large", "medium", "small"), b"\xff\xd8\xff frame")

    monkeypatch.setattr(frames, "_make", make)
    for body in bodies:
        frames.make_frame(json.loads(body), Delivery("", "", lambda: 900.0, 3008, receives))
    return made


@pytest.mark.usefixtures("ready")
def test_a_frame_is_chosen(
    api: Api, people: People, messages: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(api, PATH, people.ada, picture())
    answer = api.post(f"{PATH}/frame", {"at_s": 2.5}, people.ada)
    assert (answer.status, answer.json["pending"], answer.json["kind"]) == (202, True, "upload")
    bodies = messages("urgent")
    assert make_frames(bodies * 2, monkeypatch) == [62]
    found = api.get(PATH, people.ada).json
    assert (found["kind"], found["pending"], found["at_s"]) == ("frame", False, 2.5)
    assert json.loads(bodies[0])["wish"] in found["poster_url"]


@pytest.mark.usefixtures("ready")
def test_the_last_wish_counts(
    api: Api, people: People, messages: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter([f"{2**43:012x}{n}" for n in range(3)])
    monkeypatch.setattr(ids, "timed_id", lambda: next(versions))
    for at_s in (1, 2):
        api.post(f"{PATH}/frame", {"at_s": at_s}, people.ada)
    assert make_frames(messages("urgent"), monkeypatch) == [50]
    api.post(f"{PATH}/frame", {"at_s": 3}, people.ada)
    api.call("DELETE", PATH, token=people.ada)
    assert make_frames(messages("urgent"), monkeypatch) == []
    assert api.get(PATH, people.ada).json["kind"] == "automatic"


@pytest.mark.usefixtures("ready")
def test_a_frame_that_cannot_be_made_is_said(
    api: Api, people: People, messages: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post(f"{PATH}/frame", {"at_s": 1}, people.ada)
    assert make_frames(messages("urgent"), monkeypatch, receives=4) == []
    found = api.get(PATH, people.ada).json
    assert (found["kind"], found["pending"], found["error"]["code"]) == ("automatic", False, "frame_failed")
    api.post(f"{PATH}/frame", {"at_s": 1}, people.ada)
    kept_client("s3").delete_object(Bucket="uploads", Key="uploads/7/source.mp4")
    assert make_frames(messages("urgent"), monkeypatch) == []
    assert api.get(PATH, people.ada).json["error"]["code"] == "source_gone"
    assert api.post(f"{PATH}/frame", {"at_s": 1}, people.ada).code == "source_gone"


@pytest.mark.usefixtures("ready")
def test_a_lost_wish_is_not_waited_for(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "timed_id", lambda: f"{1_000_000:012x}abc")
    assert api.post(f"{PATH}/frame", {"at_s": 1}, people.ada).json["error"]["code"] == "frame_failed"


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("at_s", "code"), [(10, "beyond_end"), (-1, "validation_failed"), ("x", "validation_failed")]
)
def test_frames_outside_the_video(api: Api, people: People, at_s: Any, code: str) -> None:
    assert api.post(f"{PATH}/frame", {"at_s": at_s}, people.ada).code == code


@pytest.mark.usefixtures("ready")
def test_other_peoples_pictures_stay(api: Api, people: People) -> None:
    for token, status in ((people.bob, 404), (people.moderator, 404), (None, 401)):
        assert api.get(PATH, token).status == status
        assert put(api, PATH, token, picture()).status == status
        assert api.post(f"{PATH}/frame", {"at_s": 1}, token).status == status
        assert api.call("DELETE", PATH, token=token).status == status
    assert put(api, PATH, people.admin, picture()).status == 200
    assert [entry.action for entry in AuditEntry.scan()] == ["thumbnail.upload"]


# --- avatars ----------------------------------------------------------------------------------------


def test_an_avatar_comes_and_goes(api: Api, people: People) -> None:
    path = "/users/me/avatar"
    assert api.get(path, people.ada).json == {"avatar_url": None}
    first = put(api, path, people.ada, picture(size=(90, 400))).json["avatar_url"]
    (key,) = stored("avatars/")
    # Caches may show what was taken away for a day, not for a year.
    head = kept_client("s3").head_object(Bucket="media", Key=key)
    assert head["CacheControl"] == "public, max-age=86400"
    assert first.endswith(key)
    body = kept_client("s3").get_object(Bucket="media", Key=key)["Body"].read()
    assert Image.open(io.BytesIO(body)).size == (256, 256)
    second = put(api, path, people.ada, picture("blue")).json["avatar_url"]
    assert second != first
    assert len(stored("avatars/ada/")) == 1
    assert put(api, path, people.ada, b"x").code == "not_a_picture"
    assert api.get(path, people.ada).json == {"avatar_url": second}
    assert api.get(path, people.bob).json == {"avatar_url": None}
    assert api.get("/users/me", people.ada).json["avatar_url"] == second
    for _ in range(2):
        assert api.call("DELETE", path, token=people.ada).status == 204
    assert stored("avatars/") == []
    assert User.get("ada").avatar is None
    assert put(api, path, None, picture()).status == 401


def test_what_another_upload_left_goes_with_the_next_one(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at once, or one that died before it was named: but not what is being uploaded now."""
    path, s3 = "/users/me/avatar", kept_client("s3")
    now_ms = int(time.time() * 1000)
    left, under_way = (f"avatars/ada/{ids.timed_id(now_ms - age_ms)}.jpg" for age_ms in (120_000, 5_000))
    for key in (left, under_way):
        s3.put_object(Bucket="media", Key=key, Body=b"x")
    put(api, path, people.ada, picture())
    keys = stored("avatars/ada/")
    assert left not in keys
    assert under_way in keys
    assert len(keys) == 2
    api.call("DELETE", path, token=people.ada)
    assert stored("avatars/") == []


def test_an_avatar_is_a_change_that_others_have_not_seen(api: Api, people: People) -> None:
    seen = {"if-match": api.get("/users/me", people.ada).headers["etag"]}
    put(api, "/users/me/avatar", people.ada, picture())
    answer = api.call("PATCH", "/users/me", {"display_name": "Ada"}, people.ada, headers=seen)
    assert (answer.status, answer.code) == (412, "changed_meanwhile")


def test_an_avatar_goes_with_its_account(api: Api, people: People) -> None:
    put(api, "/users/me/avatar", people.viewer, picture())
    assert len(stored("avatars/viewer/")) == 1
    assert api.call("DELETE", "/admin/users/viewer", token=people.admin).status == 204
    assert stored("avatars/") == []


def test_files_are_taken_at_a_pace(api: Api, people: People) -> None:
    Limit("files#user#ada", full_at_s=time.time() + 3600, expires_at_s=9_999_999_999).save()
    answer = put(api, "/users/me/avatar", people.ada, picture())
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0
