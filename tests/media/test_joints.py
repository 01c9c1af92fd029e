"""Joints between audio pieces on real material, with an attack on every one of them."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.media.clips import bunny
from tests.media.runner import encode_audio, ffmpeg, plan_of
from tests.media.test_audio import SEGMENT_SAMPLES, Samples, decode, level_db, reference
from videosite.media.sound import SAMPLE_RATE

SEGMENTS = 14
JOINTS = (4, 7, 8, 11)
AROUND = 2048
"""Samples before and after a joint that both AAC windows at it reach."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film's sound, with a drum-like attack at the start of every segment."""
    path = tmp_path_factory.mktemp("joints") / "source.mov"
    seconds = SEGMENTS * SEGMENT_SAMPLES / SAMPLE_RATE
    attack = f"0.6*(2*random(0)-1)*exp(-60*mod(t\\,{SEGMENT_SAMPLES}/{SAMPLE_RATE}))"
    ffmpeg(
        "-f", "lavfi", "-i", f"color=s=64x48:r=25:d={seconds}", "-stream_loop", "-1", "-i", str(bunny()),
        "-f", "lavfi", "-i", f"aevalsrc='{attack}|{attack}':s={SAMPLE_RATE}:d={seconds}",
        "-filter_complex",
        "[1:a]aresample=48000,aformat=channel_layouts=stereo[film];[film][2:a]amix=2:normalize=0[a]",
        "-map", "0:v", "-map", "[a]", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast",
        "-c:a", "pcm_s16le", str(path),
    )  # fmt: skip
    return path


def test_no_joint_is_worse_than_where_there_is_none(source: Path) -> None:
    """The error against the source, just around each attack: of pieces and of one encode."""
    plan = plan_of(source)
    ends = [0, *JOINTS, plan.segments_of("aac-stereo")]
    original = reference(source)
    joined = decode(encode_audio(source, plan, list(pairwise(ends))))
    whole = decode(encode_audio(source, plan, [(0, ends[-1])]))

    def error_db(samples: Samples, segment: int) -> float:
        middle = segment * SEGMENT_SAMPLES
        span = slice(middle - AROUND, middle + AROUND)
        assert level_db(original[:, span]) > -30
        return level_db(samples[:, span] - original[:, span])

    elsewhere = [error_db(joined, segment) for segment in range(2, SEGMENTS - 1) if segment not in JOINTS]
    for joint in JOINTS:
        assert error_db(joined, joint) < error_db(whole, joint) + 0.5
        assert error_db(joined, joint) <= max(elsewhere)
