"""Sources whose clock jumps, as recordings put end to end have it: how that is seen, and mended.

FFmpeg mends a clock while it reads a file from its start; a worker begins in the middle, and would miss
what lies behind a jump back. So such a source is copied once, with a clock that runs on.
"""

from videosite.media.command import input_limits
from videosite.media.probe import Source

CONTAINERS = frozenset({"mpegts", "mpeg"})
"""Formats that may be cut and joined as bytes, and so may carry several clocks."""
JUMP = "timestamp discontinuity"
"""What FFmpeg 9.0.2 warns of when it mends: time that goes back by 0.1 s or on by more than 10 s."""
COPY_NAME = "steady.ts"
COPY_TYPE = "video/mp2t"


def may_jump(source: Source) -> bool:
    """Whether to look. MPEG-TS has no place for the PCM sound of DVDs, so that cannot be copied."""
    return source.container in CONTAINERS and not any(track.codec.startswith("pcm") for track in source.audio)


def clock_argv(
    ffmpeg: str, url: str, headers: str = "", copy_fd: int | None = None, allow_file: bool = False
) -> list[str]:
    """One FFmpeg that reads all packets and decodes none; it writes them, mended, to `copy_fd` if given."""
    limits = input_limits(url, headers, allow_file)
    output = ["-f", "null", "-"]
    if copy_fd is not None:
        output = ["-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts", f"pipe:{copy_fd}"]
    return [
        ffmpeg, "-nostdin", "-v", "warning", *limits, "-i", url,
        "-map", "0:V:0", "-map", "0:a?", "-c", "copy", *output,
    ]  # fmt: skip
