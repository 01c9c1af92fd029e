"""Command line that takes the text subtitles out of a source."""

from collections.abc import Mapping

from videosite.media.command import input_limits
from videosite.media.plan import Plan


def subtitles_argv(
    ffmpeg: str,
    plan: Plan,
    url: str,
    fds: Mapping[str, int],
    headers: str = "",
    allow_file: bool = False,
) -> list[str]:
    """One FFmpeg that reads the source once and writes each track as WebVTT, with the source's own times.

    `fds` maps the tracks' names to the write ends of their pipes.
    """
    argv = [
        ffmpeg, "-nostdin", "-y", "-v", "warning", *input_limits(url, headers, allow_file),
        "-vn", "-an", "-dn", "-copyts", "-max_error_rate", "1", "-i", url,
    ]  # fmt: skip
    for track in plan.subtitles:
        if track.name in fds:
            argv += ["-map", f"0:s:{track.stream_index}", "-c:s", "webvtt", "-f", "webvtt"]
            argv += [f"pipe:{fds[track.name]}"]
    return argv
