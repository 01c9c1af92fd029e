"""Measuring is asked for once a codec is published, written once, and never the video's failure."""

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.library.factories import make_plan, make_transcode
from tests.unit.pipeline.test_publish import store_segments
from videosite.errors import RetryableError
from videosite.media.quality import sampled_segments
from videosite.pipeline import jobs, measure
from videosite.pipeline.meter import Measured
from videosite.pipeline.publish import publish
from videosite.pipeline.snapshot import load_status
from videosite.pipeline.transcode import Delivery
from videosite.store.tables import Job

pytestmark = pytest.mark.usefixtures("aws")

MEMORY_MB = 1 << 30
"""moto cannot add numbers so small that they are written with an exponent."""
Messages = Callable[[str], list[str]]


def deliver(body: dict[str, Any], receives: int = 1) -> None:
    measure.measure(body, Delivery("", "", lambda: 600.0, MEMORY_MB, receives))


@pytest.fixture
def asked(messages: Messages) -> list[dict[str, Any]]:
    """What publishing H.264 asks for."""
    _, job = make_transcode(7, open_tasks={"h264": 0, "audio": 0, "image": 0}, started_at_s=time.time() - 5)
    store_segments(job)
    publish(7, 1, job.run, "h264")
    return [json.loads(body) for body in messages("bulk")]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Segments that were compared; each rendition scores 90."""
    found: list[int] = []

    def compare(job: Job, plan: Any, names: list[str], segment: int) -> dict[str, float]:
        found.append(segment)
        subprocess.run(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"], check=True)
        return dict.fromkeys(names, 90.0)

    monkeypatch.setattr(measure, "_compare", compare)
    return found


def test_a_published_codec_is_measured_at_a_few_segments(asked: list[dict[str, Any]], ran: list[int]) -> None:
    assert load_status(7)["status"] == "completed"
    assert load_status(7)["renditions"][0]["vmaf"] is None
    for body in asked:
        deliver(body)
    assert ran == sampled_segments(make_plan())
    for rendition in load_status(7)["renditions"]:
        assert rendition["vmaf"] == 90.0


def test_scores_and_costs_are_written_once(asked: list[dict[str, Any]], ran: list[int]) -> None:
    job = jobs.load(7, 1)
    assert job is not None
    for body in asked:
        deliver(body)
        deliver(body)
    assert len(ran) == len(asked)
    done = jobs.load(7, 1)
    assert done is not None
    # Two workers at once: the second one's scores and costs are dropped.
    cost = load_status(7)["cost"]
    assert cost["cpu_s"] > 0
    measure._keep(done, asked[0]["segment"], {"h264-720p": 1.0}, Measured(9.0, 9.0, 1024))
    assert load_status(7)["cost"] == cost
    assert load_status(7)["renditions"][0]["vmaf_detail"]["worst"] == 90.0


def test_a_failure_is_tried_again_twice_and_is_not_the_videos(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RetryableError("not_measured", "No.")

    monkeypatch.setattr(measure, "_compare", fail)
    monkeypatch.setattr(Delivery, "hide", lambda *_: None)
    costs = [load_status(7)["cost"]["gb_s"]]
    for receives in (1, 2, 3):
        with pytest.raises(RetryableError):
            deliver(asked[0], receives)
        costs.append(load_status(7)["cost"]["gb_s"])
    assert costs == sorted(set(costs))
    deliver(asked[0], 4)
    assert load_status(7)["status"] == "completed"
    assert load_status(7)["renditions"][0]["vmaf"] is None


def test_what_is_gone_or_not_published_is_not_measured(asked: list[dict[str, Any]], ran: list[int]) -> None:
    deliver({**asked[0], "measure": "av1"})
    deliver({**asked[0], "generation": 2})
    deliver({**asked[0], "video_id": 8})
    assert ran == []


def test_a_publication_told_twice_before_its_end_asks_again(messages: Messages) -> None:
    """Its worker may have died between the publication and the asking."""
    _, job = make_transcode(7, published={"h264": 1}, open_tasks={"h264": 0, "audio": 0, "image": 0})
    store_segments(job)
    publish(7, 1, job.run, "h264")
    assert len(messages("bulk")) == len(sampled_segments(make_plan()))


def test_rates_and_speed_are_told_of_what_is_published(asked: list[dict[str, Any]]) -> None:
    rendition = load_status(7)["renditions"][0]
    assert rendition["bitrate_kbps"] == pytest.approx(rendition["size_bytes"] * 8 / 10_000, abs=1)
    assert rendition["speed"] > 0
    assert rendition["eta_s"] == 0
