"""Sound and picture do not drift apart in minutes: clocks that differ by a little show at the end."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.runner import decode_video, encode_audio, encode_video, plan_of
from tests.media.test_audio import decode
from tests.media.test_sync import AAC, LIMIT_S, Kind, make_flashes
from videosite.media.sound import SAMPLE_RATE

SECONDS = 360
NTSC = Fraction(30_000, 1001)
AROUND_S = 0.1
KINDS = {
    "MP4, 29.97 fps, 44.1 kHz": Kind("mp4", (*AAC, "-ar", "44100"), NTSC, 60),
    "TS, 25 fps, 44.1 kHz": Kind("ts", ("-c:a", "mp2", "-ar", "44100"), every=50),
    "TS, 29.97 fps, 48 kHz": Kind("ts", AAC, NTSC, 60),
    "MKV, 29.97 fps, 44.1 kHz": Kind("mkv", (*AAC, "-ar", "44100"), NTSC, 60),
    "MKV, 25 fps, 48 kHz": Kind("mkv", ("-c:a", "ac3"), every=50),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_flash_and_its_click_are_together_at_start_middle_and_end(kind: str, tmp_path: Path) -> None:
    source = make_flashes(tmp_path / f"flashes.{KINDS[kind].suffix}", KINDS[kind], SECONDS)
    plan = plan_of(source, "h264-only")
    # One piece, as a worker makes it: what its clock is off by adds up.
    assert len(plan.ranges("audio")) == 1
    samples = np.abs(decode(encode_audio(source, plan))[0])
    assert len(samples) > (SECONDS - 1) * SAMPLE_RATE
    # Two segments hold two flashes, and the last may lack its second.
    for first in (1, plan.segments // 2, plan.segments - 3):
        video = encode_video(source, plan, [(first, first + 2)])[plan.renditions[0].name]
        frames = decode_video(video.data, tmp_path)
        start = plan.frame_span(first, first + 2)[0]
        flashes = [n for n, frame in enumerate(frames) if frame.to_ndarray(format="gray").mean() > 128]
        assert flashes
        for flash in flashes:
            at_s = float((start + flash) / plan.rate)
            begin = int((at_s - AROUND_S) * SAMPLE_RATE)
            around = samples[begin : int((at_s + AROUND_S) * SAMPLE_RATE)]
            assert around.max() > 0.1
            assert abs((begin + int(np.argmax(around))) / SAMPLE_RATE - at_s) < LIMIT_S
