from collections.abc import Callable

import pytest

from tests.conftest import kept_client
from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.unit.library.factories import make_transcode
from tests.unit.pipeline.conftest import make_video
from tests.unit.realtime.factories import stored_messages
from videosite.library import uploads
from videosite.library.uploads import MIB
from videosite.pipeline import control, jobs
from videosite.store.tables import Video

Messages = Callable[[str], list[str]]


def create(api: Api, token: str, **values: object) -> Answer:
    return api.post("/videos", {"title": "Sea", "filename": "sea.mp4", "size_bytes": 4, **values}, token)


# --- uploading --------------------------------------------------------------------------------------


def test_creating_a_video_tells_how_to_upload_it(api: Api, people: People) -> None:
    answer = create(api, people.ada, visibility="public")
    assert answer.status == 201
    video, upload = answer.json["video"], answer.json["upload"]
    assert (video["title"], video["status"], video["visibility"]) == ("Sea", "pending", "public")
    assert (video["owner_id"], video["progress"], video["playback"]) == ("ada", 0, None)
    assert answer.headers["location"] == f"/api/v1/videos/{video['video_id']}"
    assert upload.keys() == {"kind", "key", "url", "fields"}
    assert upload["kind"] == "post"
    assert upload["fields"]["key"] == f"uploads/{video['video_id']}/source.mp4"


def test_a_form_upload_from_end_to_end(api: Api, people: People, messages: Messages) -> None:
    created = create(api, people.ada).json
    video_id, upload = created["video"]["video_id"], created["upload"]
    path = f"/videos/{video_id}/upload/complete"
    assert api.post(path, token=people.ada).code == "upload_incomplete"
    kept_client("s3").put_object(Bucket="uploads", Key=upload["key"], Body=b"film")
    bodies: list[dict[str, list[object]] | None] = [None, {}, {"parts": []}]
    for body in bodies:
        answer = api.post(path, body, people.ada)
        assert (answer.status, answer.json["status"]) == (202, "pending")
    assert len(messages("ingest")) == 3


def test_a_multipart_upload_from_end_to_end(
    api: Api, people: People, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SINGLE_REQUEST_BYTES", 8 * MIB)
    created = create(api, people.ada, size_bytes=8 * MIB + 4).json
    video_id, upload = created["video"]["video_id"], created["upload"]
    assert upload.keys() == {"kind", "key", "upload_id", "part_size_bytes", "part_count", "parts"}
    assert (upload["kind"], upload["part_count"]) == ("multipart", 2)
    more = api.post(f"/videos/{video_id}/upload/parts", {"numbers": [2, 1]}, people.ada)
    assert [part["number"] for part in more.json["parts"]] == [2, 1]
    parts = []
    for number, data in ((1, bytes(8 * MIB)), (2, b"film")):
        put = kept_client("s3").upload_part(
            Bucket="uploads",
            Key=upload["key"],
            UploadId=upload["upload_id"],
            PartNumber=number,
            Body=data,
        )
        parts.append({"number": number, "etag": put["ETag"]})
    answer = api.post(f"/videos/{video_id}/upload/complete", {"parts": parts}, people.ada)
    assert answer.status == 202
    assert len(messages("ingest")) == 1


def test_giving_an_upload_up(api: Api, people: People) -> None:
    video_id = create(api, people.ada).json["video"]["video_id"]
    answer = api.call("DELETE", f"/videos/{video_id}/upload", token=people.ada)
    assert (answer.status, answer.body) == (204, b"")
    assert api.get(f"/videos/{video_id}", people.ada).code == "video_not_found"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": " \u202e "}, "bad_title"),
        ({"size_bytes": 5 * 1024 * MIB + 1}, "too_large"),
        ({"size_bytes": -1}, "validation_failed"),
        ({"size_bytes": "many"}, "validation_failed"),
        ({"visibility": "secret"}, "validation_failed"),
        ({"filename": "x" * 2000}, "validation_failed"),
        ({"filename": None}, "validation_failed"),
    ],
)
def test_videos_that_cannot_be_made(api: Api, people: People, values: dict[str, object], code: str) -> None:
    answer = create(api, people.ada, **values)
    assert (answer.status, answer.code) == (422, code)


# --- seeing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("visibility", ["private", "unlisted", "public"])
def test_who_sees_a_video(api: Api, people: People, visibility: str) -> None:
    make_video(7, owner_id="ada", visibility=visibility)
    public = visibility == "public"
    for token, sees in (
        (None, public),
        (people.viewer, public),
        (people.bob, public),
        (people.ada, True),
        (people.moderator, True),
        (people.admin, True),
    ):
        answer = api.get("/videos/7", token)
        assert answer.status == (200 if sees else 404)
    assert api.get("/videos/8", people.admin).code == "video_not_found"


def test_lists_are_paged(api: Api, people: People) -> None:
    for number in range(1, 6):
        make_video(number, owner_id="ada", visibility="public", status="completed")
    make_video(6, owner_id="bob")
    for path, query, token, expected in (
        ("/videos", {}, people.ada, [5, 4, 3, 2, 1]),
        ("/videos", {"scope": "public"}, None, [5, 4, 3, 2, 1]),
        ("/admin/videos", {}, people.moderator, [6, 5, 4, 3, 2, 1]),
    ):
        found, cursor = [], None
        while True:
            page = api.get(
                path, token, query={**query, "limit": 2, **({"cursor": cursor} if cursor else {})}
            ).json
            assert len(page["videos"]) <= 2
            found += [video["video_id"] for video in page["videos"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == expected


def test_own_videos_need_somebody(api: Api) -> None:
    assert api.get("/videos").code == "not_signed_in"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "x"}, "bad_cursor"),
        ({"limit": 0}, "validation_failed"),
        ({"limit": 101}, "validation_failed"),
        ({"scope": "all"}, "validation_failed"),
    ],
)
def test_lists_that_cannot_be(api: Api, people: People, query: dict[str, object], code: str) -> None:
    assert api.get("/videos", people.ada, query=query).code == code


@pytest.mark.parametrize("video_id", ["0", "-1", "x", str(2**53), "1e3"])
def test_ids_that_are_none(api: Api, video_id: str) -> None:
    assert api.get(f"/videos/{video_id}").code == "validation_failed"


# --- transcodes -------------------------------------------------------------------------------------


def test_status_for_the_owner_and_for_staff(api: Api, people: People) -> None:
    make_transcode(h264={"0": 1}, audio={"0": 1})
    Video(7).update(actions=[Video.owner_id.set("ada")])
    own = api.get("/videos/7/transcode-status", people.ada)
    staff = api.get("/admin/videos/7/transcode-status", people.moderator)
    assert own.json == staff.json
    assert {
        "video_id", "status", "progress", "message", "error", "generation", "renditions", "audio",
            "subtitles", "cost",
        "updated_at", "ladder", "priority", "waiting",
    } == own.json.keys()  # fmt: skip
    assert {
        "codec", "resolution", "status", "progress", "attempts", "error", "speed", "eta_s", "vmaf",
        "size_bytes", "cost_usd",
    } <= own.json["renditions"][0].keys()  # fmt: skip
    assert api.get("/videos/7/transcode-status", people.bob).code == "video_not_found"
    assert api.get("/admin/videos/8/transcode-status", people.admin).code == "video_not_found"


def test_a_public_video_is_still_not_everybodys_to_steer(api: Api, people: People) -> None:
    make_video(7, owner_id="ada", visibility="public")
    for method, path in (("GET", "transcode-status"), ("POST", "cancel"), ("DELETE", "upload")):
        answer = api.call(method, f"/videos/7/{path}", token=people.bob)
        assert (answer.status, answer.code) == (403, "not_yours")


def test_cancel_and_retry(api: Api, people: People, messages: Messages) -> None:
    make_transcode(owner_id="ada")
    Video(7).update(actions=[Video.owner_id.set("ada")])
    answer = api.post("/videos/7/cancel", token=people.ada)
    assert (answer.status, answer.json["status"]) == (202, "cancelled")
    assert api.post("/videos/7/cancel", token=people.ada).code == "not_running"
    answer = api.post("/videos/7/retry", token=people.admin)
    assert (answer.status, answer.json["status"]) == (202, "processing")
    assert api.post("/videos/7/retry", token=people.admin).code == "not_failed"


def test_a_cancel_before_the_file_came_is_told(api: Api, people: People) -> None:
    """There is no job whose change would tell of it; who subscribed would see it wait for ever."""
    make_video(7, owner_id="ada")
    answer = api.post("/videos/7/cancel", token=people.ada)
    assert (answer.status, answer.json["status"]) == (202, "cancelled")
    for channel in ("video#7", "user#ada", "admin"):
        (body,) = stored_messages(channel)
        assert (body["type"], body["status"], body["id"]) == (
            "transcode_progress",
            "cancelled",
            "7.0.0.cancelled",
        )


def test_a_cancel_that_was_cut_short_is_told_by_the_next(api: Api, people: People) -> None:
    make_video(7, owner_id="ada")
    control.cancel(7)
    for _ in range(2):
        assert api.post("/videos/7/cancel", token=people.ada).code == "not_running"
    assert [body["id"] for body in stored_messages("user#ada")] == ["7.0.0.cancelled"]


@pytest.mark.parametrize("path", ["retry", "renditions/h264-360p/retry", "transcode"])
@pytest.mark.parametrize("end", ["cancelled", "failed", "completed"])
def test_an_end_is_told_though_the_next_run_begins_before_the_stream_is_read(
    api: Api, people: People, path: str, end: str
) -> None:
    """Its record says only that the row changed, and the row shows the next run by then."""
    _, job = make_transcode(owner_id="ada", published={"h264": 1} if end == "completed" else {})
    kept_client("s3").put_object(Bucket="uploads", Key=job.source_key, Body=b"film")
    Video(7).update(actions=[Video.owner_id.set("ada")])
    assert jobs.finish(job, end)
    job.refresh()
    api.post(f"/videos/7/{path}", token=people.ada)
    (body,) = stored_messages("user#ada")
    assert body["run"] == job.run
    assert (body["type"], body.get("status"), body.get("final")) == {
        "cancelled": ("transcode_progress", "cancelled", None),
        "failed": ("transcode_failed", None, None),
        "completed": ("transcode_complete", None, True),
    }[end]


def test_retry_of_one_rendition(api: Api, people: People) -> None:
    """Of a transcode that is under way, of one that was cancelled, and of one it does not have."""
    make_transcode(owner_id="ada")
    Video(7).update(actions=[Video.owner_id.set("ada")])
    retry = "/videos/7/renditions/h264-360p/retry"
    assert api.post(retry, token=people.bob).code == "video_not_found"
    assert api.post(retry, token=people.ada).code == "not_ended"
    assert api.post("/videos/7/renditions/h265-1p/retry", token=people.ada).code == "rendition_not_found"
    api.post("/videos/7/cancel", token=people.ada)
    answer = api.post(retry, token=people.ada)
    assert (answer.status, answer.json["status"]) == (202, "processing")


def test_addresses_for_players_are_absolute(api: Api, people: People) -> None:
    make_transcode(h264={"0": 1}, audio={"0": 1}, visibility="public")
    playback = api.get("/videos/7").json["playback"]
    assert playback.keys() == {"hls", "dash", "token_expires_at"}
    assert playback["hls"].startswith("https://videos.example.org/m/")
