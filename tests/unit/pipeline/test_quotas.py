"""Quotas: storage, minutes a month, transcodes at once; counted once, and put right."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.housekeeping.conftest import NOW_S
from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.errors import BadInputError, ForbiddenError
from videosite.housekeeping import quotas as upkeep
from videosite.housekeeping import work
from videosite.housekeeping.rounds import ROUND_S
from videosite.library import uploads
from videosite.pipeline import control, ingest, jobs, quotas
from videosite.pipeline.deletion import begin
from videosite.pipeline.reopening import NOTHING, reopen
from videosite.settings import get_settings
from videosite.store.tables import Job, Usage, User, Video

pytestmark = pytest.mark.usefixtures("aws")

MIB = 1024**2
Messages = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def defaults(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_QUOTA_STORAGE_BYTES", str(10 * MIB))
    monkeypatch.setenv("VIDEOSITE_QUOTA_MINUTES", "1")
    monkeypatch.setenv("VIDEOSITE_QUOTA_PARALLEL_JOBS", "2")
    get_settings.cache_clear()


def upload(size_bytes: int, owner_id: str = "ada") -> Video:
    return uploads.create(owner_id, "Sea", "sea.mp4", size_bytes, "private")[0]


def stored() -> int:
    return quotas.load("ada").storage_bytes


# --- storage ----------------------------------------------------------------------------------------


def test_storage_is_taken_and_given_back() -> None:
    first = upload(6 * MIB)
    with pytest.raises(ForbiddenError, match=r"quota_exceeded: Storage: .* 0\.01 GiB"):
        upload(5 * MIB)
    assert stored() == 6 * MIB
    second = upload(4 * MIB)
    uploads.abort(second)
    assert stored() == 6 * MIB
    begin(first)
    assert stored() == 0
    upload(10 * MIB)
    upload(10 * MIB, "bob")
    assert sum(video.status == "pending" for video in Video.scan()) == 2


def test_what_is_larger_than_the_whole_quota_is_refused_at_once() -> None:
    with pytest.raises(ForbiddenError, match="quota_exceeded"):
        upload(11 * MIB)
    assert Usage.count() == 0


def test_a_user_may_have_limits_of_their_own() -> None:
    User("ada", email="a@example.org", created_at_s=1.0, quota_storage_bytes=20 * MIB).save()
    User("bob", email="b@example.org", created_at_s=1.0, quota_storage_bytes=0).save()
    upload(20 * MIB)
    with pytest.raises(ForbiddenError):
        upload(1)
    upload(50 * MIB, "bob")
    assert quotas.describe("ada", NOW_S)["storage_bytes"] == {"used": 20 * MIB, "limit": 20 * MIB}


# --- minutes ----------------------------------------------------------------------------------------


def plan_of(video_id: int, seconds: int, now_s: float = NOW_S) -> Job:
    job = make_job(make_video(video_id, owner_id="ada"), status="accepted", plan=None)
    ingest._save_plan(job, make_plan(seconds), now_s)
    job.refresh(consistent_read=True)
    return job


def test_minutes_are_taken_with_the_plan_and_once() -> None:
    job = plan_of(1, 40)
    assert (job.status, job.video_codecs) == ("planned", {"h264"})
    assert jobs.load_video(1).duration_s == 40.0
    ingest._save_plan(job, make_plan(40), NOW_S)
    assert quotas.describe("ada", NOW_S)["minutes"] == {"used": 0.7, "limit": 1}
    with pytest.raises(BadInputError, match="quota_exceeded: Minutes"):
        plan_of(2, 30)
    assert plan_of(3, 20).status == "planned"
    # A month later there are as many again.
    assert plan_of(4, 60, NOW_S + 31 * 86_400).status == "planned"


# --- at once ----------------------------------------------------------------------------------------


def test_more_transcodes_than_may_run_wait_for_one_to_end(messages: Messages) -> None:
    busy = {"status": "planned", "updated_at_s": 4e9}
    running = [make_job(make_video(n, owner_id="ada"), **busy) for n in (1, 2)]
    assert [quotas.take_slot(job) for job in (*running, running[0])] == [True] * 3
    waiting = make_job(make_video(3, owner_id="ada"), status="accepted", plan=None, ingest_attempts=4)
    ingest.advance(waiting)
    waiting.refresh(consistent_read=True)
    assert (waiting.status, waiting.waiting, waiting.ingest_attempts) == ("accepted", True, 0)
    assert quotas.take_slot(make_job(make_video(4, owner_id="bob")))
    due_s = waiting.updated_at_s + jobs.WAITING_LOOK_S + 1
    # Standing in line is not standing still.
    assert work.revive_jobs(due_s) >= 1
    assert any("uploads/3/" in body for body in messages("ingest"))
    assert not quotas.take_slot(waiting)
    assert jobs.finish(running[0], "failed", NOW_S, ("x", "It failed."))
    assert quotas.take_slot(waiting)
    assert quotas.load("ada").running == {"2#1", "3#1"}


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_every_end_gives_the_place_back(status: str) -> None:
    job = make_job(make_video(1, owner_id="ada"))
    quotas.take_slot(job)
    assert jobs.finish(job, status, NOW_S)
    assert not quotas.load("ada").running
    job.refresh(consistent_read=True)
    # Taken up again by us, it counts whatever the limit is.
    assert reopen(job, NOTHING)
    assert quotas.load("ada").running == {"1#1"}


def test_cancelling_and_retrying_is_no_way_past_the_limit(messages: Messages) -> None:
    """Whether they had begun or were still waiting."""
    for number in (1, 2):
        busy = make_job(make_video(number, owner_id="ada"), status="planned", updated_at_s=4e9)
        assert quotas.take_slot(busy)
    unread: dict[str, Any] = {"status": "accepted", "plan": None, "total_tasks": 0}
    for number, values in ((3, unread), (4, {"plan": make_plan(40).to_dict()})):
        job = make_job(make_video(number, owner_id="ada", source_size_bytes=1), **values)
        make_task(job, "h264")
        control.cancel(number)
        control.retry(number)
        ingest.ingest("uploads", f"uploads/{number}/source.mp4")
        job.refresh(consistent_read=True)
        assert (job.status, job.waiting) == ("accepted", True)
    assert messages("bulk") == messages("urgent") == []
    assert quotas.load("ada").running == {"1#1", "2#1"}
    control.cancel(1)
    due_s = job.updated_at_s + jobs.WAITING_LOOK_S + 1
    assert work.revive_jobs(due_s) >= 1
    job.refresh(consistent_read=True)
    assert (job.status, job.waiting, job.run) == ("processing", False, 3)
    assert quotas.load("ada").running == {"2#1", "4#1"}
    assert len(messages("bulk")) == 1


def test_a_cancel_that_overtakes_ingest_leaves_no_place_behind() -> None:
    job = make_job(make_video(1, owner_id="ada"), status="accepted", plan=None)
    control.cancel(1)
    ingest.advance(job)
    assert not quotas.load("ada").running


def test_a_deletion_that_overtakes_ingest_leaves_no_place_behind() -> None:
    video = make_video(1, owner_id="ada")
    job = make_job(video, status="accepted", plan=None)
    begin(video)
    assert not quotas.take_slot(job)
    assert not quotas.load("ada").running


# --- put right --------------------------------------------------------------------------------------


def test_housekeeping_puts_counters_right_once_a_day() -> None:
    for number in (1, 2):
        make_video(number, owner_id="ada", source_size_bytes=100)
    make_video(3, owner_id="ada", source_size_bytes=100, status="deleting")
    make_job(make_video(4, owner_id="ada"))
    Usage("ada", quotas.NOW, storage_bytes=7, running={"4#1", "1#1", "99#1"}).save()
    Usage("ada", "2027-01", transcoded_s=30.0).save()
    Usage("bob", quotas.NOW, storage_bytes=0).save()
    assert upkeep.repair(NOW_S) == 1
    used = quotas.load("ada")
    assert (used.storage_bytes, used.running) == (200, {"4#1"})
    assert quotas.load("ada", "2027-01").transcoded_s == 30.0
    assert upkeep.repair(NOW_S + ROUND_S + 1) == 0


def test_storage_is_not_put_right_while_it_changes() -> None:
    """The index may lack the newest video: what is counted would be set too low for a day."""
    Usage("ada", quotas.NOW, storage_bytes=7, stored_at_s=NOW_S - 10).save()
    assert upkeep.repair(NOW_S) == 0
    assert quotas.load("ada").storage_bytes == 7
    assert upkeep.repair(NOW_S + ROUND_S + 1) == 1
    assert quotas.load("ada").storage_bytes == 0


def test_every_user_has_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "PAGE", 2)
    for number in range(5):
        Usage(f"user{number}", quotas.NOW, storage_bytes=5).save()
        Usage(f"user{number}", "2027-01", transcoded_s=5.0).save()
    assert sum(upkeep.repair(NOW_S + 60 * n) for n in range(7)) == 5
