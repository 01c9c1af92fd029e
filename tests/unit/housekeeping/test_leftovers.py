"""A day after a video was published, what it does not need any more goes."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import kept_client
from tests.functions.conftest import Gateway
from tests.unit.housekeeping.conftest import NOW_S, keys, put
from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.errors import NotFoundError
from videosite.housekeeping import endings, leftovers
from videosite.housekeeping.leftovers import LATER_S
from videosite.library import playback
from videosite.library.playback import Asset
from videosite.media.plan import Plan
from videosite.pipeline import control, jobs
from videosite.pipeline.ingest import ingest
from videosite.pipeline.publish import media_prefix
from videosite.store import objects
from videosite.store.tables import Availability, Job, availability_item

COPY = "uploads/7/steady.ts"


@pytest.fixture(autouse=True)
def gateway(aws: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        Gateway().stand_in(patch)
        yield


def first(**values: Any) -> Job:
    """A completed video with its media."""
    video = make_video(7, owner_id="ada")
    etag = put("uploads", video.source_key)
    plan = make_plan()
    job = make_job(video, plan=plan.to_dict(), source_etag=etag, open_tasks={"h264": 0, "audio": 0}, **values)
    Availability(7, availability_item(1), h264={"0": 5}, audio={"0": 5}).save()
    end(job)
    return load(1)


def load(generation: int) -> Job:
    job = jobs.load(7, generation)
    assert job is not None
    return job


def end(job: Job) -> None:
    """Publish and complete it; people are told."""
    put("media", f"{media_prefix(job)}h264-720p/init.mp4")
    job.update([Job.published.set({"h264": 5})])
    assert jobs.finish(job, "completed", NOW_S)
    endings.tell(NOW_S + jobs.TOLD_AFTER_S + 1)


def second() -> Job:
    """It is transcoded anew, and done."""
    control.transcode_anew(7, ladder="fast")
    job = load(2)
    assert job.ladder == "fast"
    job.update([Job.plan.set(make_plan().to_dict())])
    end(job)
    return load(2)


def later() -> int:
    return leftovers.remove(NOW_S + 61 + LATER_S + 1)


def test_media_of_older_generations_go_a_day_after_the_new_ones_play() -> None:
    old, new = first(), second()
    plan = Plan.from_dict(old.plan or {})
    assert leftovers.remove(NOW_S + LATER_S - 1) == 0
    assert len(keys("media")) == 2
    assert later() == 1
    assert keys("media") == [f"{media_prefix(new)}h264-720p/init.mp4"]
    with pytest.raises(NotFoundError, match="media_not_found"):
        playback.render_master(Asset(7, 1, old.asset_key, plan))
    assert load(2).watch is None
    assert later() == 0


def test_the_older_media_stay_while_the_newer_did_not_end_well() -> None:
    first()
    control.transcode_anew(7)
    put("media", f"{media_prefix(load(2))}h264-720p/init.mp4")
    jobs.finish(load(2), "failed", NOW_S, ("x", "It failed."))
    assert later() == 0
    assert len(keys("media")) == 2


def test_a_mended_copy_goes_and_its_job_is_begun_anew_if_need_be() -> None:
    first(mended_key=COPY, mended_etag=put("uploads", COPY))
    assert later() == 1
    assert keys("uploads") == ["uploads/7/source.mp4"]
    job = load(1)
    assert job.mended_key == COPY
    assert job.mended_etag is None
    job.update([Job.status.set("failed"), Job.error_code.set("media_lost")])
    jobs.load_video(7).update([type(jobs.load_video(7)).status.set("failed")])
    control.retry(7)
    assert jobs.load_video(7).active_generation == 2


def test_a_copy_that_a_newer_generation_works_with_stays() -> None:
    first(mended_key=COPY, mended_etag=put("uploads", COPY))
    control.transcode_anew(7)
    put("uploads", COPY, b"made anew")
    later()
    assert COPY in keys("uploads")


def test_a_file_of_another_size_than_announced_does_not_stay() -> None:
    """Nobody counted it; no version of it stays either."""
    s3 = kept_client("s3")
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    for video_id, announced in ((7, 5), (8, 14)):
        video = make_video(video_id, owner_id="ada", source_size_bytes=announced)
        put("uploads", video.source_key, b"more than five")
    ingest("uploads", "uploads/7/source.mp4")
    job = jobs.accept(jobs.load_video(8), objects.ObjectHead(14, "e"))
    assert job is not None
    jobs.finish(job, "failed", error=("unreadable", "No video."))
    assert load(1).error_code == "size_mismatch"
    assert endings.tell(time.time() + jobs.TOLD_AFTER_S + 1) == 2
    found = s3.list_object_versions(Bucket="uploads")
    assert [row["Key"] for row in found["Versions"]] == ["uploads/8/source.mp4"]
    assert "DeleteMarkers" not in found


def test_a_fault_of_storage_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first()
    second()
    with monkeypatch.context() as patch:
        patch.setattr(objects, "delete_all", lambda *_: 1 / 0)
        assert later() == 0
    assert later() == 1
    assert len(keys("media")) == 1
