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
    """Whether to look."""
    return source.container in CONTAINERS


def look_argv(ffmpeg: str, url: str, headers: str = "", allow_file: bool = False) -> list[str]:
    """One FFmpeg that reads all packets and decodes none."""
    return [
        ffmpeg, "-nostdin", "-v", "warning", *input_limits(url, headers, allow_file), "-i", url,
        "-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-f", "null", "-",
    ]  # fmt: skip


def mend_argv(
    ffmpeg: str, source: Source, url: str, fd: int, headers: str = "", allow_file: bool = False
) -> list[str]:
    """One FFmpeg that writes the packets, mended, to a pipe. MPEG-TS has no place for the PCM sound of DVDs
    but as SMPTE 302M, which loses nothing."""
    argv = [ffmpeg, "-nostdin", "-v", "warning", *input_limits(url, headers, allow_file), "-i", url]
    argv += ["-map", "0:V:0", "-c", "copy"]
    for number, track in enumerate(source.audio):
        argv += ["-map", f"0:a:{track.index}"]
        if track.codec.startswith("pcm"):
            channels = min(8, track.channels + track.channels % 2)
            argv += [f"-c:a:{number}", "s302m", "-strict", "-2", f"-ar:a:{number}", "48000"]
            argv += [f"-ac:a:{number}", str(channels)]
    return [*argv, "-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts", f"pipe:{fd}"]
