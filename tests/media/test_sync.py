"""Flashes and clicks at the same moments stay together, whatever the source is like."""

from pathlib import Path

import numpy as np
import pytest

from tests.media.runner import decode_video, encode_audio, encode_video, ffmpeg, plan_of
from tests.media.test_audio import decode
from videosite.media.sound import SAMPLE_RATE

SECONDS = 5
LIMIT_S = 0.02

PCM = ("-c:a", "pcm_s16le")
KINDS: dict[str, tuple[str, str, int, str, tuple[str, ...], tuple[str, ...]]] = {
    # Suffix, frame rate, frames between flashes, layout; what stands before the picture and before the sound
    # (`-itsoffset`), and how it is written.
    "aac 44.1 kHz in mp4": ("mp4", "25", 25, "stereo", (), ("-c:a", "aac", "-ar", "44100")),
    "29.97 fps": ("mp4", "30000/1001", 30, "stereo", (), ("-c:a", "aac")),
    "59.94 fps": ("mov", "60000/1001", 60, "mono", (), PCM),
    "5.1 AC-3 from 5.25 s in mkv": (
        "mkv", "25", 25, "5.1", (), ("-c:a", "ac3", "-output_ts_offset", "5.25"),
    ),
    "Opus in mkv": ("mkv", "25", 25, "stereo", (), ("-c:a", "libopus")),
    "MP2 from 5.1 s in TS": ("ts", "25", 25, "stereo", (), ("-c:a", "mp2", "-output_ts_offset", "5.1")),
    "sound 1 s later": ("mkv", "25", 25, "stereo", ("sound", "1"), PCM),
    "sound 2 s later in mp4": ("mp4", "25", 25, "stereo", ("sound", "2"), ("-c:a", "aac")),
    "sound 1 s earlier": ("mkv", "25", 25, "stereo", ("picture", "1"), PCM),
    "sound 2 s earlier in TS": ("ts", "25", 25, "stereo", ("picture", "2"), ("-c:a", "aac")),
    "FLAC at 96 kHz": ("mkv", "25", 25, "stereo", (), ("-c:a", "flac", "-ar", "96000")),
}  # fmt: skip


def make_flashes(
    path: Path, rate: str, every: int, layout: str, late: tuple[str, ...], output: tuple[str, ...]
) -> Path:
    """One white frame and one click, each `every` frames."""
    above, _, below = rate.partition("/")
    between = every * SAMPLE_RATE * int(below or 1) // int(above)
    offset = {late[0]: ("-itsoffset", late[1])} if late else {}
    picture = f"color=s=64x48:r={rate}:d={SECONDS},format=gray,geq=lum='if(mod(N\\,{every})\\,16\\,235)'"
    clicks = f"aevalsrc='0.9*eq(mod(n\\,{between})\\,0)':s={SAMPLE_RATE}:d={SECONDS}"
    sound = f"{clicks},aformat=channel_layouts={layout}"
    ffmpeg(
        *offset.get("picture", ()), "-f", "lavfi", "-i", picture,
        *offset.get("sound", ()), "-f", "lavfi", "-i", sound,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", *output, str(path),
    )  # fmt: skip
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_flash_and_its_click_stay_together(kind: str, tmp_path: Path) -> None:
    suffix, *values, output = KINDS[kind]
    source = make_flashes(tmp_path / f"flashes.{suffix}", *values, output=output)
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
            assert abs(click_s - at_s) < min(LIMIT_S, 0.5 / float(plan.rate))
    assert found >= len(heard) - 2
    assert found >= 2
