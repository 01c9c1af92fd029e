"""What is gone of a video's media is made again, or the video fails with a reason."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functions.conftest import Gateway
from tests.unit.housekeeping.conftest import NOW_S, put
from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.housekeeping import media
from videosite.housekeeping.rounds import ROUND_S
from videosite.housekeeping.sweep import sweep
from videosite.media.plan import Plan
from videosite.pipeline import control, jobs
from videosite.pipeline.publish import media_prefix
from videosite.store import objects
from videosite.store.tables import Job, Task, Video

Messages = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def gateway(aws: None) -> Iterator[None]:
    """People are told of what happens."""
    with pytest.MonkeyPatch.context() as patch:
        Gateway().stand_in(patch)
        yield


def published(video_id: int = 7, source: bytes = b"source", **values: Any) -> Job:
    """A completed video, all of its files in storage."""
    video = make_video(video_id)
    plan = make_plan(seconds=10)
    etag = put("uploads", video.source_key, source)
    job = make_job(
        video, status="completed", plan=plan.to_dict(), published={"h264": 5}, source_etag=etag,
        open_tasks={"h264": 0, "audio": 0, "image": 0}, watch=None, look_at_s=None, **values,
    )  # fmt: skip
    video.update([Video.status.set("completed"), Video.published_generation.set(1)])
    for key in files(job, plan):
        put("media", key)
    for group in ("h264", "audio"):
        for first, end in plan.ranges(group):
            make_task(job, group, first, end, status="done")
    return job


def files(job: Job, plan: Plan) -> list[str]:
    """Keys of a job's files."""
    return [
        f"{media_prefix(job)}{name}/{file}"
        for group in ("h264", "audio")
        for name in plan.renditions_of(group)
        for file in (
            "init.mp4",
            "index.m3u8",
            *(f"seg_{n:05d}.m4s" for n in range(plan.segments_of(name))),
        )
    ]


def test_a_video_that_has_its_media_is_left_alone(messages: Messages) -> None:
    published()
    assert sweep(NOW_S)["restored"] == 0
    assert jobs.load_video(7).active_generation == 1


@pytest.mark.parametrize("file", ["init.mp4", "index.m3u8", "seg_00000.m4s"])
def test_what_is_gone_is_made_again_and_the_video_plays_on(messages: Messages, file: str) -> None:
    job = published()
    name = make_plan(seconds=10).renditions_of("h264")[0]
    objects.delete_all("media", f"{media_prefix(job)}{name}/{file}")
    assert sweep(NOW_S)["restored"] == 1
    video = jobs.load_video(7)
    assert (video.status, video.active_generation, video.published_generation) == ("processing", 1, 1)
    lost = {"init.mp4": {0, 1, 3}, "index.m3u8": set(), "seg_00000.m4s": {0}}[file]
    again = {task.task_id for task in Task.query("7#1") if task.status in ("pending", "queued")}
    assert again == {f"h264#{first:06d}" for first in lost}
    assert len(messages("publish")) == (0 if lost else 1)
    assert sweep(NOW_S + ROUND_S + 1)["restored"] == 0


def test_what_another_encoder_should_mend_is_transcoded_anew(messages: Messages) -> None:
    """A worker that meets segments of an older build fails the job."""
    job = published()
    objects.delete_all("media", f"{media_prefix(job)}{make_plan(seconds=10).renditions_of('h264')[0]}/")
    assert sweep(NOW_S)["restored"] == 1
    mending = jobs.load(7, 1)
    assert mending is not None
    assert jobs.finish(mending, "failed", NOW_S, ("encoder_changed", "The encoder changed."))
    Job(7, job.item).update([Job.watch.remove(), Job.look_at_s.remove()])
    assert sweep(NOW_S + ROUND_S + 1)["restored"] == 1
    video = jobs.load_video(7)
    assert (video.status, video.active_generation, video.published_generation) == ("processing", 2, 1)
    (event,) = messages("ingest")
    assert json.loads(event)["Records"][0]["s3"]["object"]["key"] == video.source_key


@pytest.mark.parametrize("replaced", [True, False])
def test_without_the_upload_it_fails_and_its_owner_is_told(replaced: bool) -> None:
    job = published()
    objects.delete_all("media", media_prefix(job))
    objects.delete_all("uploads", job.source_key)
    if replaced:
        put("uploads", job.source_key, b"another")
    assert sweep(NOW_S)["restored"] == 1
    lost = jobs.load(7, 1)
    assert lost is not None
    assert (lost.status, lost.error_code) == ("failed", "media_lost")
    video = jobs.load_video(7)
    assert (video.status, video.published_generation) == ("failed", 0)
    assert sweep(NOW_S + ROUND_S + 1)["endings"] == 1


def test_only_completed_videos_are_looked_at() -> None:
    job = published()
    objects.delete_all("media", media_prefix(job))
    jobs.load_video(7).update([Video.status.set("deleting")])
    assert sweep(NOW_S)["restored"] == 0


def test_every_video_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PAGE", 2)
    for video_id in range(1, 6):
        objects.delete_all("media", media_prefix(published(video_id)))
    monkeypatch.setattr(media, "TURN_S", 0)
    assert [sweep(NOW_S + 60 * n)["restored"] for n in range(4)] == [2, 2, 1, 0]


def test_a_minute_is_enough_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PAGE", 2)
    for video_id in range(1, 6):
        objects.delete_all("media", media_prefix(published(video_id)))
    assert sweep(NOW_S)["restored"] == 5


def test_a_lost_video_can_be_retried_when_its_upload_is_back() -> None:
    job = published()
    objects.delete_all("media", media_prefix(job))
    objects.delete_all("uploads", job.source_key)
    sweep(NOW_S)
    control.retry(7)
    video = jobs.load_video(7)
    assert (video.status, video.active_generation) == ("processing", 2)
