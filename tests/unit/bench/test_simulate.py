"""The simulation of more workers."""

import pytest

from tests.bench.simulate import Cost, fit, simulate, unlimited
from tests.unit.media.factories import make_source
from videosite.media.plan import make_plan


def test_a_line_is_found_through_its_points() -> None:
    found = fit([(2, 5), (4, 9), (8, 17)])
    assert found.fixed_s == pytest.approx(1)
    assert found.per_s == pytest.approx(2)


def test_one_length_gives_a_rate_alone() -> None:
    assert fit([(4, 8), (4, 10)]) == Cost(0.0, 2.25)


def test_one_worker_does_all_the_work_and_many_the_longest_task() -> None:
    plan = make_plan(make_source(duration_s=3600, frames=None))
    cost = {"h264": Cost(1, 1.5), "audio": Cost(0, 0.01)}
    tasks = plan.ranges("h264")
    segment_s = float(plan.segment_frames / plan.rate)
    work_s = len(tasks) + 1.5 * sum((end - first) * segment_s for first, end in tasks)
    one = simulate(plan, cost, 1, unlimited(), 0.5)
    assert one.wall_s == pytest.approx(0.5 + work_s, rel=0.02)
    many = simulate(plan, cost, 10_000, unlimited(), 0.5)
    assert many.wall_s == pytest.approx(
        0.5 + max(1 + 1.5 * (end - first) * segment_s for first, end in tasks)
    )
    assert simulate(plan, cost, 10_000, 4, 0.5).wall_s == simulate(plan, cost, 4, unlimited(), 0.5).wall_s
