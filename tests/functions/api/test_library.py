"""What is said of videos, lists, sharing, downloads, deletion, interrupted uploads, re-transcoding."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import kept_client
from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.traces import traces
from tests.unit.library.factories import complete, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite.housekeeping import deletion
from videosite.library.uploads import MIB
from videosite.pipeline import jobs
from videosite.store.tables import AuditEntry, Job, User, Video

Messages = Callable[[str], list[str]]
SAID = {
    "title": "A day at the sea",
    "description": "Waves.\nGulls.",
    "tags": ["Beach", "summer"],
    "category": "travel",
    "language": "pt-br",
}
KEPT = {**SAID, "tags": ["beach", "summer"], "language": "pt-BR"}


def create(api: Api, token: str, **values: object) -> dict[str, Any]:
    body = {"title": "Sea", "filename": "sea.mp4", "size_bytes": 4, **values}
    answer = api.post("/videos", body, token)
    assert answer.status == 201, answer.json
    document: dict[str, Any] = answer.json
    return document


def patch(api: Api, video_id: int, body: object, token: str, **options: Any) -> Answer:
    return api.call("PATCH", f"/videos/{video_id}", body, token, **options)


def published(api: Api, people: People, **values: object) -> int:
    """Ada's video that plays."""
    video, job = make_transcode(7, h264={"0": 5}, audio={"0": 5}, owner_id="ada", **values)  # type: ignore[arg-type]
    video.update([Video.owner_id.set("ada")])
    complete(video, job)
    return 7


# --- what is said -----------------------------------------------------------------------------------


def test_what_is_said_at_first_and_later(api: Api, people: People) -> None:
    video = create(api, people.ada, **SAID)["video"]
    assert {name: video[name] for name in KEPT} == KEPT
    answer = patch(api, video["video_id"], {"tags": [], "category": "", "title": "Sand"}, people.ada)
    assert answer.status == 200
    changed = {name: answer.json[name] for name in KEPT}
    assert changed == {**KEPT, "tags": [], "category": None, "title": "Sand"}
    assert api.get(f"/videos/{video['video_id']}", people.ada).json == answer.json


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": " "}, "bad_title"),
        ({"language": "english"}, "bad_language"),
        ({"tags": ["x" * 60]}, "bad_tags"),
        ({"description": "x" * 6000}, "bad_description"),
        ({"category": "cooking"}, "validation_failed"),
        ({"visibility": "secret"}, "validation_failed"),
    ],
    ids=str,
)
def test_what_cannot_be_said(api: Api, people: People, body: object, code: str) -> None:
    make_video(7, owner_id="ada")
    assert patch(api, 7, body, people.ada).code == code


def test_changes_do_not_undo_what_was_not_seen(api: Api, people: People) -> None:
    make_video(7, owner_id="ada")
    tag = api.get("/videos/7", people.ada).headers["etag"]
    first = patch(api, 7, {"title": "Sea"}, people.ada, headers={"if-match": tag})
    assert first.status == 200
    late = patch(api, 7, {"title": "Sand"}, people.ada, headers={"if-match": tag})
    assert (late.status, late.code) == (412, "changed_meanwhile")
    assert (
        patch(api, 7, {"title": "Sand"}, people.ada, headers={"if-match": first.headers["etag"]}).status
        == 200
    )


def test_only_owners_and_those_who_manage_everybodys_change_and_delete(api: Api, people: People) -> None:
    make_video(7, owner_id="ada", visibility="public")
    for token in (people.bob, people.viewer, people.moderator):
        assert patch(api, 7, {"title": "x"}, token).code == "not_yours"
        assert api.call("DELETE", "/videos/7", token=token).code == "not_yours"
        assert api.get("/videos/7/source", token).code == "not_yours"
    assert patch(api, 7, {"title": "Better"}, people.admin).status == 200
    (entry,) = AuditEntry.scan()
    assert (entry.actor_id, entry.action, entry.target) == ("admin", "video.change", "video#7")
    assert (entry.before, entry.after) == ({"title": "Clip"}, {"title": "Better"})


# --- lists ------------------------------------------------------------------------------------------


def ids_of(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.json
    return [video["video_id"] for video in answer.json["videos"]]


def test_lists_are_filtered_sorted_and_searched(api: Api, people: People) -> None:
    first, second = (
        create(api, people.ada, title=title, tags=["beach"], category="travel", visibility="public")["video"]
        for title in ("Zebra at sea", "ant")
    )
    other = create(api, people.bob, title="Sea")["video"]["video_id"]
    for video in (first, second):
        Video(video["video_id"]).update([Video.status.set("completed")])
    a, b = first["video_id"], second["video_id"]

    def listed(path: str, token: str | None, **query: object) -> list[int]:
        return ids_of(api.get(path, token, query=query))

    assert listed("/videos", people.ada, sort="title") == [b, a]
    assert listed("/videos", None, scope="public", tag="BEACH") == [b, a]
    assert listed("/videos", None, scope="public", q="sea") == [a]
    assert listed("/videos", None, scope="public", category="music") == []
    assert listed("/admin/videos", people.moderator, q="sea") == [other, a]
    assert listed("/admin/videos", people.moderator, owner="bob") == [other]
    assert listed("/admin/videos", people.moderator, status="pending") == [other]
    assert listed("/admin/videos", people.moderator, since="2100-01-01T00:00:00Z") == []
    earliest = {"scope": "public", "since": "0001-01-01T00:00:00"}
    assert api.get("/videos", query=earliest).code == "validation_failed", "it has no zone"
    assert api.get("/videos", query=earliest | {"since": "0001-01-01T00:00:00Z"}).status == 200
    assert api.get("/videos", people.ada, query={"language": "x1"}).code == "bad_language"
    assert api.get("/videos", people.ada, query={"q": "a1", "sort": "title"}).code == "bad_sort"


# --- sharing ----------------------------------------------------------------------------------------


def test_an_unlisted_video_is_shared_by_its_slug(api: Api, people: People) -> None:
    published(api, people)
    slug = patch(api, 7, {"visibility": "unlisted"}, people.ada).json["share_slug"]
    assert api.get("/videos/7").code == "video_not_found"
    shared = api.get(f"/videos/shared/{slug}")
    assert shared.json["video_id"] == 7
    assert shared.json["playback"]["hls"].endswith("/master.m3u8")
    assert api.get("/videos/7", query={"share": slug}).json == shared.json
    assert api.post("/videos/7/plays", query={"share": slug}).status == 200
    make_video(8, owner_id="ada")
    assert api.get("/videos/8", query={"share": slug}).code == "video_not_found"
    patch(api, 7, {"visibility": "public"}, people.ada)
    assert api.get("/videos/7", query={"share": slug}).status == 200
    patch(api, 7, {"visibility": "unlisted"}, people.ada)
    assert api.get(f"/videos/shared/{'x' * 22}").code == "video_not_found"
    assert api.get("/videos/shared/7").code == "validation_failed"
    patch(api, 7, {"visibility": "private"}, people.ada)
    assert api.get(f"/videos/shared/{slug}").code == "video_not_found"


# --- the source -------------------------------------------------------------------------------------


def test_the_source_comes_back_under_the_videos_title(api: Api, people: People) -> None:
    make_video(7, owner_id="ada", title='a/../"b"; x=y\u4f60')
    assert api.get("/videos/7/source", people.ada).code == "nothing_uploaded"
    kept_client("s3").put_object(Bucket="uploads", Key="uploads/7/source.mp4", Body=b"film")
    answer = api.get("/videos/7/source", people.ada)
    query = parse_qs(urlsplit(answer.json["url"]).query)
    assert query["response-content-disposition"] == [
        "attachment; filename=\"a .. b x_y_.mp4\"; filename*=UTF-8''a%20..%20b%20x%3Dy%E4%BD%A0.mp4"
    ]
    assert query["X-Amz-Expires"] == ["3600"]
    assert api.get("/videos/7/source", people.bob).code == "video_not_found"


# --- deletion ---------------------------------------------------------------------------------------


def test_a_deleted_video_is_gone_at_once_and_in_the_end_everywhere(api: Api, people: People) -> None:
    video_id = create(api, people.ada, **SAID, visibility="public")["video"]["video_id"]
    kept_client("s3").put_object(Bucket="uploads", Key=f"uploads/{video_id}/source.mp4", Body=b"film")
    answer = api.call("DELETE", f"/videos/{video_id}", token=people.ada)
    assert answer.status == 202
    for token in (people.ada, people.admin):
        assert api.get(f"/videos/{video_id}", token).code == "video_not_found"
        assert api.call("DELETE", f"/videos/{video_id}", token=token).code == "video_not_found"
    assert ids_of(api.get("/videos", people.ada)) == []
    assert ids_of(api.get("/videos", query={"scope": "public", "q": "sea"})) == []
    now_s = jobs.load_video(video_id).updated_at_s
    deletion.remove(now_s)
    deletion.remove(now_s + deletion.GRACE_S)
    # Who deleted it is not forgotten.
    assert traces(str(video_id), but=("audit",)) == []
    assert [(entry.actor_id, entry.action) for entry in AuditEntry.scan()] == [("ada", "video.delete")]


# --- interrupted uploads ----------------------------------------------------------------------------


def test_a_client_that_forgot_everything_goes_on_with_its_upload(
    api: Api, people: People, messages: Messages
) -> None:
    size_bytes = 65 * MIB
    video_id = create(api, people.ada, size_bytes=size_bytes)["video"]["video_id"]
    s3 = kept_client("s3")

    def send(upload: dict[str, Any], number: int, size: int) -> None:
        s3.upload_part(
            Bucket="uploads",
            Key=upload["key"],
            UploadId=upload["upload_id"],
            PartNumber=number,
            Body=b"x" * size,
        )

    upload = api.get(f"/videos/{video_id}/upload", people.ada).json["upload"]
    assert (upload["part_count"], len(upload["parts"])) == (9, 9)
    for number in (1, 2, 4):
        send(upload, number, 8 * MIB)
    send(upload, 9, 1 * MIB)
    send(upload, 5, 100)  # broke off
    found = api.get(f"/videos/{video_id}/upload", people.ada).json
    assert [part["number"] for part in found["stored"]] == [1, 2, 4, 9]
    assert [part["number"] for part in found["upload"]["parts"]] == [3, 5, 6, 7, 8]
    path = f"/videos/{video_id}/upload/complete"
    assert api.post(path, token=people.ada).code == "upload_incomplete"
    for part in found["upload"]["parts"]:
        send(found["upload"], part["number"], 8 * MIB)
    assert api.post(path, token=people.ada).status == 202
    head = s3.head_object(Bucket="uploads", Key=upload["key"])
    assert head["ContentLength"] == size_bytes
    assert len(messages("ingest")) == 1
    assert api.get(f"/videos/{video_id}/upload", people.ada).code == "upload_ended"


def test_a_form_is_given_again(api: Api, people: People) -> None:
    created = create(api, people.ada)
    again = api.get(f"/videos/{created['video']['video_id']}/upload", people.ada).json
    assert again["stored"] == []
    assert again["upload"]["fields"]["key"] == created["upload"]["key"]
    assert api.get(f"/videos/{created['video']['video_id']}/upload", people.bob).code == "video_not_found"


# --- quotas -----------------------------------------------------------------------------------------


def test_the_error_says_which_quota(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    User("ada").update([User.quota_storage_bytes.set(10)])
    create(api, people.ada, size_bytes=8)
    answer = api.post("/videos", {"filename": "a.mp4", "size_bytes": 3}, people.ada)
    assert (answer.status, answer.code) == (403, "quota_exceeded")
    assert answer.json["detail"].startswith("Storage:")
    mine = api.get("/users/me/usage", people.ada).json
    assert mine["storage_bytes"] == {"used": 8, "limit": 10}
    assert mine == api.get("/admin/users/ada/usage", people.admin).json
    assert mine.keys() == {"storage_bytes", "minutes", "parallel_jobs"}


# --- transcoding again ------------------------------------------------------------------------------


def test_another_ladder_while_the_old_generation_plays(api: Api, people: People, messages: Messages) -> None:
    published(api, people, source_etag="x")
    body = {"ladder": "fast", "normalize": True}
    assert api.post("/videos/7/transcode", body, people.ada).code == "source_gone"
    put: Any = kept_client("s3").put_object(Bucket="uploads", Key="uploads/7/source.mp4", Body=b"film")
    Job(7, "job#00001").update([Job.source_etag.set(put["ETag"].strip('"'))])
    old = api.get("/videos/7", people.ada).json["playback"]["hls"]
    key = {"idempotency-key": "again"}
    answer = api.post("/videos/7/transcode", body, people.ada, headers=key)
    assert (answer.status, answer.json["status"], answer.json["generation"]) == (202, "processing", 2)
    assert (answer.json["ladder"], jobs.load_video(7).normalize) == ("fast", True)
    assert len(messages("ingest")) == 1
    assert api.post("/videos/7/transcode", token=people.ada).code == "not_ended"
    assert api.get("/videos/7", people.ada).json["playback"]["hls"] == old
    make_video(8, owner_id="ada")
    assert api.post("/videos/8/transcode", token=people.ada).code == "nothing_uploaded"
    assert api.post("/videos/8/transcode", body, people.ada, headers=key).code == "idempotency_key_reused"
    assert api.post("/videos/7/transcode", {"ladder": "steep"}, people.ada).code == "validation_failed"
