"""When fewer people may see a video, its media move and every older address is dead."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import kept_client
from tests.traces import traces
from tests.unit.housekeeping.conftest import NOW_S, keys, put
from tests.unit.library.conftest import site  # noqa: F401
from tests.unit.library.factories import complete, make_transcode
from videosite.errors import NotFoundError
from videosite.housekeeping import leftovers, rekey
from videosite.housekeeping.deletion import AGAIN_S, LONGEST_WORK_S
from videosite.library import playback, videos
from videosite.library.metadata import Changes, change
from videosite.pipeline import jobs
from videosite.pipeline.publish import media_prefix
from videosite.store import cdn, objects, versions
from videosite.store.tables import Job, Video

pytestmark = pytest.mark.usefixtures("site")

FILES = ("h264-720p/init.mp4", "h264-720p/seg_00000.m4s", "h264-720p/index.m3u8", "aac-stereo/init.mp4")


def published(visibility: str = "public") -> tuple[Video, Job]:
    video, job = make_transcode(h264={"0": 5}, audio={"0": 5}, visibility=visibility)
    complete(video, job)
    for file in FILES:
        kept_client("s3").put_object(
            Bucket="media", Key=media_prefix(job) + file, Body=file.encode(), ContentType="video/mp4",
            CacheControl="immutable",
        )  # fmt: skip
    put("media", "thumbnails/video_7_poster.jpg")
    return jobs.load_video(7), load()


def load() -> Job:
    job = jobs.load(7, 1)
    assert job is not None
    return job


def narrow(video: Video, visibility: str = "private") -> None:
    change(video, Changes(visibility=visibility), NOW_S)


def hls() -> str:
    (document,) = videos.describe([jobs.load_video(7)], NOW_S)
    return str(document["playback"]["hls"])


def test_all_old_addresses_die_and_the_new_ones_play() -> None:
    video, job = published()
    old = job.asset_key
    asset = playback.find_asset(7, old)
    assert playback.render_master(asset).text
    narrow(video)
    assert old in hls()
    assert rekey.move(NOW_S) == 1
    new = load().asset_key
    assert new != old
    assert traces(old) == []
    assert keys("media") == ["thumbnails/video_7_poster.jpg", *sorted(f"videos/7/{new}/{f}" for f in FILES)]
    copied: Any = kept_client("s3").get_object(Bucket="media", Key=f"videos/7/{new}/{FILES[1]}")
    assert (copied["Body"].read(), copied["ContentType"]) == (FILES[1].encode(), "video/mp4")
    assert copied["CacheControl"] == "immutable"
    assert f"/videos/7/{new}/" in hls()
    assert playback.render_master(playback.find_asset(7, new)).text
    # A worker that has the old one in its memory does not render it either.
    with pytest.raises(NotFoundError, match="media_not_found"):
        playback.render_master(asset)
    with pytest.raises(NotFoundError, match="media_not_found"):
        playback.render_growing(asset, "h264-720p")
    playback.find_asset.cache_clear()
    with pytest.raises(NotFoundError, match="media_not_found"):
        playback.find_asset(7, old)
    moved = jobs.load_video(7)
    assert moved.watch is None
    assert moved.rekey_since_s is None
    assert rekey.move(NOW_S + 100) == 0


def test_it_waits_for_a_transcode_that_is_under_way() -> None:
    video, job = make_transcode(h264={"0": 1}, audio={"0": 1}, visibility="public")
    put("media", media_prefix(job) + FILES[0])
    narrow(video)
    assert rekey.move(NOW_S) == 0
    assert load().asset_key == job.asset_key
    assert jobs.finish(load(), "cancelled", NOW_S + 10)
    assert rekey.move(NOW_S + AGAIN_S) == 1
    assert keys("media") == [f"videos/7/{load().asset_key}/{FILES[0]}"]
    assert load().asset_key != job.asset_key
    # A worker that was at it when it was cancelled.
    put("media", media_prefix(job) + FILES[1])
    last_s = NOW_S + 10 + LONGEST_WORK_S
    assert rekey.move(last_s - 1) == 0
    assert rekey.move(last_s) == 1
    assert keys("media") == [f"videos/7/{load().asset_key}/{FILES[0]}"]
    assert load().old_asset_key is None
    assert jobs.load_video(7).watch is None


def test_a_transcode_begun_afterwards_has_a_key_nobody_was_given() -> None:
    video, old = published()
    narrow(video)
    fresh = jobs.start_anew(jobs.load_video(7), load(), NOW_S + 1)
    assert fresh is not None
    assert rekey.move(NOW_S + 2) == 1
    # What plays meanwhile has moved.
    assert load().asset_key not in (old.asset_key, fresh.asset_key)
    newest = jobs.load(7, 2)
    assert newest is not None
    assert newest.asset_key == fresh.asset_key


@pytest.mark.parametrize(
    ("place", "name", "calls"),
    [
        (versions, "copy", 2),
        (objects, "delete_all", 1),
        (cdn, "forget", 1),
        (Job, "update", 1),
        (Job, "update", 2),
        (Job, "update", 3),
        (Video, "update", 1),
    ],
    ids=lambda value: str(value) if isinstance(value, str | int) else "",
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_anywhere_is_taken_up(
    place: Any, name: str, calls: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, job = published()
    narrow(video)
    do: Callable[..., Any] = getattr(place, name)
    left = [calls]

    def crash(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise RuntimeError("the function was killed")
        result = do(*args, **options)
        if left[0] == 0:
            raise RuntimeError("the function was killed")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(place, name, crash)
        rekey.move(NOW_S)
    rekey.move(NOW_S + AGAIN_S)
    assert traces(job.asset_key) == []
    new = load()
    assert sorted(key for key in keys("media") if key.startswith("videos")) == sorted(
        media_prefix(new) + file for file in FILES
    )
    assert new.next_asset_key is new.old_asset_key is None


def test_what_there_is_no_time_for_is_copied_in_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    video, job = published()
    narrow(video)
    monkeypatch.setattr(rekey, "BUDGET_S", -1.0)
    assert rekey.move(NOW_S) == 0
    assert load().asset_key == job.asset_key
    monkeypatch.setattr(rekey, "BUDGET_S", 60.0)
    assert rekey.move(NOW_S + AGAIN_S) == 1


def test_the_videos_of_a_round_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    video, _ = published()
    other, job = make_transcode(8, visibility="public")
    complete(other, job)
    narrow(video)
    narrow(jobs.load_video(8))
    ends: list[float] = []

    def copy(_: Job, until_s: float) -> bool:
        ends.append(until_s)
        return False

    monkeypatch.setattr(rekey, "_copy", copy)
    assert rekey.move(NOW_S) == 0
    assert len(ends) == 2
    assert ends[0] == ends[1]


def test_a_cdn_that_is_busy_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    video, job = published()
    narrow(video)
    with monkeypatch.context() as patch:
        patch.setattr(cdn, "forget", lambda _: False)
        assert rekey.move(NOW_S) == 0
    assert load().asset_key != job.asset_key
    assert load().old_asset_key == job.asset_key
    assert rekey.move(NOW_S + AGAIN_S) == 1
    assert load().old_asset_key is None


def test_older_media_that_are_half_moved_go_when_they_have_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer generation plays since yesterday; the round that copied the older one was killed."""
    video, old = published()
    narrow(video)
    rekey._name_next(old)
    put("media", f"videos/7/{load().next_asset_key}/{FILES[0]}")
    fresh = jobs.start_anew(jobs.load_video(7), load(), NOW_S + 1)
    assert fresh is not None
    fresh.update([Job.plan.set(old.plan)])
    assert jobs.finish(fresh, "completed", NOW_S + 2)
    leftovers.look_later(fresh, NOW_S, Job.watch == jobs.WATCH_ENDED)
    due_s = NOW_S + leftovers.LATER_S + 1
    assert leftovers.remove(due_s) == 0
    assert rekey.move(due_s) == 1
    assert leftovers.remove(due_s + leftovers.AGAIN_S) == 1
    assert [key for key in keys("media") if key.startswith("videos")] == []
