"""What is left of a ladder for easy content, and that hard content keeps all of it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.factories import SOURCES, make_source
from videosite.errors import BadInputError
from videosite.media.complexity import (
    LOWEST_SHARE,
    SAMPLE_FRAMES,
    SAMPLES,
    fit_ladder,
    is_worth_a_look,
    needed_kbps,
)
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source


def plan_1080p(**values: object) -> Plan:
    return make_plan(make_source(width=1920, height=1080, **values))


def make_lines(key: int, other: int, count: int = SAMPLES * SAMPLE_FRAMES) -> list[str]:
    sizes = [key if n % SAMPLE_FRAMES == 0 else other for n in range(count)]
    return ["#software: x", *(f"0, {n}, {n}, 1, {size}, 0x0" for n, size in enumerate(sizes)), ""]


def test_easy_content_loses_rungs_between_the_largest_and_the_smallest_and_has_lower_caps() -> None:
    plan = plan_1080p()
    found = fit_ladder(plan, 10)
    assert [rung.name for rung in found] == ["h264-1080p", "h264-360p", "av1-1080p", "av1-360p"]
    caps = {rung.name: rung.maxrate_kbps for rung in plan.renditions}
    assert all(rung.maxrate_kbps == caps[rung.name] * LOWEST_SHARE for rung in found)
    assert all(rung.bufsize_kbps == rung.maxrate_kbps for rung in found)


def test_hard_content_keeps_its_ladder() -> None:
    assert fit_ladder(plan_1080p(), 5000) == plan_1080p().renditions


@given(SOURCES, st.floats(0, 10_000))
def test_nothing_is_raised_and_largest_and_smallest_stay(source: Source, kbps: float) -> None:
    try:
        plan = make_plan(source)
    except BadInputError:
        return
    found = fit_ladder(plan, kbps)
    ladder = {rung.name: rung for rung in plan.renditions}
    for rung in found:
        whole = ladder[rung.name]
        assert rung.maxrate_kbps <= whole.maxrate_kbps
        assert replace(rung, maxrate_kbps=0, bufsize_kbps=0) == replace(whole, maxrate_kbps=0, bufsize_kbps=0)
    for codec in plan.codecs:
        names = plan.renditions_of(codec)
        kept = [rung.name for rung in found if rung.codec == codec]
        assert {names[0], names[-1]} <= set(kept)
        assert [name for name in names if name in kept] == kept


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_harder_content_never_gets_less(one: float, other: float) -> None:
    easier, harder = (fit_ladder(plan_1080p(), kbps) for kbps in sorted((one, other)))
    caps = {rung.name: rung.maxrate_kbps for rung in harder}
    top = [rung for rung in easier if rung.height == 1080]
    assert all(rung.maxrate_kbps <= caps[rung.name] for rung in top)
    assert len(easier) <= len(harder)


def test_what_it_needs_is_a_key_frame_and_the_rest_of_a_segment() -> None:
    plan = plan_1080p()
    assert needed_kbps(plan, make_lines(10_000, 100)) == pytest.approx((10_000 + 49 * 100) * 8 / 1000 / 2)


@pytest.mark.parametrize("count", [0, 1, SAMPLES * SAMPLE_FRAMES - 1])
def test_samples_that_are_missing_say_nothing(count: int) -> None:
    assert needed_kbps(plan_1080p(), make_lines(10_000, 100, count)) is None


def test_only_what_may_be_easy_is_looked_at() -> None:
    minute_at_a_megabit = 60 * 125_000
    assert is_worth_a_look(plan_1080p(), minute_at_a_megabit)
    assert not is_worth_a_look(plan_1080p(), 10 * minute_at_a_megabit)
    assert not is_worth_a_look(plan_1080p(duration_s=Fraction(5)), minute_at_a_megabit // 12)
    assert not is_worth_a_look(make_plan(make_source(width=320, height=240)), minute_at_a_megabit // 10)


def test_a_fitted_plan_is_stored_and_read_as_it_is() -> None:
    plan = plan_1080p()
    fitted = replace(plan, renditions=fit_ladder(plan, 10))
    assert Plan.from_dict(fitted.to_dict()) == fitted
