"""A film of ten hours through the whole pipeline: how long until it plays, how many tasks and bytes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from cli.client import Client, site_at
from cli.upload import send_file
from tests.bench.meter import PeakMemory
from tests.bench.sides import Figures, Stack, first_play
from tests.media.runner import ffmpeg, plan_of
from tests.stack.site import ENDED, Site

HOURS = 10
RATE = 5
POLL_S = 5


def make_film(folder: Path) -> Path:
    """Ten hours of a tiny test picture at 5 fps with a tone: one hour, ten times."""
    hour, film = folder / "hour.mp4", folder / f"{HOURS}h.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc=s=160x90:r={RATE}:d=3600",
        "-f", "lavfi", "-i", "sine=440:r=48000:d=3600",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-g", "50", "-c:a", "aac", "-b:a", "24k",
        str(hour),
    )  # fmt: skip
    ffmpeg("-stream_loop", str(HOURS - 1), "-i", str(hour), "-c", "copy", str(film))
    return film


def _wait(site: Site, video_id: int) -> dict[str, Any]:
    """The status once the transcode has ended."""
    while (status := site.status(video_id))["status"] not in ENDED:
        time.sleep(POLL_S)
    return status


def long_film(stack: Stack, credentials: Path, film: Path, out: Console) -> Figures:
    """Upload it and wait until it is published.

    Args:
        stack: running.
        credentials: the admin's file.
        film: what to upload.
        out: where the upload's bar goes.
    """
    plan = plan_of(film, "h264-only")
    client = Client(site_at(stack.site.base_url, credentials))
    size_bytes = film.stat().st_size
    wanted = {"ladder": "h264-only", "title": film.name}
    with PeakMemory(stack.pid) as memory:
        video = send_file(client, film, size_bytes, wanted, out, {})
        started_s = time.monotonic()
        video_id = int(video["video_id"])
        play_s = first_play(stack.site, video_id) - started_s
        status = _wait(stack.site, video_id)
        wall_s = time.monotonic() - started_s
    if status["status"] != "completed":
        raise SystemExit(f"the film did not complete: {status}")
    base = stack.site.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    playlist = httpx.get(f"{base}{plan.renditions[0].name}/index.m3u8").raise_for_status().content
    return {
        "source_mb": size_bytes / 1e6,
        "frames": plan.frames,
        "first_play_s": play_s,
        "wall_s": wall_s,
        "tasks": len(stack.tasks(video_id)),
        "segments": playlist.count(b"#EXTINF"),
        "playlist_kb": len(playlist) / 1e3,
        "memory_mb": memory.one_mb,
        "usd": status["cost"]["usd"],
    }
