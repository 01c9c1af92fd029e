"""Pictures by arithmetic: sizes, which frames, how many, and the list of tiles."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.factories import make_source
from videosite.media.image_command import parse_candidate
from videosite.media.images import (
    MAX_TILES,
    SHEET_TILES,
    candidate_frames,
    fit,
    plan_preview,
    plan_storyboard,
    storyboard_vtt,
)
from videosite.media.plan import Plan, make_plan

SIDES = st.integers(2, 9000)


def plan_for(seconds: Fraction | int, rate: Fraction | int = 25) -> Plan:
    return make_plan(
        make_source(duration_s=Fraction(seconds), average_rate=Fraction(rate), base_rate=Fraction(rate))
    )


@given(SIDES, SIDES, st.sampled_from([160, 320, 640, 960, 1280]))
def test_sizes_are_even_and_never_larger(width: int, height: int, side: int) -> None:
    fitted = fit(width, height, side)
    assert all(size % 2 == 0 and 2 <= size <= side for size in fitted)
    assert fitted[0] <= width
    assert fitted[1] <= height


@given(st.fractions(Fraction(1), 43_200, max_denominator=100), st.sampled_from([1, 12, 25, 50]))
def test_tiles_are_bounded_and_cover_the_video_once(seconds: Fraction, rate: int) -> None:
    plan = plan_for(seconds, rate)
    storyboard = plan_storyboard(plan)
    assert 1 <= storyboard.tiles <= MAX_TILES
    assert (storyboard.tiles - 1) * storyboard.step_frames < plan.frames
    assert storyboard.tiles * storyboard.step_frames >= plan.frames
    spans = [(sheet.first, sheet.end) for sheet in storyboard.sheets]
    assert [first for first, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == storyboard.tiles
    for sheet in storyboard.sheets:
        assert sheet.end - sheet.first <= min(SHEET_TILES, sheet.columns * sheet.rows)
        assert sheet.every or len(sheet.segments) == sheet.end - sheet.first


def test_a_film_of_ten_hours_reads_four_hundred_segments() -> None:
    storyboard = plan_storyboard(plan_for(36_000))
    assert sum(len(sheet.segments) for sheet in storyboard.sheets) == 400
    assert storyboard.step_frames == 90 * 25


def test_the_list_names_each_tile_and_its_place() -> None:
    plan = plan_for(Fraction(1155, 100))
    text = storyboard_vtt(plan, plan_storyboard(plan), ["sheet.jpg?v=2"])
    cues = text.split("\n\n")
    assert cues[0] == "WEBVTT"
    assert cues[1] == "00:00:00.000 --> 00:00:01.000\nsheet.jpg?v=2#xywh=0,0,160,90"
    assert cues[11] == "00:00:10.000 --> 00:00:11.000\nsheet.jpg?v=2#xywh=0,90,160,90"
    assert cues[12] == "00:00:11.000 --> 00:00:11.560\nsheet.jpg?v=2#xywh=160,90,160,90\n"
    assert len(cues) == 13


def test_hours_are_counted() -> None:
    plan = plan_for(36_000)
    storyboard = plan_storyboard(plan)
    assert "\n09:58:30.000 --> 10:00:00.000\n" in storyboard_vtt(plan, storyboard, ["a", "b", "c", "d"])


@given(st.fractions(Fraction(1, 25), 43_200, max_denominator=100))
def test_the_preview_takes_few_and_different_segments(seconds: Fraction) -> None:
    plan = plan_for(seconds)
    preview = plan_preview(plan)
    assert 1 <= len(set(preview.segments)) == len(preview.segments) <= 5
    assert list(preview.segments) == sorted(preview.segments)
    assert preview.segments[-1] < plan.segments
    assert all(start < end for start, end in preview.spans)
    assert sum(end - start for start, end in preview.spans) <= 4 * plan.rate


def test_candidates_are_frames_of_the_video() -> None:
    assert candidate_frames(plan_for(Fraction(1, 25))) == [0]
    assert candidate_frames(plan_for(100)) == [250, 625, 1000, 1375, 1750, 2125]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], None),
        (["frame:0    pts:12 pts_time:1"], None),
        (
            [
                "frame:0    pts:-12800  pts_time:-1", "lavfi.entropy.normalized_entropy.normal.Y=0.566260",
                "frame:1    pts:12800   pts_time:1", "lavfi.entropy.normalized_entropy.normal.Y=0.563131",
            ],
            ("-12800", 0.56626),
        ),
    ],
)  # fmt: skip
def test_the_first_frame_that_is_printed_counts(lines: list[str], found: tuple[str, float] | None) -> None:
    assert parse_candidate(lines) == found
