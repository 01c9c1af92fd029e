"""What staff see and steer: jobs, priority, queues, statistics."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from tests.unit.library.factories import make_transcode
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline import jobs
from videosite.pipeline.meter import usd_here
from videosite.store import letters, queues
from videosite.store.tables import AuditEntry

Messages = Callable[[str], list[str]]


def job_of(video_id: int, made_s: float, owner_id: str = "ada", **values: Any) -> None:
    make_job(
        make_video(video_id, owner_id=owner_id),
        plan=None,
        made=jobs.made(video_id, 1, made_s),
        created_at_s=made_s,
        **values,
    )


@pytest.fixture
def work(api: Api) -> None:
    """Transcodes of a minute each."""
    job_of(1, 1_700_000_000, status="completed", video_codecs={"h264", "av1"}, watch=None, look_at_s=None)
    job_of(2, 1_700_000_060, status="processing", video_codecs={"h264"})
    broke = {"error_code": "x", "error_message": "It broke."}
    job_of(3, 1_700_000_120, status="failed", video_codecs={"h264"}, **broke)
    job_of(4, 1_700_000_180, status="accepted", waiting=True, owner_id="bob")
    job_of(5, 1_700_000_240, status="planned", video_codecs={"av1"}, owner_id="bob")


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"state": "processing"}, [5, 4, 2]),
        ({"state": "waiting"}, [4]),
        ({"state": "failed"}, [3]),
        ({"state": "cancelled"}, []),
        ({"type": "av1"}, [5, 1]),
        ({"type": "h264", "state": "completed"}, [1]),
        ({"owner": "ada"}, [3, 2, 1]),
        ({"owner": "bob", "state": "processing"}, [5, 4]),
        ({"since": "2023-11-14T22:14:20Z", "until": "2023-11-14T22:16:20Z"}, [3, 2]),
        ({"owner": "ada", "since": "2023-11-14T22:14:20Z"}, [3, 2]),
        ({"q": "cLi"}, [5, 4, 3, 2, 1]),
        ({"q": "4"}, [4]),
        ({"q": "trip", "state": "failed"}, []),
    ],
    ids=str,
)
def test_jobs_are_filtered_and_paged(
    api: Api, people: People, query: dict[str, str], expected: list[int]
) -> None:
    for limit in (1, 50):
        found, cursor = [], None
        while True:
            sent = {**query, "limit": limit, **({"cursor": cursor} if cursor else {})}
            page = api.get("/admin/jobs", people.moderator, query=sent)
            assert page.status == 200, page.json
            found += [job["video_id"] for job in page.json["jobs"]]
            cursor = page.json["next_cursor"]
            if cursor is None:
                break
        assert found == expected


@pytest.mark.usefixtures("work")
def test_what_is_said_of_a_job(api: Api, people: People) -> None:
    found = api.get("/admin/jobs", people.moderator).json["jobs"]
    by_id = {job["video_id"]: job for job in found}
    assert by_id[3]["error"] == {"code": "x", "message": "It broke."}
    assert (by_id[4]["status"], by_id[4]["waiting"], by_id[4]["codecs"]) == ("processing", True, [])
    assert (by_id[1]["progress"], by_id[1]["codecs"], by_id[1]["owner_id"]) == (100, ["av1", "h264"], "ada")
    assert api.get("/admin/jobs", people.moderator, query={"cursor": "x"}).code == "bad_cursor"
    assert api.get("/admin/jobs", people.ada).code == "forbidden"


@pytest.mark.usefixtures("work")
def test_how_many_stand_how(api: Api, people: People) -> None:
    found = api.get("/admin/jobs/summary", people.moderator, query={"since": "2023-11-14T22:14:20Z"})
    assert found.json == {
        "waiting": 1,
        "processing": 2,
        "completed": 0,
        "failed": 1,
        "cancelled": 0,
        "since": "2023-11-14T22:14:20Z",
    }
    assert api.get("/admin/jobs/summary", people.moderator).json["failed"] == 0
    assert api.get("/admin/jobs/summary", people.ada).code == "forbidden"


def test_a_job_with_its_tasks(api: Api, people: People) -> None:
    _, job = make_transcode(7)
    make_task(
        job, "h264", 0, 4, status="done", attempt=2, claims=3, started_at_s=10.0, ended_at_s=12.5, gb_s=5.0
    )
    make_task(job, "h264", 4, 8, run=0, status="failed", error_code="x", error_message="It broke.")
    make_task(job, "av1", 0, 4, status="running", started_at_s=11.0)
    found = api.get("/admin/jobs/7/1", people.moderator).json
    assert (found["job"]["video_id"], found["job"]["status"]) == (7, "processing")
    running, done, left = found["tasks"]
    assert (running["group"], running["started_at_ms"], running["ended_at_ms"]) == ("av1", 11_000, None)
    assert (done["attempt"], done["claims"], done["started_at_ms"], done["ended_at_ms"]) == (
        2,
        3,
        10_000,
        12_500,
    )
    assert done["cost_usd"] == pytest.approx(usd_here(5.0))
    # It failed in an older run, so it is to be done.
    assert (left["status"], left["error"]) == ("pending", {"code": "x", "message": "It broke."})
    assert api.get("/admin/jobs/7/2", people.moderator).code == "job_not_found"
    assert api.get("/admin/jobs/7/1", people.ada).code == "forbidden"


def test_priority_sends_what_is_left_another_way(api: Api, people: People, messages: Messages) -> None:
    _, job = make_transcode(7)
    for first in range(0, 12, 4):
        make_task(job, "h264", first, first + 4)
    path = "/admin/videos/7/priority"
    answer = api.call("PUT", path, {"priority": "high"}, people.admin)
    assert (answer.status, answer.json["priority"]) == (200, "high")
    # A window of two, in the queue that goes first.
    assert (len(messages("urgent")), len(messages("bulk"))) == (2, 0)
    assert api.call("PUT", path, {"priority": "high"}, people.moderator).code == "forbidden"
    assert api.call("PUT", path, {"priority": "now"}, people.admin).code == "validation_failed"
    jobs.finish(job, "cancelled")
    assert api.call("PUT", path, {"priority": "low"}, people.admin).code == "not_running"
    assert [(entry.action, entry.after) for entry in AuditEntry.scan()] == [
        ("video.prioritize", {"priority": "high"})
    ]


def test_staff_retry_and_cancel_anybodys(api: Api, people: People) -> None:
    make_transcode(7)
    assert api.post("/videos/7/cancel", token=people.moderator).code == "video_not_found"
    assert api.post("/videos/7/cancel", token=people.admin).json["status"] == "cancelled"
    assert api.post("/videos/7/retry", token=people.admin).json["status"] == "processing"
    assert [entry.action for entry in AuditEntry.scan()] == ["video.cancel", "video.retry"]


def test_the_status_names_codec_tags(api: Api, people: People) -> None:
    make_transcode(7)
    renditions = api.get("/admin/videos/7/transcode-status", people.moderator).json["renditions"]
    assert {one["codec_tag"] for one in renditions} == {"avc1.64001F"}


# --- queues -----------------------------------------------------------------------------------------


def test_dead_letters_from_end_to_end(api: Api, people: People, messages: Messages) -> None:
    for number in range(3):
        queues.send(letters._letters_url("publish"), {"video_id": number})
    found = api.get("/admin/queues", people.admin).json
    assert {"name": "publish", "waiting": 3, "in_flight": 0, "delayed": 0} in found["dead_letters"]
    root = "/admin/queues/publish/dead-letters"
    shown = api.get(root, people.admin).json["letters"]
    one = next(letter for letter in shown if letter["body"] == {"video_id": 1})
    assert api.post(f"{root}/{one['message_id']}/redrive", token=people.admin).json == {"count": 1}
    assert messages("publish") == ['{"video_id":1}']
    two = next(letter for letter in shown if letter["body"] == {"video_id": 2})
    assert api.call("DELETE", f"{root}/{two['message_id']}", token=people.admin).json == {"count": 1}
    assert api.post(f"{root}/redrive", token=people.admin).json == {"count": 1}
    assert api.call("DELETE", root, token=people.admin).json == {"count": 0}
    assert api.get("/admin/queues/bulk/dead-letters", people.admin).code == "queue_not_found"
    assert api.call("DELETE", f"{root}/x", token=people.admin).code == "letter_not_found"
    assert {entry.action for entry in AuditEntry.scan()} == {"queue.redrive", "queue.delete"}


# --- statistics -------------------------------------------------------------------------------------


def test_statistics_of_what_happened(api: Api, people: People) -> None:
    for size_bytes in (4, 6):
        api.post("/videos", {"filename": "a.mp4", "size_bytes": size_bytes}, people.ada)
    answer = api.get("/admin/statistics", people.admin, query={"metric": "uploaded_bytes"})
    series = answer.json["series"]
    assert series.keys() == {"uploaded_bytes"}
    assert len(series["uploaded_bytes"]) == 30
    assert series["uploaded_bytes"][-1]["amount"] == 10
    hours = api.get("/admin/statistics", people.admin, query={"step": "hour"}).json
    assert (hours["step"], hours["series"]["uploads"][-1]["amount"]) == ("hour", 2)
    assert hours["series"]["views"][-1]["amount"] == 0
    assert api.get("/admin/statistics", people.moderator).code == "forbidden"


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2000-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z", "step": "hour"},
    ],
    ids=str,
)
def test_spans_that_are_none(api: Api, people: People, query: dict[str, str]) -> None:
    assert api.get("/admin/statistics", people.admin, query=query).code == "bad_span"
