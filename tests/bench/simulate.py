"""What more workers would bring: the planner's tasks for a long film, handed out as the dispatcher does,
each taking the time that tasks of its group took in the bench."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.media.plan import Plan

WORKERS = (1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000)

PUBLISHED = (
    ("ExCamera (NSDI 2017)", "14 min 48 s of 4K to VP8, thousands of functions", 888 / 156),
    ("AWS China, serverless transcoder", "1 h to 720p H.264, 30 functions", 3600 / 119),
)
"""(who, what, times realtime), from their own publications. Other codecs, ladders and machines: an order
of magnitude to stand beside, not a comparison."""


@dataclass(frozen=True)
class Cost:
    """Seconds of one core for a task: `fixed_s`, and `per_s` for each second of video."""

    fixed_s: float
    per_s: float

    def of(self, video_s: float) -> float:
        return self.fixed_s + self.per_s * video_s


@dataclass(frozen=True)
class Outcome:
    """What a number of workers makes of a film."""

    workers: int
    wall_s: float
    first_play_s: float
    realtime: float
    """Times realtime."""


def fit(samples: Iterable[tuple[float, float]]) -> Cost:
    """Least squares through (seconds of video, CPU seconds); no slope or intercept below 0."""
    points = list(samples)
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else mean_y / mean_x
    slope = max(0.0, slope)
    return Cost(max(0.0, mean_y - slope * mean_x), slope)


def costs(tasks: Sequence[dict[str, Any]], plan: Plan) -> dict[str, Cost]:
    """Group → what its tasks cost, from the rows of a measured job."""
    segment_s = float(plan.segment_frames / plan.rate)
    found: dict[str, list[tuple[float, float]]] = {}
    for task in tasks:
        if "cpu_s" in task:
            video_s = (task["end"] - task["first"]) * segment_s
            found.setdefault(task["group"], []).append((video_s, task["cpu_s"]))
    return {group: fit(samples) for group, samples in found.items()}


def simulate(plan: Plan, cost: dict[str, Cost], workers: int, window: int, start_s: float) -> Outcome:
    """List scheduling: the next task goes to the worker that is free first, with at most `window` at once.

    Args:
        plan: of the film.
        cost: per group; groups without a figure are left out.
        workers: of one core each.
        window: tasks of one video that may be outstanding.
        start_s: from the end of the upload to the first task, and from a task to the next, in all.
    """
    segment_s = float(plan.segment_frames / plan.rate)
    order = [
        (group, (end - first) * segment_s)
        for group in sorted(cost.keys() & set(plan.groups), key=("audio", "h264", "av1").index)
        for first, end in plan.ranges(group)
    ]
    free = [start_s] * min(workers, window)
    first_ends: dict[str, float] = {}
    for group, video_s in order:
        ends = heapq.heappop(free) + cost[group].of(video_s)
        first_ends.setdefault(group, ends)
        heapq.heappush(free, ends)
    wall_s = max(free)
    first_play_s = max(ends for group, ends in first_ends.items() if group in ("audio", plan.codecs[0]))
    return Outcome(workers, wall_s, first_play_s, float(plan.duration_s) / wall_s)


def unlimited() -> int:
    """A window that never binds."""
    return int(math.pow(10, 9))
