"""Where FFmpeg and ffprobe are. Never taken from PATH: an unknown build gives unknown bytes."""

import stat
import sys
from functools import lru_cache
from pathlib import Path

from videosite.errors import VideoSiteError
from videosite.pipeline.child import Child
from videosite.settings import get_settings

VERSION_S = 20


@lru_cache(maxsize=2)
def find_binary(name: str) -> str:
    """Absolute path of `ffmpeg` or `ffprobe`.

    Looks at FFMPEG_PATH / FFPROBE_PATH, then /opt/bin (a layer on Lambda), then bin/ of the
    directories on sys.path (where emulators unpack layers, without the execute bit).

    Raises:
        VideoSiteError: `no_ffmpeg`, naming the places that were tried.
    """
    setting = getattr(get_settings(), f"{name}_path")
    candidates = [Path(setting)] if setting else [
        Path("/opt/bin", name),
        *(Path(entry, "bin", name) for entry in sys.path if entry),
    ]  # fmt: skip
    for candidate in candidates:
        if candidate.is_file():
            mode = candidate.stat().st_mode
            if not mode & stat.S_IXUSR:
                candidate.chmod(mode | stat.S_IXUSR)
            return str(candidate)
    tried = ", ".join(str(candidate) for candidate in candidates)
    raise VideoSiteError("no_ffmpeg", f"No {name} binary is installed; looked at {tried}.")


@lru_cache(maxsize=1)
def encoder_build() -> str:
    """FFmpeg's own version, e.g. "9.0.2-static": segments of two builds never mix in one asset."""
    lines: list[str] = []
    with Child([find_binary("ffmpeg"), "-version"], lines.append, cpu_s=VERSION_S) as child:
        child.wait(VERSION_S)
    if child.exit_code != 0 or not lines:
        raise VideoSiteError("no_ffmpeg", "The installed ffmpeg does not start.")
    return lines[0].split()[2]
