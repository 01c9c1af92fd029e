"""What is read of FFmpeg's summaries, and the gain that follows."""

import pytest

from videosite.media.loudness import Loudness, gains_db, parse_summaries


def summary(name: str, lufs: str = "-23.1", peak: str = "-2.4", spread: str = "7.5") -> str:
    """As FFmpeg 9.0.2 prints it."""
    return (
        f"[ebur128@{name} @ 0x7fc238013a40] Summary:\n\n  Integrated loudness:\n    I:         {lufs} LUFS\n"
        f"    Threshold: -33.4 LUFS\n\n  Loudness range:\n    LRA:         {spread} LU\n"
        "    Threshold: -43.4 LUFS\n    LRA low:   -29.0 LUFS\n    LRA high:  -21.5 LUFS\n\n"
        f"  True peak:\n    Peak:       {peak} dBFS\n"
    )


def test_each_rendition_has_its_own() -> None:
    words = "Stream mapping:\n" + summary("aac-stereo") + summary("aac-surround", "-20.0", "0.3", "4.0")
    assert parse_summaries(words, ["aac-stereo", "aac-surround"]) == {
        "aac-stereo": Loudness(-23.1, -2.4, 7.5),
        "aac-surround": Loudness(-20.0, 0.3, 4.0),
    }


@pytest.mark.parametrize(
    "words",
    ["", summary("a", lufs="-70.0"), summary("a", lufs="nan"), summary("a", peak="-inf"), summary("other"),
     summary("a")[:150], summary("a") + summary("a", lufs="-70.0", peak="-inf")],
)  # fmt: skip
def test_silence_and_nonsense_have_none(words: str) -> None:
    assert parse_summaries(words, ["a"]) == {}


def test_a_title_that_looks_like_a_summary_gains_nothing() -> None:
    assert parse_summaries(summary("a", lufs="-1.0") + summary("a") + summary("b"), ["a", "b"]).keys() == {
        "b"
    }


@pytest.mark.parametrize(
    ("loudness", "gain"),
    [
        (Loudness(-23.0, -12.0, 5.0), 7.0),
        (Loudness(-23.0, -2.5, 5.0), 1.5),
        (Loudness(-9.0, 0.8, 5.0), -7.0),
        (Loudness(-14.0, 2.0, 5.0), -3.0),
        (Loudness(-60.0, -50.0, 5.0), 20.0),
    ],
)
def test_the_gain_reaches_the_target_or_the_peak(loudness: Loudness, gain: float) -> None:
    assert gains_db({"a": loudness}) == {"a": gain}
    assert loudness.true_peak_dbtp + gain <= -1
