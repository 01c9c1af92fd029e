"""Flashes and clicks at the same moments stay together, whatever the source is like."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.runner import decode_video, encode_audio, encode_video, ffmpeg, plan_of
from tests.media.test_audio import decode
from videosite.media.sound import SAMPLE_RATE

SECONDS = 5
LIMIT_S = 0.001

PCM = ("-c:a", "pcm_s16le")
AAC = ("-c:a", "aac")


@dataclass(frozen=True)
class Kind:
    """How a source is made. `every`: frames from flash to flash; `late`: what starts later, by seconds."""

    suffix: str
    output: tuple[str, ...]
    rate: Fraction = Fraction(25)
    every: int = 25
    layout: str = "stereo"
    late: tuple[str, str] = ("sound", "0")


KINDS = {
    "AAC at 44.1 kHz in mp4": Kind("mp4", (*AAC, "-ar", "44100")),
    "29.97 fps": Kind("mp4", AAC, Fraction(30_000, 1001), 30),
    "59.94 fps, mono": Kind("mov", PCM, Fraction(60_000, 1001), 60, "mono"),
    "5.1 AC-3 from 5.25 s": Kind("mkv", ("-c:a", "ac3", "-output_ts_offset", "5.25"), layout="5.1"),
    "Opus": Kind("mkv", ("-c:a", "libopus")),
    "MP2 from 5.1 s in TS": Kind("ts", ("-c:a", "mp2", "-output_ts_offset", "5.1")),
    "FLAC at 96 kHz": Kind("mkv", ("-c:a", "flac", "-ar", "96000")),
    "sound 1 s later": Kind("mkv", PCM, late=("sound", "1")),
    "sound 2 s later in mp4": Kind("mp4", AAC, late=("sound", "2")),
    "sound 1 s earlier": Kind("mkv", PCM, late=("picture", "1")),
    "sound 2 s earlier in TS": Kind("ts", AAC, late=("picture", "2")),
}


def make_flashes(path: Path, kind: Kind, seconds: int = SECONDS) -> Path:
    """One white frame and one click, each `every` frames."""
    between = round(kind.every / kind.rate * SAMPLE_RATE)
    picture = f"color=s=64x48:r={kind.rate}:d={seconds},format=gray"
    picture += f",geq=lum='if(mod(N\\,{kind.every})\\,16\\,235)'"
    sound = f"aevalsrc='0.9*eq(mod(n\\,{between})\\,0)':s={SAMPLE_RATE}:d={seconds}"
    sound += f",aformat=channel_layouts={kind.layout}"
    offsets = {kind.late[0]: kind.late[1]}
    ffmpeg(
        "-itsoffset", offsets.get("picture", "0"), "-f", "lavfi", "-i", picture,
        "-itsoffset", offsets.get("sound", "0"), "-f", "lavfi", "-i", sound,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p",
        *kind.output, str(path),
    )  # fmt: skip
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_flash_and_its_click_stay_together(kind: str, tmp_path: Path) -> None:
    source = make_flashes(tmp_path / f"flashes.{KINDS[kind].suffix}", KINDS[kind])
    plan = plan_of(source, "h264-only")
    video = encode_video(source, plan)[plan.renditions[0].name]
    levels = [float(frame.to_ndarray(format="gray").mean()) for frame in decode_video(video.data, tmp_path)]
    flashes_s = [index / float(plan.rate) for index, level in enumerate(levels) if level > 128]
    samples = np.abs(decode(encode_audio(source, plan, [(0, 1), (1, plan.segments_of("aac-stereo"))]))[0])
    # The first frame of AAC is lost to its priming, and a click needs sound on both sides to be found.
    heard = [at_s for at_s in flashes_s if 0.1 < at_s < len(samples) / SAMPLE_RATE - 0.1]
    found = 0
    for at_s in heard:
        start = int((at_s - 0.1) * SAMPLE_RATE)
        around = samples[start : int((at_s + 0.1) * SAMPLE_RATE)]
        if around.max() > 0.1:
            found += 1
            click_s = (start + int(np.argmax(around))) / SAMPLE_RATE
            assert abs(click_s - at_s) < LIMIT_S
    assert found >= len(heard) - 2
    assert found >= 2
