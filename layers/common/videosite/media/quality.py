"""VMAF: which segments are measured, by which command, and what their scores say of a rendition.

A rendition is compared with what its encoder was given: the source's frames on the grid, scaled,
deinterlaced and tone-mapped by the very filters of the encode. Model vmaf_v0.6.1, the default of libvmaf.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import ceil
from typing import Any

from videosite.media.command import ratio, seek, source_limits, video_filter
from videosite.media.ladder import Rendition, vmaf_floor
from videosite.media.plan import Plan

SAMPLES = 5
"""Segments measured of a codec, spread evenly over the video."""
FRAMES_PER_SAMPLE = 50
"""Frames of a segment that are measured, at most: one of VMAF takes about as long as encoding it did."""
WORST_BELOW = 15
"""How far a single segment may be under the floor of the mean."""


def sampled_segments(plan: Plan) -> list[int]:
    """Numbers of the segments to measure: the middles of equal parts of the video, ascending."""
    count = min(SAMPLES, plan.segments)
    return [(2 * part + 1) * plan.segments // (2 * count) for part in range(count)]


def frame_step(frames: int) -> int:
    """Every how many frames one is measured, in a segment of so many."""
    return ceil(frames / FRAMES_PER_SAMPLE)


def vmaf_argv(
    ffmpeg: str,
    plan: Plan,
    segment: int,
    url: str,
    media_fds: Mapping[str, int],
    log_fds: Mapping[str, int],
    margin_s: float,
    headers: str = "",
    allow_file: bool = False,
) -> list[str]:
    """One FFmpeg that measures a segment of several renditions of one codec.

    `media_fds`: rendition → read end of a pipe that gives its init and media segment; `log_fds`:
    rendition → write end of a pipe that takes libvmaf's JSON. Both sides carry grid numbers as
    timestamps, and frames are compared by these: after a late seek, frames are missing from the log,
    none is compared with its neighbour. `margin_s`: as of `video_range_argv`.
    """
    start, end = plan.frame_span(segment, segment + 1)
    renditions = [rendition for rendition in plan.renditions if rendition.name in media_fds]
    argv = [ffmpeg, "-nostdin", "-v", "warning", *source_limits(plan, url, headers, allow_file), "-copyts"]
    argv += [*seek(plan, start / plan.rate, margin_s), "-i", url]
    for rendition in renditions:
        argv += ["-protocol_whitelist", "pipe", "-f", "mov", "-i", f"pipe:{media_fds[rendition.name]}"]
    graph = [video_filter(plan, renditions, start, end)]
    graph += [
        _compare(plan, index, start, frame_step(end - start), log_fds[rendition.name])
        for index, rendition in enumerate(renditions)
    ]
    argv += ["-filter_complex", ";".join(graph)]
    for index in range(len(renditions)):
        argv += ["-map", f"[q{index}]", "-f", "null", "-"]
    return argv


def _compare(plan: Plan, index: int, start: int, step: int, log_fd: int) -> str:
    """Filters that compare [v{index}] with the picture of input {index + 1}."""
    clock = f"settb={ratio(1 / plan.rate)}"
    options = f"log_fmt=json:log_path=/dev/fd/{log_fd}:n_subsample={step}:shortest=1:repeatlast=0"
    return (
        f"[v{index}]{clock}[r{index}];[{index + 1}:V:0]{clock},setpts=N+{start},format=yuv420p[d{index}];"
        f"[d{index}][r{index}]libvmaf={options}[q{index}]"
    )


def read_log(text: str, frames: int) -> float | None:
    """The mean VMAF out of libvmaf's JSON for a segment of so many frames; None if any is missing."""
    try:
        scores = [float(frame["metrics"]["vmaf"]) for frame in json.loads(text)["frames"]]
    except (ValueError, KeyError, TypeError):
        return None
    if len(scores) != ceil(frames / frame_step(frames)):
        return None
    return round(sum(scores) / len(scores), 2)


def score_key(rendition: str, segment: int) -> str:
    """Where a job keeps a segment's score."""
    return f"{rendition}#{segment:06d}"


def summarize(plan: Plan, rendition: Rendition, scores: Mapping[str, float]) -> dict[str, Any] | None:
    """What the scores kept so far say of a rendition; None before its first.

    `mean` and `worst` over segments, `worst_at_s` where the worst begins, `samples` of `planned`
    measured, `floor` of the mean, and `below_floor`: whether it, or its worst segment by more than 15,
    is under it.
    """
    wanted = sampled_segments(plan)
    found = {n: scores[key] for n in wanted if (key := score_key(rendition.name, n)) in scores}
    if not found:
        return None
    worst_at = min(found, key=lambda number: found[number])
    mean, floor = sum(found.values()) / len(found), vmaf_floor(rendition)
    return {
        "mean": round(mean, 2),
        "worst": found[worst_at],
        "worst_at_s": round(float(worst_at * plan.segment_frames / plan.rate), 3),
        "samples": len(found),
        "planned": len(wanted),
        "floor": floor,
        "below_floor": mean < floor or found[worst_at] < floor - WORST_BELOW,
    }
