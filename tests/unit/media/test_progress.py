"""Progress: weighted by work, whole when all of it is done."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.factories import SOURCES, TRACK, make_source
from videosite.media.plan import make_plan
from videosite.media.probe import Source
from videosite.media.progress import group_fraction, progress_fraction


@given(SOURCES)
def test_nothing_is_zero(source: Source) -> None:
    plan = make_plan(source)
    assert progress_fraction(plan, {}) == 0
    assert progress_fraction(plan, {"image#000000": 1}) == 0


def test_everything_is_one() -> None:
    for audio in ({}, {"audio": ()}):
        plan = make_plan(make_source(**audio), "h264-only")
        parts = {
            "h264#000000": 600,
            "h264#000012": 900,
            "audio#000000": plan.audio.frames if plan.audio else 0,
        }
        assert progress_fraction(plan, parts) == pytest.approx(1)
        assert group_fraction(plan, "h264", parts) == 1


def test_sound_weighs_little() -> None:
    plan = make_plan(make_source(), "h264-only")
    assert plan.audio
    assert 0 < progress_fraction(plan, {"audio#000000": plan.audio.frames}) < 0.1
    assert progress_fraction(plan, {"h264#000000": 750}) == pytest.approx(0.5, abs=0.05)


def test_many_tracks_weigh_more_but_never_most() -> None:
    tracks = tuple(replace(TRACK, index=index, channels=6) for index in range(8))
    plans = [make_plan(make_source(audio=tracks[:count]), "h264-only") for count in (1, 2, 8)]
    shares = [progress_fraction(plan, {"audio#000000": plan.audio.frames}) for plan in plans if plan.audio]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1] < 0.5


def test_two_codecs_are_half_each() -> None:
    plan = make_plan(make_source(audio=()))
    assert progress_fraction(plan, {"h264#000000": plan.frames}) == pytest.approx(0.5)
    assert progress_fraction(plan, {f"{codec}#000000": plan.frames for codec in ("h264", "av1")}) == 1


def test_without_sound_its_group_is_done() -> None:
    assert group_fraction(make_plan(make_source(audio=())), "audio", {}) == 1


@given(
    st.dictionaries(st.sampled_from(["h264#000000", "h264#000001", "audio#000000"]), st.integers(0, 10**7))
)
def test_never_above_one_and_only_growing(parts: dict[str, int]) -> None:
    plan = make_plan(make_source())
    fraction = progress_fraction(plan, parts)
    assert 0 <= fraction <= 1 + 1e-9
    for task_id in parts:
        assert progress_fraction(plan, parts | {task_id: parts[task_id] + 10}) >= fraction
