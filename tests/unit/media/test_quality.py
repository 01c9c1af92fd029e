"""Which segments are measured, what libvmaf's log says, and what the scores say of a rendition."""

import json

import pytest
from hypothesis import given

from tests.unit.library.factories import make_plan
from tests.unit.media.factories import SOURCES
from videosite.errors import BadInputError
from videosite.media import plan as planning
from videosite.media.ladder import make_ladder, vmaf_floor
from videosite.media.probe import Source
from videosite.media.quality import SAMPLES, frame_step, read_log, sampled_segments, score_key, summarize


def make_log(*scores: float) -> str:
    return json.dumps({"frames": [{"frameNum": n, "metrics": {"vmaf": s}} for n, s in enumerate(scores)]})


@given(SOURCES)
def test_samples_are_few_spread_and_within_the_video(source: Source) -> None:
    try:
        plan = planning.make_plan(source)
    except BadInputError:
        return
    samples = sampled_segments(plan)
    assert samples == sorted(set(samples))
    assert len(samples) == min(SAMPLES, plan.segments)
    assert samples[0] >= 0
    assert samples[-1] < plan.segments
    if plan.segments >= 2 * SAMPLES:
        assert samples[0] < plan.segments / SAMPLES
        assert samples[-1] >= plan.segments * (1 - 1 / SAMPLES)


@pytest.mark.parametrize("frames", [1, 49, 50, 51, 120, 360])
def test_of_a_segment_a_bounded_number_of_frames_is_measured(frames: int) -> None:
    assert len(range(0, frames, frame_step(frames))) <= 50


def test_the_score_of_a_segment_is_the_mean_of_its_frames() -> None:
    assert read_log(make_log(90, 95), 2) == 92.5


@pytest.mark.parametrize(
    "log", ["", "{", "[]", "{}", '{"frames": [{}]}', make_log(90, 95), make_log(90, 95, 99, 98)]
)
def test_a_log_with_other_frames_than_the_segment_has_is_no_score(log: str) -> None:
    assert read_log(log, 3) is None


def test_a_summary_tells_mean_worst_and_where_it_is() -> None:
    plan = make_plan(seconds=100)
    rung = plan.renditions[0]
    assert summarize(plan, rung, {}) is None
    scores = {score_key(rung.name, n): 90.0 + n / 10 for n in sampled_segments(plan)}
    scores[score_key(rung.name, 25)] = 80.0
    scores[score_key("h264-480p", 25)] = 1.0
    found = summarize(plan, rung, scores)
    assert found is not None
    assert found["worst"] == 80.0
    assert found["worst_at_s"] == 50.0
    assert found["mean"] == pytest.approx(90.0, abs=2.5)
    assert (found["samples"], found["planned"], found["below_floor"]) == (5, 5, False)


@pytest.mark.parametrize(
    ("others", "worst", "flagged"), [(0, 0, False), (-1, -1, True), (10, -15, False), (10, -16, True)]
)
def test_what_is_flagged(others: float, worst: float, flagged: bool) -> None:
    plan = make_plan(seconds=10)
    rung = plan.renditions[0]
    floor = vmaf_floor(rung)
    scores = {score_key(rung.name, n): floor + float(others) for n in range(5)}
    scores[score_key(rung.name, 3)] = floor + float(worst)
    found = summarize(plan, rung, scores)
    assert found is not None
    assert found["below_floor"] == flagged


def test_every_rung_has_a_floor_and_larger_ones_no_lower_one() -> None:
    for width, height in ((3840, 2160), (1920, 1080), (700, 520), (64, 64)):
        floors = [vmaf_floor(rung) for rung in make_ladder(width, height) if rung.codec == "h264"]
        assert floors == sorted(floors, reverse=True)
