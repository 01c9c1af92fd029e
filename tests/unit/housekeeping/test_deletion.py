"""Of a deleted video nothing remains: in no table and in no bucket, whatever was under way."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import kept_client
from tests.functions.conftest import Gateway
from tests.traces import traces
from tests.unit.housekeeping.conftest import NOW_S, id_of, put
from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from tests.unit.realtime.factories import open_socket
from videosite.errors import NotFoundError
from videosite.housekeeping import deletion
from videosite.housekeeping.deletion import GRACE_S
from videosite.library import history, terms, uploads, videos, views
from videosite.library.metadata import Changes, change
from videosite.pipeline import deletion as rows
from videosite.pipeline import jobs, quotas, tasks
from videosite.pipeline.deletion import begin
from videosite.pipeline.publish import media_prefix
from videosite.realtime import channels, forgetting, notices
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.notifications import NotificationService
from videosite.store import cdn, objects, versions
from videosite.store.tables import (
    Availability,
    Delivery,
    Job,
    Progress,
    Subscription,
    Task,
    Usage,
    Video,
    View,
    availability_item,
    progress_item,
)  # fmt: skip
from videosite.webhooks import deliveries, registry
from videosite.webhooks.events import GLOBAL, event_of

VIDEO_ID = id_of(3600)
OTHER_ID = id_of(7200)


@pytest.fixture(autouse=True)
def gateway(aws: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        Gateway().stand_in(patch)
        yield


def lived(video_id: int = VIDEO_ID, **job_values: Any) -> Job:
    """A video that left something everywhere: found, watched, told of, subscribed to, half transcoded."""
    video = make_video(video_id, owner_id="ada", visibility="public", source_size_bytes=6)
    change(video, Changes(title=f"Sea {video_id}", tags=["beach"], category="travel", language="en"), NOW_S)
    video.refresh(consistent_read=True)
    job = make_job(video, plan=make_plan().to_dict(), **job_values)
    for group in ("h264", "audio", "image"):
        make_task(job, group)
    Progress(video_id, progress_item(1), parts={"h264#000000": 5}).save()
    Availability(video_id, availability_item(1), h264={"0": 1}).save()
    Usage("ada", quotas.NOW).update(
        [Usage.storage_bytes.add(10), Usage.running.add({quotas.slot(job), "1#1"})]
    )
    put("uploads", video.source_key, b"source")
    put("uploads", f"uploads/{video_id}/steady.ts")
    kept_client("s3").create_multipart_upload(Bucket="uploads", Key=video.source_key)
    for key in (
        f"{media_prefix(job)}h264-720p/init.mp4",
        f"videos/{video_id}/{'b' * 32}/h264-720p/init.mp4",
        f"thumbnails/video_{video_id}_poster.jpg",
        f"subtitles/video_{video_id}_en.vtt",
    ):
        put("media", key)
    for user_id in ("bob", "cleo"):
        history.note(user_id, video, 5.0, NOW_S)
        View(video_id, f"2026-11-30#{user_id}", expires_at_s=NOW_S).save()
    socket = open_socket("c1=" if video_id == VIDEO_ID else "c3=", at_s=NOW_S)
    ConnectionManager().subscribe(socket, channels.video_channel(video_id), NOW_S)
    tell(job)
    return job


def tell(job: Job) -> None:
    """People, and webhooks, are told that it failed."""
    NotificationService().notify_transcode_failed(job, NOW_S)
    frame = next(iter(forgetting.stored_frames(channels.video_channel(job.video_id))))
    for owner_id in ("ada", GLOBAL):
        for webhook in registry.list_all(owner_id):
            deliveries.start(webhook, event_of(frame), NOW_S)


def hooks() -> None:
    for owner_id in ("ada", GLOBAL):
        registry.add(owner_id, "https://hooks.example.org/", None, "", "ada", NOW_S)


def remove_all() -> None:
    """The first round, and the one after everybody's time is over."""
    deletion.remove(NOW_S)
    deletion.remove(NOW_S + GRACE_S)


def test_nothing_of_it_remains_anywhere() -> None:
    hooks()
    job = lived()
    assert len(traces(str(VIDEO_ID))) > 25
    assert Delivery.count() == 2
    assert begin(jobs.load_video(VIDEO_ID), NOW_S)
    assert deletion.remove(NOW_S) == 0
    left = traces(str(VIDEO_ID))
    assert {place.partition(":")[0] for place in left} == {"test-videos", "test-messages"}, left
    assert deletion.remove(NOW_S + GRACE_S - 1) == 0
    assert deletion.remove(NOW_S + GRACE_S) == 1
    assert traces(str(VIDEO_ID)) == []
    assert traces(job.asset_key) == []
    assert deletion.remove(NOW_S + 2 * GRACE_S) == 0


def test_other_videos_keep_everything() -> None:
    hooks()
    lived(OTHER_ID)
    before = sorted(traces(str(OTHER_ID)))
    lived()
    ConnectionManager().subscribe(open_socket("c2=", at_s=NOW_S), channels.video_channel(OTHER_ID), NOW_S)
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    remove_all()
    after = sorted(traces(str(OTHER_ID)))
    assert len(after) >= len(before)
    assert {place.partition(":")[0] for place in before} <= {place.partition(":")[0] for place in after}
    assert [row.connection_id for row in Subscription.query(f"video#{OTHER_ID}#0")] != []


def test_the_owner_gets_the_storage_and_the_place_back_and_has_nothing_unread() -> None:
    lived()
    assert notices.unread("ada", "creator", NOW_S) == 1
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    used = quotas.load("ada")
    assert (used.storage_bytes, used.running) == (4, {"1#1"})
    assert not begin(jobs.load_video(VIDEO_ID), NOW_S)
    assert quotas.load("ada").storage_bytes == 4
    remove_all()
    assert notices.unread("ada", "creator", NOW_S) == 0
    assert notices.list_page("ada", "creator", 10, None, NOW_S).notifications == []


def test_workers_stop_and_what_they_still_write_goes_too() -> None:
    """Everything a straggler may do after the first round: store a file, make tasks, tell something."""
    job = lived()
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    assert not jobs.still_runs(job)
    deletion.remove(NOW_S)
    put("media", f"{media_prefix(job)}h264-720p/seg_00001.m4s")
    put("uploads", job.source_key, b"late")
    make_task(job, "h264", 4, 8)
    Progress(VIDEO_ID, progress_item(1), parts={}).save()
    tell(job)
    assert not jobs.finish(job, "completed")
    deletion.remove(NOW_S + GRACE_S)
    assert traces(str(VIDEO_ID)) == []


def test_an_upload_that_is_under_way_is_dropped() -> None:
    video, _ = uploads.create("ada", "Sea", "sea.mp4", 100 * uploads.MIB, "private", now_s=NOW_S)
    assert traces(str(video.video_id))
    begin(jobs.load_video(video.video_id), NOW_S)
    remove_all()
    assert traces(str(video.video_id)) == []
    assert quotas.load("ada").storage_bytes == 0


def test_it_is_gone_for_people_at_once() -> None:
    lived()
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    video = jobs.load_video(VIDEO_ID)
    assert (video.title, video.description) == ("", "")
    assert video.tags is None
    assert terms.wanted(video) == set()
    with pytest.raises(NotFoundError):
        videos.load_visible(VIDEO_ID, "ada", sees_all=True)


def test_versions_go_too() -> None:
    s3 = kept_client("s3")
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    job = lived()
    put("uploads", job.source_key, b"again")
    s3.delete_object(Bucket="uploads", Key=job.source_key)
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    remove_all()
    assert traces(str(VIDEO_ID)) == []


def test_the_cdn_is_told_last_and_of_what_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes few folders at a time: nothing else waits for it, and nobody is told in vain."""
    told: list[str] = []
    room = [False]

    def forget(folder: str) -> bool:
        told.append(folder)
        return room[0]

    monkeypatch.setattr(cdn, "forget", forget)
    lived()
    make_video(OTHER_ID, owner_id="ada")
    for video_id in (VIDEO_ID, OTHER_ID):
        begin(jobs.load_video(video_id), NOW_S)
    deletion.remove(NOW_S)
    left = {place.partition(":")[0] for place in traces(str(VIDEO_ID))}
    assert left == {"test-videos", "test-messages"}
    assert told == [f"videos/{VIDEO_ID}/"]
    deletion.remove(NOW_S + GRACE_S)
    assert [video.video_id for video in Video.scan()] == [VIDEO_ID]
    room[0] = True
    assert deletion.remove(NOW_S + GRACE_S + deletion.AGAIN_S) == 1
    assert len(told) == 3


def test_a_video_that_very_many_watched_goes_in_several_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    lived()
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    monkeypatch.setattr(views, "forget_video", partial(views.forget_video, most=2))
    monkeypatch.setattr(history, "forget_video", partial(history.forget_video, most=2))
    assert deletion.remove(NOW_S + GRACE_S) == 0
    assert View.count() == 0
    for rounds in (1, 2):
        deletion.remove(NOW_S + GRACE_S + rounds * deletion.AGAIN_S)
    assert traces(str(VIDEO_ID)) == []


# --- interrupted ------------------------------------------------------------------------------------

CALLS = (
    (objects, "abort_multipart"),
    (versions, "delete_versions"),
    (objects, "delete_all"),
    (forgetting, "forget_subscriptions"),
    (deliveries, "forget"),
    (notices, "mark_read"),
    (forgetting, "forget_events"),
    (terms, "remove_all"),
    (views, "forget_video"),
    (history, "forget_video"),
    (rows, "remove_rows"),
    (cdn, "forget"),
    (forgetting, "forget_channel"),
    (Video, "delete"),
)
"""What a round does, in its order."""


@pytest.mark.parametrize(("place", "name"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_crash_before_any_step_costs_a_minute(
    place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first, before the next, and so after each."""
    hooks()
    lived()
    begin(jobs.load_video(VIDEO_ID), NOW_S)

    def crash(*_: Any, **__: Any) -> None:
        crashed.append(name)
        raise RuntimeError("the function was killed")

    crashed: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(place, name, crash)
        deletion.remove(NOW_S + GRACE_S)
    assert crashed == [name]
    assert traces(str(VIDEO_ID))
    deletion.remove(NOW_S + GRACE_S + deletion.AGAIN_S)
    assert traces(str(VIDEO_ID)) == []


def test_a_fault_of_storage_is_tried_again_and_keeps_no_other_video_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for video_id in (VIDEO_ID, OTHER_ID):
        lived(video_id)
        begin(jobs.load_video(video_id), NOW_S)
    client = objects._client()
    remove = client.delete_objects

    def fail(**options: Any) -> Any:
        keys = [item["Key"] for item in options["Delete"]["Objects"]]
        if any(str(VIDEO_ID) in key for key in keys):
            if options["Bucket"] == "media":
                raise ClientError({"Error": {"Code": "SlowDown"}}, "DeleteObjects")
            # The first is deleted, the others are not.
            remove(**{**options, "Delete": {"Objects": options["Delete"]["Objects"][:1]}})
            return {"Errors": [{"Key": key, "Code": "InternalError"} for key in keys[1:]]}
        return remove(**options)

    with monkeypatch.context() as patch:
        patch.setattr(client, "delete_objects", fail)
        deletion.remove(NOW_S)
        assert any(place.startswith("uploads") for place in traces(str(VIDEO_ID)))
        patch.setattr(versions, "delete_versions", lambda *_: 0)
        deletion.remove(NOW_S + deletion.AGAIN_S)
    assert not [place for place in traces(str(OTHER_ID)) if place.startswith(("media", "uploads"))]
    assert Task.count() == 3
    deletion.remove(NOW_S + 2 * deletion.AGAIN_S)
    deletion.remove(NOW_S + GRACE_S)
    assert traces(str(VIDEO_ID)) == traces(str(OTHER_ID)) == []


def test_tasks_are_known_by_their_generation() -> None:
    """Rows of a job that another round removed: a straggler put its tasks again."""
    job = lived()
    begin(jobs.load_video(VIDEO_ID), NOW_S)
    deletion.remove(NOW_S)
    assert Job.count() == Task.count() == 0
    tasks.create(tasks.new_task(job, "h264", 0, 4))
    deletion.remove(NOW_S + GRACE_S)
    assert Task.count() == 0
