"""Ends whose stream record came to nothing are told of all the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.conftest import Gateway
from tests.unit.realtime.factories import make_transcode, open_socket, stored_messages
from videosite.housekeeping.sweep import sweep
from videosite.pipeline import control, jobs
from videosite.realtime.changes import report
from videosite.realtime.notifications import NotificationService
from videosite.store.tables import Job, job_item

NOW_S = 1_800_000_000.0
LATER_S = NOW_S + jobs.TOLD_AFTER_S + 1


@pytest.fixture(autouse=True)
def gateway(aws: None) -> Iterator[Gateway]:
    found = Gateway()
    with pytest.MonkeyPatch.context() as patch:
        found.stand_in(patch)
        yield found


def told() -> list[tuple[Any, ...]]:
    """Kind, code or codec, and number of each message in the owner's channel."""
    return [
        (body["type"], body.get("format_type", body["code"]), body["seq"])
        for body in stored_messages("user#ada")
    ]


def end(status: str, **values: Any) -> None:
    """End a transcode, and lose its record of the stream."""
    job = make_transcode(7, created_at_s=NOW_S, **values)
    error = ("worker_crashed", "It crashed.") if status == "failed" else None
    assert jobs.finish(job, status, NOW_S, error)


@pytest.mark.parametrize(
    ("status", "values", "message"),
    [
        ("completed", {"published": {"h264": 5}}, ("transcode_complete", "h264", 1)),
        ("failed", {}, ("transcode_failed", "worker_crashed", 1)),
        ("cancelled", {}, ("transcode_progress", "cancelled", 1)),
    ],
)
def test_a_lost_end_is_told_once(status: str, values: dict[str, Any], message: tuple[Any, ...]) -> None:
    end(status, **values)
    assert sweep(NOW_S + 1)["endings"] == 0
    assert told() == []
    assert sweep(LATER_S)["endings"] == 1
    assert told() == [message]
    assert sweep(LATER_S + 86_400)["endings"] == 0
    assert told() == [message]


def test_an_end_that_was_told_is_not_told_again_and_looked_at_no_more() -> None:
    end("failed")
    report(7, 1, NOW_S, NotificationService())
    assert sweep(LATER_S)["endings"] == 0
    assert len(told()) == 1
    job = jobs.load(7, 1)
    assert job is not None
    assert job.watch is None


def test_who_looks_on_sees_the_bar_full(gateway: Gateway) -> None:
    open_socket("owner=", "ada", at_s=LATER_S)
    end("completed", published={"h264": 5})
    sweep(LATER_S)
    assert [frame["progress"] for frame in gateway.to("owner=")] == [100]


def test_a_retry_takes_the_end_back() -> None:
    end("failed")
    control.retry(7)
    Job(7, job_item(1)).update([Job.updated_at_s.set(NOW_S)])
    assert sweep(LATER_S)["endings"] == 0
    assert told() == []


def test_one_that_cannot_be_told_is_tried_later_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end("failed")
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "load_progress", lambda *_: 1 / 0)
        assert sweep(LATER_S)["endings"] == 0
    assert sweep(LATER_S + 1)["endings"] == 0
    assert sweep(LATER_S + jobs.LOOK_AGAIN_S + 1)["endings"] == 1
