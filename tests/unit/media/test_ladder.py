"""The ladder: never larger than the source, even sides, names that tell."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.errors import BadInputError
from videosite.media.ladder import ladders, make_ladder
from videosite.web.schemas.videos import Ladder


@pytest.mark.parametrize(
    ("size", "rungs"),
    [
        ((1920, 1080), ["1920x1080", "1280x720", "854x480", "640x360"]),
        ((3840, 2160), ["1920x1080", "1280x720", "854x480", "640x360"]),
        ((1080, 1920), ["1080x1920", "720x1280", "480x854", "360x640"]),
        ((1280, 720), ["1280x720", "854x480", "640x360"]),
        ((1920, 816), ["1920x816", "1694x720", "1130x480", "848x360"]),
        ((640, 360), ["640x360"]),
        ((426, 240), ["426x240"]),
        ((320, 300), ["320x300", "256x240"]),
        ((160, 90), ["160x90"]),
        ((345, 345), ["344x344", "240x240"]),
        ((2, 2), ["2x2"]),
    ],
)
def test_rungs(size: tuple[int, int], rungs: list[str]) -> None:
    ladder = make_ladder(*size, ladder="h264-only")
    assert [f"{rung.width}x{rung.height}" for rung in ladder] == rungs
    assert [rung.name for rung in ladder] == [f"h264-{min(rung.width, rung.height)}p" for rung in ladder]


@given(st.integers(2, 8192), st.integers(2, 8192))
def test_every_size_gets_rungs_it_can_hold(width: int, height: int) -> None:
    ladder = make_ladder(width, height)
    assert ladder
    assert len({rung.name for rung in ladder}) == len(ladder)
    for rung in ladder:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width
        assert rung.height <= height
        assert rung.maxrate_kbps >= 240
    for codec in ("h264", "av1"):
        caps = [rung.maxrate_kbps for rung in ladder if rung.codec == codec]
        assert caps == sorted(caps, reverse=True)


def test_more_frames_get_more_bits() -> None:
    assert make_ladder(1280, 720, 30)[0].maxrate_kbps == 2800
    assert make_ladder(1280, 720, 60)[0].maxrate_kbps == 4200


def test_wider_pictures_get_more_bits_by_their_pixels() -> None:
    """A screen of 32:9 is two of 16:9, also after cropping; others keep their caps."""
    assert make_ladder(3840, 1080, 30)[0].maxrate_kbps == 10_000
    assert make_ladder(3840, 1040, 30)[0].maxrate_kbps == 9629
    assert make_ladder(1920, 816, 30)[0].maxrate_kbps == 5000
    assert make_ladder(1440, 1080, 30)[0].maxrate_kbps == 5000
    assert make_ladder(1080, 1920, 30)[0].maxrate_kbps == 5000


def test_av1_has_the_sizes_of_h264_for_less() -> None:
    ladder = make_ladder(1280, 720)
    assert [rung.name for rung in ladder] == [
        f"{codec}-{side}p" for codec in ("h264", "av1") for side in (720, 480, 360)
    ]
    assert all(av1.maxrate_kbps < h264.maxrate_kbps for h264, av1 in zip(ladder[:3], ladder[3:], strict=True))


@pytest.mark.parametrize(
    ("ladder", "names"),
    [
        ("h264-only", ["h264-1080p", "h264-720p", "h264-480p", "h264-360p"]),
        ("av1-only", ["av1-1080p", "av1-720p", "av1-480p", "av1-360p"]),
        ("fast", ["h264-720p", "h264-360p"]),
    ],
)
def test_ladders(ladder: str, names: list[str]) -> None:
    assert [rung.name for rung in make_ladder(1920, 1080, ladder=ladder)] == names


def test_a_picture_av1_cannot_hold_is_h264_alone_or_refused() -> None:
    assert {rung.codec for rung in make_ladder(62, 400)} == {"h264"}
    with pytest.raises(BadInputError, match="too small for the ladder av1-only"):
        make_ladder(62, 400, ladder="av1-only")


def test_the_api_offers_the_ladders_of_the_file() -> None:
    assert set(ladders()) == set(get_args(Ladder))
