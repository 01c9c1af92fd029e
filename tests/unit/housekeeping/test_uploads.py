"""Uploads whose event was lost are reported; those nobody finishes end."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import kept_client
from tests.unit.housekeeping.conftest import NOW_S, id_of, put
from tests.unit.pipeline.conftest import make_video
from videosite.errors import NotFoundError
from videosite.housekeeping.deletion import GRACE_S
from videosite.housekeeping.sweep import sweep
from videosite.housekeeping.uploads import LONGEST_PAUSE_S, UPLOAD_LIFE_S
from videosite.library import uploads
from videosite.pipeline import control, jobs
from videosite.pipeline.ingest import ingest_event
from videosite.store import objects
from videosite.store.tables import Video

pytestmark = pytest.mark.usefixtures("aws")
Messages = Callable[[str], list[str]]


def waiting(age_s: float, **values: Any) -> Video:
    """A video made so long ago that still waits for its file."""
    video_id = id_of(age_s)
    due_s = NOW_S - age_s + uploads.LOOK_AFTER_S
    return make_video(video_id, created_at_s=NOW_S - age_s, watch=jobs.WATCH, look_at_s=due_s, **values)


def open_multipart(key: str) -> str:
    """A multipart upload somebody began. Moto says of all that they began in 2010."""
    return str(kept_client("s3").create_multipart_upload(Bucket="uploads", Key=key)["UploadId"])


def still_open() -> int:
    return len(kept_client("s3").list_multipart_uploads(Bucket="uploads").get("Uploads", []))


def test_a_new_video_is_looked_at_after_a_minute() -> None:
    video, _ = uploads.create("ada", "Sea", "sea.mp4", 1000, "private", now_s=NOW_S)
    put("uploads", video.source_key)
    assert sweep(NOW_S + uploads.LOOK_AFTER_S - 1)["uploads"] == 0
    assert sweep(NOW_S + uploads.LOOK_AFTER_S + 1)["uploads"] == 1


def test_a_file_whose_event_was_lost_is_reported(messages: Messages) -> None:
    there, _ = waiting(120), waiting(180)
    put("uploads", there.source_key)
    assert sweep(NOW_S)["uploads"] == 1
    (body,) = messages("ingest")
    assert json.loads(body)["Records"][0]["s3"]["object"]["key"] == there.source_key
    assert sweep(NOW_S + 1)["uploads"] == 0


def test_a_taken_video_is_looked_at_no_more(messages: Messages) -> None:
    video = waiting(120, source_size_bytes=1)
    put("uploads", video.source_key)
    sweep(NOW_S)
    job = jobs.accept(jobs.load_video(video.video_id), objects.ObjectHead(1, "e"))
    assert job is not None
    assert list(Video.by_deadline.query(jobs.WATCH)) == []


def test_the_longer_a_video_waits_the_less_often_it_is_looked_at() -> None:
    video = waiting(UPLOAD_LIFE_S / 2)
    sweep(NOW_S)
    assert jobs.load_video(video.video_id).look_at_s == NOW_S + LONGEST_PAUSE_S


def test_a_video_whose_file_never_came_ends() -> None:
    old, young = waiting(UPLOAD_LIFE_S + 1), waiting(UPLOAD_LIFE_S - 1)
    assert sweep(NOW_S)["expired"] == 1
    assert jobs.load_video(old.video_id).status == "deleting"
    assert jobs.load_video(young.video_id).status == "pending"
    assert sweep(NOW_S + GRACE_S)["deleted"] == 1
    with pytest.raises(NotFoundError):
        jobs.load_video(old.video_id)


def test_a_file_that_is_there_is_never_too_late(messages: Messages) -> None:
    old = waiting(UPLOAD_LIFE_S + 1)
    put("uploads", old.source_key)
    counts = sweep(NOW_S)
    assert (counts["uploads"], counts["expired"]) == (1, 0)
    assert len(messages("ingest")) == 1


def test_parts_go_with_their_video() -> None:
    old = waiting(UPLOAD_LIFE_S + 1)
    old.update([Video.upload_id.set(open_multipart(old.source_key))])
    assert sweep(NOW_S)["expired"] == 1
    assert still_open() == 0


def test_parts_nobody_knows_of_go_too() -> None:
    """Of a cancelled video, or begun by a function that died before it could say so."""
    cancelled = waiting(120)
    control.cancel(cancelled.video_id)
    open_multipart(cancelled.source_key)
    open_multipart("uploads/5/source.mp4")
    assert sweep(NOW_S)["abandoned"] == 2
    assert still_open() == 0


def test_parts_of_an_upload_under_way_stay() -> None:
    open_multipart("uploads/5/source.mp4")
    (begun,) = objects.list_multipart("uploads", "uploads/")
    assert sweep(begun.begun_at_s + UPLOAD_LIFE_S - 1)["abandoned"] == 0
    assert still_open() == 1


def test_a_cancelled_video_is_looked_at_no_more(messages: Messages) -> None:
    video = waiting(120)
    put("uploads", video.source_key)
    control.cancel(video.video_id)
    assert sweep(NOW_S)["uploads"] == 0
    assert list(Video.by_deadline.query(jobs.WATCH)) == []


def test_one_that_came_and_went_is_ignored() -> None:
    """Ingest of a video that expired meanwhile."""
    ingest_event({"Records": [{"eventName": "ObjectCreated:Put", "s3": {
        "bucket": {"name": "uploads"}, "object": {"key": "uploads/9/source.mp4"}}}]})  # fmt: skip
