"""What is written beside a video's media follows its rows, and goes with them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import kept_client
from tests.unit.housekeeping.conftest import NOW_S, id_of, keys, put
from tests.unit.library.factories import complete, make_plan, make_transcode
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.housekeeping import sidecars as steps
from videosite.housekeeping.rounds import ROUND_S
from videosite.library import metadata, subtitles, thumbnails, uploads
from videosite.library.metadata import Changes
from videosite.pipeline import control, deletion, jobs, sidecars
from videosite.pipeline.availability import report_codec
from videosite.store import objects
from videosite.store.tables import Job, Sidecar, User, Video

pytestmark = pytest.mark.usefixtures("aws")
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def read(video_id: int = 7) -> dict[str, Any]:
    """A video's sidecar as it is stored."""
    answer: Any = kept_client("s3").get_object(Bucket="media", Key=f"videos/{video_id}/sidecar.json")
    document: dict[str, Any] = json.loads(answer["Body"].read())
    return document


def is_marked(video_id: int = 7) -> bool:
    return video_id in {row.video_id for row in Job.by_deadline.query(sidecars.WATCH)}


def later() -> float:
    """A time after every mark of this test."""
    return NOW_S + 1e6


def test_it_says_what_the_rows_say() -> None:
    User("owner", email="ann@example.org", display_name="Ann", created_at_s=1.0).save()
    video, job = make_transcode(h264={"0": 5}, audio={"0": 5}, visibility="unlisted")
    report_codec(job, "h264-720p", "avc1.64001F")
    complete(video, job)
    video.update([Video.tags.set({"sea", "boats"}), Video.watch.set("rekey"), Video.look_at_s.set(1.0)])
    subtitles.upload_subtitle(7, "de", SRT, default=True)
    assert steps.write(later()) == 1
    found = read()
    assert found["version"] == 1
    assert found["owner"] == {"user_id": "owner", "email": "ann@example.org", "display_name": "Ann"}
    assert found["video"]["tags"] == ["boats", "sea"]
    assert (found["video"]["visibility"], found["video"]["published_generation"]) == ("unlisted", 1)
    (row,) = found["jobs"]
    assert (row["generation"], row["status"], row["asset_key"]) == (1, "completed", job.asset_key)
    assert row["plan"] == json.loads(json.dumps(make_plan().to_dict()))
    assert found["availability"][0]["h264"] == {"0": 5}
    assert found["availability"][0]["codecs"]["h264-720p"] == "avc1.64001F"
    assert [track["language"] for track in found["subtitles"]] == ["de"]
    # What only serves work under way is not kept.
    assert not {"watch", "look_at_s"} & (found["video"].keys() | row.keys())


def test_rows_come_back_as_they_were() -> None:
    video, job = make_transcode(h264={"0": 5})
    complete(video, job)
    for row in (jobs.load_video(7), jobs.load(7, 1), jobs.load_availability(7, 1)):
        assert row is not None
        plain = json.loads(json.dumps(sidecars.to_plain(row, frozenset())))
        assert sidecars.from_plain(type(row), plain | {"of_a_newer": 1}).serialize() == row.serialize()


CHANGES: dict[str, Callable[[Video], object]] = {
    "title": lambda video: metadata.change(video, Changes(title="Another")),
    "visibility": lambda video: metadata.change(video, Changes(visibility="public")),
    "subtitles": lambda video: subtitles.upload_subtitle(7, "en", SRT),
    "thumbnail": lambda video: thumbnails.delete_thumbnail(video),
    "cancelled": lambda video: control.cancel(7),
    "failed": lambda video: jobs.finish(job_of(video), "failed", error=("x", "y")),
    "codec": lambda video: jobs.finish(job_of(video), "completed"),
}


def job_of(video: Video) -> Job:
    job = jobs.load(video.video_id, 1)
    assert job is not None
    return job


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_written_within_a_minute(change: Callable[[Video], object]) -> None:
    make_job(make_video())
    sidecars.mark(7)
    steps.write(later())
    assert not is_marked()
    change(jobs.load_video(7))
    assert is_marked()
    assert steps.write(later()) in (0, 1)  # a picture that was not chosen changes nothing
    assert not is_marked()
    video = jobs.load_video(7)
    assert read()["video"]["status"] == video.status
    assert read()["video"]["title"] == video.title
    assert read()["video"]["visibility"] == video.visibility


def test_many_changes_are_one_object_and_none_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = objects.put

    def put_and_note(*given: Any) -> None:
        written.append(given[1])
        real(*given)

    monkeypatch.setattr(objects, "put", put_and_note)
    make_video()
    for title in ("One", "Two", "Three"):
        metadata.change(jobs.load_video(7), Changes(title=title))
    assert steps.write(later()) == 1
    sidecars.mark(7)
    assert steps.write(later()) == 0
    assert written == ["videos/7/sidecar.json"]
    assert read()["video"]["title"] == "Three"


def test_what_is_marked_while_it_is_written_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    video = make_video()
    sidecars.mark(7, NOW_S)
    real = objects.put

    def put_slowly(*given: Any) -> None:
        real(*given)
        metadata.change(video, Changes(title="Meanwhile"), NOW_S + 1)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", put_slowly)
        steps.write(later())
    assert is_marked()
    steps.write(later())
    assert read()["video"]["title"] == "Meanwhile"


def test_what_nobody_marked_is_found_by_the_days_round() -> None:
    make_video()
    assert steps.compare(NOW_S) == 1
    jobs.load_video(7).update([Video.views.set(12)])
    assert steps.compare(NOW_S + 60) == 0
    assert steps.compare(NOW_S + ROUND_S + 60) == 1
    assert read()["video"]["views"] == 12


def test_it_goes_with_the_video() -> None:
    video = make_video(status="pending")
    sidecars.mark(7)
    steps.write(later())
    uploads.abort(video)
    assert steps.write(later()) == 1
    assert keys("media") == []
    assert list(Sidecar.query(7)) == []
    video = make_video(8)
    sidecars.mark(8)
    steps.write(later())
    deletion.begin(video)
    sidecars.mark(8)  # by a straggler
    steps.write(later())
    assert keys("media") == []


def test_a_mark_that_fails_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from pynamodb.exceptions import UpdateError

    def fail(*_: object, **__: object) -> None:
        raise UpdateError("busy")

    video = make_video()
    monkeypatch.setattr(Sidecar, "update", fail)
    assert metadata.change(video, Changes(title="Changed")).title == "Changed"


def test_a_video_whose_rows_are_lost_is_no_orphan() -> None:
    from videosite.housekeeping import orphans

    old = id_of(8 * 86_400)
    put("uploads", f"uploads/{old}/source.mp4")
    put("media", f"videos/{old}/0af/h264-720p/init.mp4")
    put("media", f"thumbnails/video_{old}_poster.jpg")
    put("media", f"videos/{old}/sidecar.json")
    assert orphans.remove(NOW_S) == 0
    assert len(keys("media") + keys("uploads")) == 4
