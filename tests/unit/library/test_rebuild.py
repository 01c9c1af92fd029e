"""The library comes back from storage alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests import conftest
from tests.conftest import kept_client
from tests.unit.library.factories import complete, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite.accounts import audit, users
from videosite.housekeeping import sidecars as steps
from videosite.library import captions, subtitles, videos
from videosite.library.rebuild import Rebuilt, rebuild
from videosite.media.plan import Plan
from videosite.pipeline import control, jobs, quotas, sidecars
from videosite.pipeline.ingest import planned_tasks
from videosite.store.tables import Job, Task, User, Video

pytestmark = pytest.mark.usefixtures("site")
Messages = Callable[[str], list[str]]
NOW_S = 1_800_000_000.0
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def put(bucket: str, key: str, data: bytes = b"source") -> str:
    answer: Any = kept_client("s3").put_object(Bucket=bucket, Key=key, Body=data)
    return str(answer["ETag"]).strip('"')


def keep(*video_ids: int) -> None:
    """Write the sidecars."""
    for video_id in video_ids:
        sidecars.mark(video_id)
    steps.write(NOW_S * 2)


def lose_tables() -> User:
    """What a kill or a mistake does; returns the admin of the installation that is there afterwards."""
    conftest._make_tables()
    admin = users.new_user("admin@example.org", "hash", "admin", NOW_S)
    assert users.insert(admin, audit.OPERATOR, "user.create", NOW_S)
    return admin


def owner(email: str = "ann@example.org") -> User:
    user = User("owner", email=email, role="moderator", display_name="Ann", created_at_s=1.0)
    assert users.insert(user, audit.OPERATOR, "user.create", 1.0)
    return user


def published(video_id: int = 7, **values: Any) -> tuple[Video, Job]:
    """A video that plays, its source in storage."""
    etag = put("uploads", f"uploads/{video_id}/source.mp4")
    video, job = make_transcode(
        video_id, h264={"0": 5}, audio={"0": 5}, source_etag=etag, source_size_bytes=6, **values
    )
    complete(video, job)
    video.update([Video.source_size_bytes.set(6)])
    return jobs.load_video(video_id), job


def test_a_published_video_is_shown_as_before() -> None:
    owner()
    video, _ = published(visibility="public")
    subtitles.upload_subtitle(7, "de", SRT, default=True)
    before = videos.describe([video], NOW_S)
    tracks = subtitles.describe(captions.load_tracks(7), NOW_S)
    keep(7)
    admin = lose_tables()
    found = rebuild(admin, NOW_S)
    assert found == Rebuilt(made=[7], accounts=["ann@example.org"])
    assert videos.describe([jobs.load_video(7)], NOW_S) == before
    assert subtitles.describe(captions.load_tracks(7), NOW_S) == tracks
    assert [row.video_id for row in Video.by_owner.query("owner")] == [7]
    assert quotas.load("owner").storage_bytes == 6


def test_its_finished_work_counts_as_finished() -> None:
    published()
    keep(7)
    rebuild(lose_tables(), NOW_S)
    job = jobs.load(7, 1)
    assert job is not None
    planned = planned_tasks(Plan.from_dict(job.plan or {}))
    rows = list(Task.query("7#1"))
    assert {(row.group, row.first, row.end) for row in rows} == {it[:3] for it in planned}
    assert {row.status for row in rows} == {"done"}
    assert (job.done_tasks, job.total_tasks) == (len(planned), len(planned))
    assert jobs.load_progress(7, 1) is not None
    control.transcode_anew(7)
    assert jobs.load_video(7).active_generation == 2


def test_again_changes_nothing() -> None:
    published()
    keep(7)
    admin = lose_tables()
    rebuild(admin, NOW_S)
    jobs.load_video(7).update([Video.title.set("Changed since")])
    assert rebuild(admin, NOW_S) == Rebuilt(there=1)
    assert jobs.load_video(7).title == "Changed since"
    assert quotas.load(jobs.load_video(7).owner_id).storage_bytes == 6


def test_a_crash_in_the_middle_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    keep(7)
    admin = lose_tables()
    with monkeypatch.context() as patch:
        patch.setattr("videosite.library.rebuild._save_video", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rebuild(admin, NOW_S)
    assert rebuild(admin, NOW_S).made == [7]


def test_a_transcode_that_was_cut_off_begins_anew(messages: Messages) -> None:
    etag = put("uploads", "uploads/7/source.mp4")
    make_transcode(h264={"0": 1}, source_etag=etag, source_size_bytes=6)
    keep(7)
    found = rebuild(lose_tables(), NOW_S)
    assert (found.made, found.restarted) == ([7], [7])
    video = jobs.load_video(7)
    assert (video.status, video.active_generation) == ("processing", 2)
    first, second = jobs.load(7, 1), jobs.load(7, 2)
    assert first is not None
    assert second is not None
    assert (first.status, second.status) == ("failed", "accepted")
    assert second.asset_key != first.asset_key
    (message,) = messages("ingest")
    assert "uploads/7/source.mp4" in message


def test_one_without_its_source_has_failed(messages: Messages) -> None:
    make_transcode(h264={"0": 1})
    keep(7)
    assert rebuild(lose_tables(), NOW_S).restarted == []
    video = jobs.load_video(7)
    assert (video.status, video.active_generation) == ("failed", 1)
    assert videos.describe([video], NOW_S)[0]["error"]["code"] == "media_lost"
    assert messages("ingest") == []


def test_one_that_had_failed_can_be_retried(messages: Messages) -> None:
    etag = put("uploads", "uploads/7/source.mp4")
    _, job = make_transcode(source_etag=etag, source_size_bytes=6)
    jobs.finish(job, "failed", error=("source_damaged", "Broken."))
    keep(7)
    rebuild(lose_tables(), NOW_S)
    assert jobs.load_video(7).status == "failed"
    control.retry(7)
    job = jobs.load(7, 1) or job
    assert (job.status, job.run) == ("planned", 2)
    assert len(messages("ingest")) == 1


def test_an_upload_that_was_waited_for_is_waited_for() -> None:
    make_video(status="pending", source_size_bytes=6)
    keep(7)
    rebuild(lose_tables(), NOW_S)
    put("uploads", "uploads/7/source.mp4")
    assert [row.video_id for row in Video.by_deadline.query(jobs.WATCH)] == [7]


def test_an_upload_nothing_is_known_of_is_the_admins() -> None:
    put("uploads", "uploads/9/source.mp4", b"123")
    admin = lose_tables()
    assert rebuild(admin, NOW_S) == Rebuilt(adopted=[9])
    video = jobs.load_video(9)
    assert (video.owner_id, video.visibility, video.status) == (admin.user_id, "private", "pending")
    assert video.source_size_bytes == 3


def test_media_alone_are_no_video() -> None:
    put("media", "videos/9/0af/h264-720p/init.mp4")
    assert rebuild(lose_tables(), NOW_S) == Rebuilt()


def test_owners_are_known_by_their_address() -> None:
    owner()
    published()
    keep(7)
    lose_tables()
    now = users.new_user("ann@example.org", "hash", "viewer", NOW_S)
    assert users.insert(now, audit.OPERATOR, "user.create", NOW_S)
    admin = users.find_by_email("admin@example.org")
    assert admin is not None
    assert rebuild(admin, NOW_S).accounts == []
    job = jobs.load(7, 1)
    assert job is not None
    assert jobs.load_video(7).owner_id == job.owner_id == now.user_id


def test_accounts_that_are_made_open_to_nobody_and_manage_nothing() -> None:
    owner()
    published()
    keep(7)
    rebuild(lose_tables(), NOW_S)
    user = users.find_by_email("ann@example.org")
    assert user is not None
    assert (user.user_id, user.role) == ("owner", "creator")
    assert user.password_hash is None
    assert user.display_name == "Ann"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"version": 2, "video": {"video_id": 7}}',
        b'{"version": 1, "video": {"video_id": 8}}',
        b'{"version": "x", "video": {"video_id": 7}}',
        b'{"version": 1, "video": {"video_id": 7}, "owner": null, "jobs": [], "subtitles": []}',
        b'{"version": 1, "video": {"video_id": 7}, "owner": {"user_id": "x"}, "jobs": {}, "subtitles": 5}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_sidecar_is_named_and_the_others_come_back(data: bytes) -> None:
    published(8)
    keep(8)
    admin = lose_tables()
    put("media", "videos/7/sidecar.json", data)
    found = rebuild(admin, NOW_S)
    assert (found.made, found.unreadable) == ([8], [7])


def test_sidecars_of_sets_and_maps_survive_json() -> None:
    _, job = published()
    job.update([Job.vmaf.set({"h264-720p#1": 93.25}), Job.publish_anew.set({"h264"})])
    keep(7)
    rebuild(lose_tables(), NOW_S)
    again = jobs.load(7, 1)
    assert again is not None
    assert again.vmaf.as_dict() == {"h264-720p#1": 93.25}
    assert again.publish_anew == {"h264"}
    assert json.loads(json.dumps(again.plan)) == job.plan
