"""How hard a source is to encode, by a few of its pictures, and the rungs and caps that leaves of a ladder.

A ladder's caps are made for hard content. Slides, screens and flat cartoons need a fraction of them: their
caps are lowered, which is what players choose by, and a rung is dropped where the next larger one, so
lowered, fits the viewers it was made for. Nothing is ever raised above the ladder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from videosite.media.command import ratio, source_limits, to_bt709
from videosite.media.ladder import BUFFER_S, Rendition, even
from videosite.media.plan import Plan
from videosite.media.probe import LARGE_PIXELS

SAMPLES = 4
SAMPLE_FRAMES = 8
"""So many pictures are looked at from so many places, from a key frame on: the work is bounded."""
SIDE = 360
"""They are encoded with this short side."""
CRF = 23
HEADROOM = Fraction(5, 2)
"""A cap is so many times the hardest sample: what lies between the samples may be harder."""
LOWEST_SHARE = Fraction(1, 5)
"""No cap falls under this share of the ladder's."""
AV1_SHARE = Fraction(16, 25)
"""Bits of AV1 against H.264, as in the caps of the ladders."""
SHORTEST_S = 10
"""Nothing is saved on shorter videos that would be worth the look."""


def is_worth_a_look(plan: Plan, size_bytes: int) -> bool:
    """Whether a source of this size may be easy: there is a rung to drop, enough video for it to matter,
    pictures are not too large, and the source itself takes no more than its largest rung may. Others never
    wait for the look."""
    average_kbps = size_bytes * 8 / 1000 / float(plan.duration_s)
    # Four decoders of larger pictures are too many for the memory.
    small = plan.width * plan.height <= LARGE_PIXELS
    dropable = small and len(plan.renditions) > len(plan.codecs)
    return dropable and plan.duration_s >= SHORTEST_S and average_kbps <= plan.renditions[0].maxrate_kbps


def complexity_argv(
    ffmpeg: str, plan: Plan, url: str, headers: str = "", allow_file: bool = False
) -> list[str]:
    """One FFmpeg that encodes the samples and prints a line per packet (framecrc) on stdout."""
    scale = min(Fraction(1), Fraction(SIDE, min(plan.width, plan.height)))
    width, height = even(plan.width, float(scale)), even(plan.height, float(scale))
    argv = [ffmpeg, "-nostdin", "-v", "warning"]
    for sample in range(SAMPLES):
        at_s = float(plan.origin_s + plan.duration_s * (2 * sample + 1) / (2 * SAMPLES))
        # More threads would decode pictures nobody looks at.
        argv += [*source_limits(plan, url, headers, allow_file), "-an", "-sn", "-dn", "-threads", "1"]
        argv += ["-ss", f"{at_s:.6f}", "-noaccurate_seek", "-seek_timestamp", "1", "-i", url]
    chain = [
        "setpts=PTS-STARTPTS",
        f"fps={ratio(plan.rate)}",
        f"trim=end_frame={SAMPLE_FRAMES}",
        f"tpad=stop={SAMPLE_FRAMES}:stop_mode=clone",
        f"trim=end_frame={SAMPLE_FRAMES}",
        *to_bt709(plan, width, height),
        f"scale={width}:{height}:flags=bicubic,setsar=1,format=yuv420p",
    ]
    samples = ";".join(f"[{n}:V:{plan.video_index}]{','.join(chain)}[s{n}]" for n in range(SAMPLES))
    joined = "".join(f"[s{n}]" for n in range(SAMPLES))
    return [
        *argv, "-filter_complex", f"{samples};{joined}concat=n={SAMPLES}[v]", "-map", "[v]",
        "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "veryfast", "-crf", str(CRF),
        "-threads", "1", "-bf", "0", "-sc_threshold", "0", "-g", str(SAMPLES * SAMPLE_FRAMES),
        "-force_key_frames", f"expr:eq(mod(n,{SAMPLE_FRAMES}),0)", "-f", "framecrc", "pipe:1",
    ]  # fmt: skip


def needed_kbps(plan: Plan, lines: Sequence[str]) -> float | None:
    """kbit/s an H.264 rendition of 360 lines needs for the hardest sample, or None if one is missing.

    `lines`: what `complexity_argv` prints. A segment is a key frame and the rest; without B-frames, packet
    n is picture n.
    """
    sizes = [int(line.split(",")[4]) for line in lines if line and not line.startswith("#")]
    if len(sizes) != SAMPLES * SAMPLE_FRAMES:
        return None
    hardest = 0.0
    for start in range(0, len(sizes), SAMPLE_FRAMES):
        key, *others = sizes[start : start + SAMPLE_FRAMES]
        segment = key + (plan.segment_frames - 1) * sum(others) / len(others)
        hardest = max(hardest, segment * 8 / 1000 * float(plan.rate) / plan.segment_frames)
    return hardest


def fit_ladder(plan: Plan, kbps: float) -> tuple[Rendition, ...]:
    """The plan's renditions for content that needs `kbps` at 360 lines: fewer rungs, lower caps.

    The largest and the smallest rung of each codec stay.
    """
    sample_pixels = min(SIDE, plan.width, plan.height) ** 2
    pixels = min(plan.width, plan.height) ** 2
    fitted: list[Rendition] = []
    for codec in plan.codecs:
        rungs = [rung for rung in plan.renditions if rung.codec == codec]
        larger: Rendition | None = None
        for rung in rungs:
            # Linear in pixels: more than larger pictures take, so never too little.
            share = Fraction(rung.width * rung.height * pixels, plan.width * plan.height * sample_pixels)
            needed = float(share * HEADROOM * (AV1_SHARE if codec == "av1" else 1)) * kbps
            cap = min(rung.maxrate_kbps, ceil(max(needed, float(rung.maxrate_kbps * LOWEST_SHARE))))
            if larger and rung is not rungs[-1] and larger.maxrate_kbps <= rung.maxrate_kbps:
                continue
            larger = replace(rung, maxrate_kbps=cap, bufsize_kbps=cap * BUFFER_S)
            fitted.append(larger)
    return tuple(fitted)
