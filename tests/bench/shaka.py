"""Shaka Streamer (from PyPI, in an environment of its own) on the same clip with the same ladder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.local.environments import python_of
from videosite.media.plan import Plan


def configure(clip: Path, plan: Plan, rates_kbps: Mapping[str, float], folder: Path) -> list[str]:
    """Write its three files; returns its command line.

    Args:
        clip: the source.
        plan: whose H.264 renditions are to be made.
        rates_kbps: rendition → average rate, which it aims at: it knows no constant quality. With ours, both
            sides have the same bits.
        folder: gets the files and, under `out`, the result.
    """
    rungs = [rung for rung in plan.renditions if rung.codec == "h264"]
    sources = [{"name": str(clip), "media_type": kind} for kind in ("video", "audio")]
    pipeline = {
        "streaming_mode": "vod",
        "resolutions": [rung.name for rung in rungs],
        "channel_layouts": ["stereo"],
        "audio_codecs": ["aac"],
        "video_codecs": ["h264"],
        "manifest_format": ["dash", "hls"],
        "segment_size": round(float(plan.segment_frames / plan.rate)),
        "segment_per_file": True,
        "quiet": True,
    }
    rates: dict[str, Any] = {
        "audio_channel_layouts": {"stereo": {"max_channels": 2, "bitrates": {"aac": "128k"}}},
        "video_resolutions": {
            rung.name: {
                "max_width": rung.width,
                "max_height": rung.height,
                "bitrates": {"h264": f"{round(rates_kbps[rung.name])}k"},
            }
            for rung in rungs
        },
    }
    for name, document in (("inputs", {"inputs": sources}), ("pipeline", pipeline), ("rates", rates)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    python = python_of("bench")
    return [
        str(python), str(python.with_name("shaka-streamer")),
        "-i", str(folder / "inputs.yaml"), "-p", str(folder / "pipeline.yaml"),
        "-b", str(folder / "rates.yaml"), "-o", str(folder / "out"),
    ]  # fmt: skip


def start(argv: list[str]) -> subprocess.Popen[bytes]:
    """Start it, silent."""
    path = f"{Path(argv[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return subprocess.Popen(
        argv,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def result(folder: Path, height: int) -> tuple[Path, int]:
    """(one file with a rendition's video, its bytes)."""
    out = folder / "out"
    (init,) = out.glob(f"video_*{height}p*_init.mp4")
    stem = init.name.removesuffix("init.mp4")
    numbers = sorted(
        int(path.name.removeprefix(stem).removesuffix(".mp4")) for path in out.glob(f"{stem}[0-9]*.mp4")
    )
    joined = folder / f"{height}p.mp4"
    with joined.open("wb") as file:
        for part in (init, *(out / f"{stem}{number}.mp4" for number in numbers)):
            file.write(part.read_bytes())
    return joined, joined.stat().st_size
