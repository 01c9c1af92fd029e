"""Publishing: every segment must be in storage, sizes are told, and twice is once."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from tests.unit.library.factories import make_plan, make_transcode
from tests.unit.media.factories import make_source
from tests.unit.pipeline.conftest import make_task
from videosite.errors import RetryableError
from videosite.media.ladder import make_ladder
from videosite.media.plan import Plan
from videosite.media.plan import make_plan as plan_of_source
from videosite.media.tracks import AudioTrack, SubtitleTrack
from videosite.pipeline import control, jobs, tasks, transcode
from videosite.pipeline.meter import usd_here
from videosite.pipeline.publish import media_prefix, publish
from videosite.pipeline.snapshot import load_status
from videosite.store.tables import Job, entry

pytestmark = pytest.mark.usefixtures("aws")


def store_segments(job: Job, leave_out: str = "") -> None:
    """Ten bytes of init and twenty of each segment, of every rendition."""
    plan = Plan.from_dict(job.plan or {})
    storage = boto3.client("s3")
    for name in (name for group in plan.groups for name in plan.renditions_of(group)):
        files = {"init.mp4": 10} | {f"seg_{n:05d}.m4s": 20 for n in range(plan.segments_of(name))}
        for file, size in files.items():
            if f"{name}/{file}" != leave_out:
                key = f"{media_prefix(job)}{name}/{file}"
                storage.put_object(Bucket="media", Key=key, Body=bytes(size))


def test_a_published_video_tells_the_size_of_each_rendition() -> None:
    _, job = make_transcode(7, open_tasks={"h264": 0, "audio": 0, "image": 0})
    store_segments(job)
    publish(7, 1, job.run, "h264")
    status = load_status(7)
    plan = Plan.from_dict(job.plan or {})
    assert status["status"] == "completed"
    assert [it["size_bytes"] for it in status["renditions"]] == [10 + 20 * plan.segments] * 3
    done = jobs.load(7, 1)
    assert done is not None
    assert done.published.as_dict()["h264"] == sum(done.sizes.as_dict().values())


def test_what_it_cost_is_told_in_all_and_by_rendition() -> None:
    _, job = make_transcode(7, open_tasks={"h264": 0, "audio": 0, "image": 0})
    store_segments(job)
    for group, gb_s in (("h264", 60.0), ("audio", 4.0)):
        make_task(job, group, status="done", cpu_s=gb_s / 2, gb_s=gb_s)
    make_task(job, "h264", first=4, status="failed", cpu_s=9.0, gb_s=18.0)
    publish(7, 1, job.run, "h264")
    status = load_status(7)
    # Ten seconds of video. What failed was paid for too.
    usd = usd_here(82.0)
    cost = {"cpu_s": 41.0, "gb_s": 82.0, "usd": usd, "usd_per_minute": usd * 6}
    assert status["cost"] == pytest.approx(cost, abs=1e-5)
    shares = [it["cost_usd"] for it in status["renditions"]]
    assert sum(shares) == pytest.approx(usd_here(78.0), abs=1e-5)
    assert shares == sorted(shares, reverse=True)


def test_each_rendition_gets_a_playlist_with_an_end_and_twice_is_once() -> None:
    _, job = make_transcode(7)
    store_segments(job)
    publish(7, 1, job.run, "h264")
    publish(7, 1, job.run, "h264")
    for name in ("h264-720p", "aac-stereo"):
        found = boto3.client("s3").get_object(Bucket="media", Key=f"{media_prefix(job)}{name}/index.m3u8")
        assert found["Body"].read().endswith(b"#EXT-X-ENDLIST\n")


def test_the_sound_and_the_subtitles_are_described() -> None:
    tracks = (AudioTrack(0, "ac3", 6, 48_000, "en"), AudioTrack(1, "aac", 2, 48_000, "de"))
    source = make_source(
        audio=tracks, subtitles=(SubtitleTrack(0, "ass", "en"), SubtitleTrack(1, "ass", "fr"))
    )
    plan = plan_of_source(source, "h264-only", normalize=True)
    measured = {"integrated_lufs": -23.0, "true_peak_dbtp": -4.0, "range_lu": 6.0}
    _, job = make_transcode(
        7,
        plan=plan.to_dict(),
        open_tasks={"h264": 0, "audio": 0, "image": 0, "loudness": 0, "subtitles": 0},
        loudness={"aac-stereo": measured},
        subtitles={"subtitles-2": 400},
    )
    store_segments(job)
    make_task(job, "loudness", status="done", cpu_s=2.0, gb_s=4.0)
    make_task(job, "subtitles", status="done", cpu_s=1.0, gb_s=2.0)
    publish(7, 1, job.run, "h264")
    status = load_status(7)
    assert [(it["name"], it["language"], it["channels"]) for it in status["audio"]] == [
        ("aac-stereo", "en", 2), ("aac-surround", "en", 6), ("aac-stereo-2", "de", 2),
    ]  # fmt: skip
    assert [it["loudness"] for it in status["audio"]] == [measured | {"gain_db": 3.0}, None, None]
    assert all(it["size_bytes"] == 10 + 20 * plan.segments_of("aac-stereo") for it in status["audio"])
    assert status["subtitles"] == [
        {"name": "subtitles-2", "language": "fr", "label": "Français", "forced": False, "size_bytes": 400}
    ]
    assert (status["cost"]["cpu_s"], status["cost"]["gb_s"]) == (3.0, 6.0)


def test_av1_that_was_done_first_follows_h264() -> None:
    plan = replace(make_plan(), renditions=make_ladder(1280, 720, 25.0))
    _, job = make_transcode(7, plan=plan.to_dict(), open_tasks={"h264": 0, "av1": 0, "audio": 0, "image": 0})
    store_segments(job)
    publish(7, 1, job.run, "h264")
    done = jobs.load(7, 1)
    assert done is not None
    assert done.status == "completed"
    assert set(done.published.as_dict()) == {"h264", "av1"}


def test_pictures_delay_the_end_and_not_the_publication() -> None:
    _, job = make_transcode(7, open_tasks={"h264": 0, "audio": 0, "previews": 1})
    store_segments(job)
    publish(7, 1, job.run, "h264")
    assert (jobs.load_video(7).published_generation, load_status(7)["status"]) == (1, "processing")
    jobs.update(job, [entry(Job.open_tasks, "previews").set(0)])
    make_task(job, "previews", status="done", cpu_s=2.0, gb_s=3.0)
    publish(7, 1, job.run, "h264")
    status = load_status(7)
    assert (status["status"], status["cost"]["gb_s"]) == ("completed", 3.0)


def test_a_cancel_that_comes_between_the_publication_and_the_end_is_mended_by_retry(
    messages: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, job = make_transcode(7, open_tasks={"h264": 0, "audio": 0, "image": 0}, total_tasks=3, done_tasks=3)
    store_segments(job)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "finish", lambda *_: False)
        publish(7, 1, job.run, "h264")
    control.cancel(7)
    control.retry(7)
    (message,) = [json.loads(body) for body in messages("publish")]
    assert message["codec"] == "h264"
    publish(**message)
    assert load_status(7)["status"] == "completed"


def test_a_video_that_lost_both_codecs_ends_with_the_second() -> None:
    plan = replace(make_plan(), renditions=make_ladder(1280, 720, 25.0))
    counts = {"h264": 0, "av1": 1, "audio": 0, "image": 0}
    published: dict[str, Any] = {"published": {"h264": 1, "av1": 1}, "publish_anew": {"h264", "av1"}}
    _, job = make_transcode(7, plan=plan.to_dict(), open_tasks=counts, **published)
    store_segments(job)
    publish(7, 1, job.run, "h264")
    half = jobs.load(7, 1)
    assert half is not None
    assert (half.status, half.publish_anew) == ("processing", {"av1"})
    jobs.update(half, [entry(Job.open_tasks, "av1").set(0)])
    publish(7, 1, job.run, "av1")
    assert load_status(7)["status"] == "completed"


def test_a_missing_segment_is_not_published() -> None:
    _, job = make_transcode(7)
    store_segments(job, leave_out="h264-720p/seg_00002.m4s")
    publish(7, 1, job.run, "h264")
    status = load_status(7)
    assert (status["status"], status["error"]["code"]) == ("failed", "segments_missing")
    assert "1 files of h264-720p" in status["error"]["message"]


def test_a_cancelled_run_publishes_nothing() -> None:
    _, job = make_transcode(7)
    store_segments(job)
    publish(7, 1, job.run + 1, "h264")
    assert load_status(7)["status"] == "processing"


def test_a_failed_transcode_tells_what_its_attempts_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = make_transcode(7, started_at_s=1.0)
    task = make_task(job, "h264", status="queued", attempt=2)

    def fails(*_: object) -> None:
        subprocess.run(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"], check=True)
        raise RetryableError("storage_unreadable", "No.")

    monkeypatch.setattr(transcode, "do_task", fails)
    monkeypatch.setattr(transcode, "check_encoder", lambda _: None)
    monkeypatch.setattr(transcode.Delivery, "hide", lambda *_: None)
    body = {"video_id": 7, "generation": 1, "run": job.run, "task_id": task.task_id}
    with pytest.raises(RetryableError):
        transcode.transcode(body, transcode.Delivery("", "", lambda: 600.0, 1024))
    assert load_status(7)["cost"] is None
    once = tasks.spent(job)["h264"]
    assert once["cpu_s"] > 0
    transcode.transcode(body, transcode.Delivery("", "", lambda: 600.0, 1024))
    status = load_status(7)
    assert status["status"] == "failed"
    assert status["cost"]["usd"] > once["usd"] > 0
    assert sum(it["cost_usd"] for it in status["renditions"]) == pytest.approx(
        status["cost"]["usd"], abs=2e-6
    )
