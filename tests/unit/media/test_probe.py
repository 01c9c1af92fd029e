"""What is taken, and what is refused with which code."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.factories import AUDIO_STREAM, make_document, make_video_stream
from videosite.errors import BadInputError
from videosite.media.plan import make_plan
from videosite.media.probe import parse_probe

COVER = make_video_stream(codec_name="mjpeg", disposition={"attached_pic": 1})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NUMBERS = st.from_regex(r"-?\d{1,22}([./]\d{1,22})?", fullmatch=True)
KEYS = sorted(make_video_stream(side_data_list=[], tags={}))


def test_facts_of_an_ordinary_file() -> None:
    source = parse_probe(make_document())
    assert (source.width, source.height) == (1280, 720)
    assert source.average_rate == source.base_rate == 25
    assert source.duration_s == 60
    assert source.duration_is_exact
    assert source.frames == 1500
    assert [(t.index, t.codec, t.channels, t.sample_rate, t.language) for t in source.audio] == [
        (0, "aac", 2, 44_100, "en")
    ]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "unreadable"),
        ({"streams": []}, "unreadable"),
        (make_document(make_video_stream(codec_name="unknown")), "unreadable"),
        (make_document(AUDIO_STREAM), "no_video"),
        (make_document(AUDIO_STREAM, COVER), "no_video"),
        (make_document(make_video_stream(codec_name="av1"), tags={"major_brand": "avif"}), "picture"),
        (make_document(make_video_stream(codec_name="hevc"), tags={"major_brand": "heic"}), "picture"),
        (make_document(make_video_stream(codec_name="png"), format_name="png_pipe"), "picture"),
        (make_document(make_video_stream(codec_name="gif"), format_name="gif"), "picture"),
        (make_document(*[make_video_stream()] * 33), "too_many_streams"),
        (make_document(make_video_stream(width=0)), "too_large"),
        (make_document(make_video_stream(height=-8)), "too_large"),
        (make_document(make_video_stream(width=8000, height=8000)), "too_large"),
        (make_document(make_video_stream(width=9_000_000, height=1)), "too_large"),
        (make_document(make_video_stream(width=4096, height=2304, sample_aspect_ratio="8:1")), "too_large"),
        (make_document(make_video_stream(width=2, sample_aspect_ratio="1:8")), "too_large"),
        (make_document(make_video_stream(avg_frame_rate="1000000/1")), "bad_rate"),
        (make_document(make_video_stream(avg_frame_rate="2/36000", duration="36000.04")), "bad_rate"),
        (make_document(make_video_stream(duration="36000.04"), size="5456"), "bad_rate"),
        (make_document(make_video_stream(duration=None, nb_frames=None), duration=None), "bad_duration"),
        (make_document(make_video_stream(duration="-5"), duration="-5"), "bad_duration"),
        (make_document(make_video_stream(duration="43200.1")), "too_long"),
        (make_document(make_video_stream(duration="9223372036854775807")), "too_long"),
    ],
)
def test_refusals(document: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        parse_probe(document)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")


@given(st.dictionaries(st.sampled_from(["streams", "format", "programs"]), JSON))
def test_no_document_breaks_it(document: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        parse_probe(document)


@given(st.dictionaries(st.sampled_from(KEYS), JSON | NUMBERS))
def test_no_stream_breaks_it_or_the_plan(values: dict[str, Any]) -> None:
    try:
        plan = make_plan(parse_probe(make_document(make_video_stream(**values))))
    except BadInputError:
        return
    assert 1 <= plan.frames <= 12 * 3600 * 60
    assert 1 <= plan.rate <= 60
    assert len(plan.ranges("h264")) < 500


@pytest.mark.parametrize(
    ("rotation", "size"),
    [(0, (1280, 720)), (90, (720, 1280)), (-90, (720, 1280)), (180, (1280, 720)), ("-270", (720, 1280)),
     (89.9, (720, 1280)), (10, (1280, 720))],
)  # fmt: skip
def test_size_is_as_displayed(rotation: object, size: tuple[int, int]) -> None:
    stream = make_video_stream(side_data_list=[{"side_data_type": "Other"}, {"rotation": rotation}])
    source = parse_probe(make_document(stream))
    assert (source.width, source.height) == size


def test_pixels_need_not_be_square() -> None:
    stream = make_video_stream(width=720, height=576, sample_aspect_ratio="64:45")
    assert parse_probe(make_document(stream)).width == 1024
    absurd = make_video_stream(width=720, height=576, sample_aspect_ratio="1000:1")
    assert parse_probe(make_document(absurd)).width == 720


def test_a_cover_before_the_video_is_passed_over() -> None:
    assert parse_probe(make_document(COVER, make_video_stream())).codec == "h264"


def test_matroska_tells_the_end_of_each_track() -> None:
    """Its container's duration is that of the longest track; the tag counts from the file's zero."""
    stream = make_video_stream(
        duration=None,
        nb_frames=None,
        time_base="1/1000",
        start_pts=5250,
        tags={"DURATION": "00:00:10.090000000"},
    )
    source = parse_probe(make_document(stream, format_name="matroska,webm", duration="99"))
    assert source.duration_s == Fraction("4.84")
    assert source.duration_is_exact
    assert source.frames is None


def test_without_a_tag_the_container_must_do() -> None:
    """The container's time starts with its first track, which may be the sound."""
    stream = make_video_stream(duration=None, time_base="1/1000", start_pts=2000)
    source = parse_probe(make_document(stream, start_time="0.5", duration="10"))
    assert source.duration_s == Fraction("8.5")
    assert not source.duration_is_exact


@pytest.mark.parametrize(
    ("defaults", "codecs", "index"),
    [
        ((1, 0), "hh", 0),
        ((0, 1), "hh", 1),
        ((0, 0), "hh", 0),
        ((1, 1), "hh", 0),
        ((1, 0), "?h", 1),
        ((0, 1), "h?", 0),
    ],
)
def test_the_video_is_the_default_one_that_can_be_read(
    defaults: tuple[int, ...], codecs: str, index: int
) -> None:
    """Counted without the cover before them, as FFmpeg does."""
    streams = [
        make_video_stream(codec_name={"h": "h264", "?": "unknown"}[codec], disposition={"default": default})
        for default, codec in zip(defaults, codecs, strict=True)
    ]
    assert parse_probe(make_document(COVER, *streams)).video_index == index
