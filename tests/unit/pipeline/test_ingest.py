"""Ingest meets faults: those that pass are waited for, the others have an end."""

from fractions import Fraction
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.conftest import kept_client
from tests.unit.media.factories import make_source
from tests.unit.pipeline.conftest import make_video
from videosite.errors import RetryableError
from videosite.media.plan import Plan, make_plan
from videosite.media.tracks import AudioTrack
from videosite.pipeline import control, ingest, jobs
from videosite.pipeline.ingest import MAX_ATTEMPTS, PATIENCE_S, ingest_event, planned_tasks
from videosite.store.faults import is_passing
from videosite.store.tables import Job

pytestmark = pytest.mark.usefixtures("aws")
KEY = "uploads/7/source.mp4"
EVENT = {
    "Records": [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "uploads"}, "object": {"key": KEY}}}
    ]
}


@pytest.fixture(autouse=True)
def uploaded(aws: None) -> None:
    """A video whose file is there."""
    make_video(source_size_bytes=1)
    kept_client("s3").put_object(Bucket="uploads", Key=KEY, Body=b"x")


def answer(status: int, code: str = "Fault") -> ClientError:
    metadata: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(metadata, "GetObject")


def break_probe(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def probe(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ingest, "probe", probe)


def deliver(times: int) -> Job:
    """Deliver the upload's event, each time to an ingest that fails."""
    for _ in range(times):
        with pytest.raises(Exception):  # noqa: B017 - whatever broke it comes out
            ingest_event(EVENT)
    return load()


def load() -> Job:
    job = jobs.load(7, 1)
    assert job is not None
    return job


def let_time_pass() -> None:
    job = load()
    job.update([Job.updated_at_s.set(job.updated_at_s - PATIENCE_S - 1)])


def test_an_unknown_error_ends_after_some_attempts_and_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    break_probe(monkeypatch, ValueError("a defect of ours"))
    assert deliver(MAX_ATTEMPTS).status == "accepted"
    let_time_pass()
    ingest_event(EVENT)
    assert (load().status, load().error_code) == ("failed", "ingest_failed")
    assert jobs.load_video(7).status == "failed"


def test_many_reports_at_once_are_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    break_probe(monkeypatch, ValueError("a defect of ours"))
    assert deliver(MAX_ATTEMPTS * 3).status == "accepted"


def test_nor_is_time_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    break_probe(monkeypatch, ValueError("a defect of ours"))
    deliver(1)
    let_time_pass()
    assert deliver(1).status == "accepted"


def test_an_ingest_that_dies_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory or out of time, nothing of ours runs afterwards."""

    class Killed(BaseException):
        pass

    break_probe(monkeypatch, Killed())  # type: ignore[arg-type]
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            ingest_event(EVENT)
    let_time_pass()
    ingest_event(EVENT)
    assert load().error_code == "ingest_failed"


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("storage_unreadable", "Storage is away."),
        answer(503, "SlowDown"),
        EndpointConnectionError(endpoint_url="https://s3.example.org"),
    ],
)
def test_faults_that_pass_are_waited_for(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    break_probe(monkeypatch, error)
    deliver(MAX_ATTEMPTS)
    let_time_pass()
    job = deliver(2)
    assert (job.status, job.ingest_attempts) == ("accepted", 0)


def test_a_retry_has_all_its_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    break_probe(monkeypatch, ValueError("a defect of ours"))
    deliver(MAX_ATTEMPTS)
    let_time_pass()
    ingest_event(EVENT)
    control.retry(7)
    job = deliver(1)
    assert (job.status, job.ingest_attempts) == ("accepted", 1)


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (answer(500), True),
        (answer(429), True),
        (answer(400, "ThrottlingException"), True),
        (answer(403), False),
        (answer(404), False),
        (ValueError(), False),
    ],
)
def test_what_passes(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing


def loudness_of(plan: Plan) -> list[tuple[int, int, bool]]:
    return [task[1:] for task in planned_tasks(plan) if task[0] == "loudness"]


def test_loudness_has_a_task_per_track_which_is_urgent_for_short_videos_to_be_normalised() -> None:
    """A 5.1 track has two renditions and is measured once."""
    tracks = (AudioTrack(0, "ac3", 6, 48_000, "en"), AudioTrack(1, "aac", 2, 48_000, "de"))
    clip, film = (
        make_source(duration_s=Fraction(60), audio=tracks),
        make_source(duration_s=Fraction(36_000), audio=tracks),
    )
    assert loudness_of(make_plan(clip)) == [(0, 1, False), (1, 2, False)]
    assert loudness_of(make_plan(clip, normalize=True)) == [(0, 1, True), (1, 2, True)]
    assert loudness_of(make_plan(film, normalize=True)) == [(0, 1, False), (1, 2, False)]
    assert loudness_of(make_plan(make_source(audio=()))) == []
