"""The grid's arithmetic."""

import json
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.media.factories import SOURCES, make_source
from videosite.errors import BadInputError
from videosite.media.ladder import ladders, work_s
from videosite.media.plan import WORK_S, Plan, make_plan
from videosite.media.probe import Source
from videosite.media.rates import choose_rate
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE

FILM = Fraction(24000, 1001)
NTSC = Fraction(30_000, 1001)


@pytest.mark.parametrize(
    ("average", "base", "rate"),
    [
        (25, 25, 25),
        (NTSC, NTSC, NTSC),
        ("19001/317", "19001/317", "60000/1001"),
        ("100/3", "100/3", "100/3"),
        (7, 7, 7),
        (1, 1, 1),
        ("1/2", "1/2", 1),
        ("1/3", "1/3", 1),
        ("2/3", "2/3", "4/3"),
        ("1/36000", "1/36000", 1),
        (120, 120, 60),
        (240, 240, 60),
        (144, 144, 48),
        (75, 75, "75/2"),
        (0, 0, 30),
        (0, 1_000_000, 30),
        (1000, 1000, 30),
        (0, 1000, 30),
        ("7.2", 1, 30),
        ("14.9", "90000", 30),
        ("23.97", "90000", FILM),
        ("6050/243", 250, 25),
        ("23.1", 30, 30),
        ("29.5", 30, 30),
        ("26", "90000", NTSC),
        ("59.9", "90000", "60000/1001"),
        ("61", "90000", 60),
        ("999", "90000", 60),
        ("0.5", "90000", 30),
    ],
)
def test_rate(average: object, base: object, rate: object) -> None:
    source = make_source(average_rate=Fraction(str(average)), base_rate=Fraction(str(base)))
    assert choose_rate(source) == Fraction(str(rate))


@pytest.mark.parametrize(
    ("values", "frames"),
    [
        ({"duration_s": "4.84", "frames": 121}, 121),
        ({"duration_s": "4.84", "frames": None}, 121),
        ({"duration_s": "4.838", "frames": None}, 121),
        ({"duration_s": "4.842", "frames": None}, 121),
        # An edit list hides one frame: the duration is right.
        ({"duration_s": "4.80", "frames": 121}, 120),
        # It hides many.
        ({"duration_s": "3.34", "frames": 91}, 84),
        # The last frame has no duration, so the average is a little high: the count is right.
        ({"duration_s": "4.80", "frames": 121, "average_rate": Fraction(121 * 25, 120)}, 121),
        # The last frame is twice as long.
        ({"duration_s": "4.88", "frames": 121, "average_rate": Fraction(121 * 25, 122)}, 121),
        ({"duration_s": "0.001", "frames": 1}, 1),
    ],
)
def test_frames(values: dict[str, object], frames: int) -> None:
    source = make_source(**{**values, "duration_s": Fraction(str(values["duration_s"]))})
    plan = make_plan(source)
    assert plan.rate == 25
    assert plan.frames == frames


def test_not_one_frame_is_refused() -> None:
    with pytest.raises(BadInputError, match="bad_duration"):
        make_plan(make_source(duration_s=Fraction(1, 1000)))


@given(SOURCES)
@settings(deadline=None)
def test_ranges_partition_the_segments(source: Source) -> None:
    plan = make_plan(source)
    for group in plan.groups:
        name = plan.renditions_of(group)[0]
        ranges = plan.ranges(group)
        assert ranges[0][0] == 0
        assert ranges[-1][1] == plan.segments_of(name)
        assert all(first < end for first, end in ranges)
        assert all(before[1] == after[0] for before, after in pairwise(ranges))
    spans = [plan.frame_span(*one) for one in plan.ranges("h264")]
    assert sum(end - first for first, end in spans) == plan.frames
    assert spans[-1][1] == plan.frames


@given(SOURCES)
@settings(deadline=None)
def test_segments_follow_each_other_to_the_end(source: Source) -> None:
    plan = make_plan(source)
    unit_of = dict.fromkeys(plan.renditions_of("audio"), 1)
    for group in plan.groups:
        name = plan.renditions_of(group)[0]
        last = plan.segments_of(name) - 1
        unit = AAC_FRAME_SAMPLES if name in unit_of else plan.ticks_per_frame
        for number in {0, last // 2, max(0, last - 1)} - {last}:
            tfdt, samples = plan.expected(name, number)
            assert tfdt + samples * unit == plan.expected(name, number + 1)[0]
        assert plan.expected(name, last)[1] >= 1
    total_s = sum(plan.segment_duration_s("h264", n) for n in range(min(plan.segments, 200)))
    assert total_s == plan.duration_s or plan.segments > 200


@given(SOURCES)
def test_sound_covers_the_picture_and_ends_with_it(source: Source) -> None:
    plan = make_plan(source)
    if plan.audio:
        over_s = Fraction(plan.audio.frames * AAC_FRAME_SAMPLES, SAMPLE_RATE) - plan.duration_s
        assert 0 <= over_s < Fraction(AAC_FRAME_SAMPLES, SAMPLE_RATE)


@given(SOURCES)
def test_a_plan_survives_json(source: Source) -> None:
    plan = make_plan(source)
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


@pytest.mark.parametrize("ladder", ladders())
@pytest.mark.parametrize(
    ("width", "height", "rate"), [(640, 360, 24), (1920, 1080, 60), (4096, 2304, 60), (8192, 4320, 60)]
)
def test_no_range_takes_a_worker_longer_than_a_function_has(
    width: int, height: int, rate: int, ladder: str
) -> None:
    source = make_source(
        width=width, height=height, duration_s=Fraction(12 * 3600), average_rate=Fraction(rate),
        base_rate=Fraction(rate), frames=None,
    )  # fmt: skip
    plan = make_plan(source, ladder)
    longest_s = max(end - first for first, end in plan.ranges(plan.codecs[0])) * plan.segment_frames / rate
    assert longest_s * work_s(plan.renditions, rate, width * height) <= WORK_S
    # Bounded all the same: the progress of all tasks is one item of a table: 20 bytes each, of 400 kB.
    assert sum(len(plan.ranges(group)) for group in plan.groups) < 8000


@given(st.integers(1, 12 * 3600))
@settings(deadline=None)
def test_tasks_are_few_and_the_first_is_short(seconds: int) -> None:
    plan = make_plan(make_source(duration_s=Fraction(seconds)))
    lengths = [end - first for first, end in plan.ranges("h264")]
    assert len(lengths) <= min(seconds // 7 + 5, max(150, seconds // 80 + 20))
    assert lengths[0] == 1
    assert max(lengths) * plan.segment_frames / plan.rate <= 120 + 6
    assert all(after <= 2 * before for before, after in pairwise(lengths))
    assert len(plan.ranges("audio")) <= seconds // 590 + 1


def test_a_minute_is_about_nine_ranges() -> None:
    plan = make_plan(make_source())
    assert [end - first for first, end in plan.ranges("h264")] == [1, 2, 4, 4, 4, 4, 4, 4, 3]
    assert plan.ranges("audio") == [(0, 30)]
    assert plan.ranges("av1") == plan.ranges("h264")


@pytest.mark.parametrize(
    ("minutes", "seconds", "aac_frames"), [(1, 2, 94), (29, 2, 94), (30, 4, 188), (120, 6, 282)]
)
def test_segments_grow_with_the_video(minutes: int, seconds: int, aac_frames: int) -> None:
    plan = make_plan(make_source(duration_s=Fraction(minutes * 60)))
    assert plan.segment_frames == seconds * 25
    assert plan.audio
    assert plan.audio.segment_frames == aac_frames


def test_ticks_of_a_frame_are_whole() -> None:
    for rate in (Fraction(25), NTSC, Fraction(25, 2), Fraction(100, 3)):
        plan = make_plan(make_source(average_rate=rate, base_rate=rate))
        assert Fraction(plan.ticks_per_frame, plan.timescale) == 1 / rate


def test_packet_containers_seek_from_further_back() -> None:
    assert make_plan(make_source()).seek_margin_s == 0.5
    assert make_plan(make_source(container="matroska,webm")).seek_margin_s == 0.5
    assert make_plan(make_source(container="mpegts")).seek_margin_s == 10.0


def test_without_sound() -> None:
    plan = make_plan(make_source(audio=()), "h264-only")
    assert plan.groups == ("h264",)
    assert plan.ranges("audio") == []
    assert plan.renditions_of("audio") == []


def test_a_plan_stored_before_a_field_was_added_can_be_read() -> None:
    stored = make_plan(make_source()).to_dict()
    del stored["matrix"], stored["hdr_transfer"]
    stored["deinterlace"] = True
    plan = Plan.from_dict(stored)
    assert (plan.matrix, plan.hdr_transfer) == ("bt709", "")
