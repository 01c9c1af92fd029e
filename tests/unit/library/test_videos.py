import contextlib
from typing import Any

import pytest

from tests.unit.library.factories import complete, make_plan, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite.errors import ForbiddenError, NotFoundError
from videosite.library import videos
from videosite.store.tables import Job, Progress, Video, job_item, progress_item

pytestmark = pytest.mark.usefixtures("site")

NOW_S = 1_800_000_000.0


def describe(video: Video) -> dict[str, Any]:
    video.refresh()
    (document,) = videos.describe([video], NOW_S)
    return document


# --- who sees what ----------------------------------------------------------------------------------


@pytest.mark.parametrize("visibility", ["private", "unlisted", "public"])
@pytest.mark.parametrize("caller", [None, "stranger", "owner", "staff"])
def test_who_may_know_of_a_video(visibility: str, caller: str | None) -> None:
    make_video(7, visibility=visibility)
    allowed = visibility == "public" or caller in ("owner", "staff")
    refusal = contextlib.nullcontext() if allowed else pytest.raises(NotFoundError, match="video_not_found")
    with refusal:
        videos.load_visible(7, caller, sees_all=caller == "staff")


def test_who_may_change_a_video() -> None:
    make_video(7, visibility="public")
    make_video(8, visibility="private")
    assert videos.load_owned(7, "owner", manages_all=False).video_id == 7
    assert videos.load_owned(8, "staff", manages_all=True).video_id == 8
    with pytest.raises(ForbiddenError, match="not_yours"):
        videos.load_owned(7, "stranger", manages_all=False)
    with pytest.raises(NotFoundError, match="video_not_found"):
        videos.load_owned(8, "stranger", manages_all=False)


def test_a_video_being_deleted_is_gone() -> None:
    make_video(7, status="deleting")
    with pytest.raises(NotFoundError):
        videos.load_visible(7, "owner", sees_all=True)


# --- documents --------------------------------------------------------------------------------------


def test_a_video_before_its_upload() -> None:
    assert describe(make_video(7, title="Sea", visibility="public")) == {
        "video_id": 7,
        "title": "Sea",
        "description": "",
        "tags": [],
        "category": None,
        "language": None,
        "visibility": "public",
        "share_slug": None,
        "views": 0,
        "status": "pending",
        "progress": 0,
        "owner_id": "owner",
        "created_at": "1970-01-01T00:00:01Z",
        "updated_at": "1970-01-01T00:00:01Z",
        "duration_s": None,
        "playback": None,
        "poster_url": None,
        "thumbnails": None,
        "storyboard_url": None,
        "preview_url": None,
        "error": None,
    }


def test_a_video_in_work_plays_from_its_first_segments() -> None:
    video, job = make_transcode(h264={"0": 1})
    assert describe(video)["playback"] is None
    video, job = make_transcode(8, h264={"0": 1}, audio={"0": 1})
    Progress(8, progress_item(1), parts={"h264#000000": 50}).save()
    document = describe(video)
    assert f"/videos/8/{job.asset_key}/master.m3u8" in document["playback"]["hls"]
    assert document["status"] == "processing"
    assert document["duration_s"] == 10.0
    assert 10 < document["progress"] < 80


def test_a_video_that_is_done() -> None:
    video, job = make_transcode()
    complete(video, job)
    document = describe(video)
    assert (document["status"], document["progress"]) == ("completed", 100)
    assert document["playback"]["dash"].endswith("/manifest.mpd")
    assert "poster.jpg" in document["poster_url"]


def test_a_video_that_failed_says_why() -> None:
    video, _ = make_transcode(
        h264={"0": 1}, audio={"0": 1}, status="failed", error_code="no_video", error_message="No video."
    )
    video.update(actions=[Video.status.set("failed")])
    document = describe(video)
    assert document["error"] == {"code": "no_video", "message": "No video."}
    assert document["playback"] is None


def test_the_old_generation_plays_until_the_new_one_is_done() -> None:
    video, job = make_transcode()
    complete(video, job)
    Job(
        7,
        job_item(2),
        generation=2,
        status="processing",
        asset_key="b" * 32,
        owner_id="owner",
        title="Clip",
        source_key=video.source_key,
        source_etag="e",
        source_size_bytes=1,
        plan=make_plan().to_dict(),
        created_at_s=2.0,
        updated_at_s=2.0,
    ).save()
    video.update(actions=[Video.active_generation.set(2), Video.status.set("processing")])
    document = describe(video)
    assert job.asset_key in document["playback"]["hls"]
    assert document["progress"] < 80


def test_many_videos_are_described_in_their_order() -> None:
    found = [make_video(number) for number in range(1, 4)]
    video, _ = make_transcode(9, h264={"0": 1}, audio={"0": 1})
    documents = videos.describe([found[2], video, found[0]], NOW_S)
    assert [document["video_id"] for document in documents] == [3, 9, 1]
    assert videos.describe([], NOW_S) == []
