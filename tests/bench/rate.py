"""The fitted ladder against the fixed one: bits of all renditions, and VMAF of what a viewer is given.

`python -m tests.bench.rate` needs no stack. Each content is 10 s of 1280×720, encoded as workers do.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.media.clips import bunny
from tests.media.runner import FFMPEG, Track, encode_video, ffmpeg, plan_of
from videosite.media.complexity import complexity_argv, fit_ladder, is_worth_a_look, needed_kbps
from videosite.media.ladder import Rendition
from videosite.media.plan import Plan
from videosite.media.quality import read_log, sampled_segments, vmaf_argv

SECONDS = 10
SIZE = "1280x720"
LINK_KBPS = 1500
"""The viewer's connection in the comparison."""
PAPER = f"color=0xf8f8f8:s={SIZE}:r=25"
TEXT = "drawgrid=w=16:h=36:t=2:c=0x303030@0.6,drawgrid=w=64:h=36:t=6:c=0xf8f8f8"
CONTENTS = {
    "slides": (
        "-f", "lavfi", "-i",
        f"{PAPER},{TEXT},drawbox=x='80+floor(t/4)*200':y=120:w=480:h=360:c=0x2060c0:t=fill",
    ),
    "screen with a moving window": (
        "-f", "lavfi", "-i",
        f"{PAPER},{TEXT}[a];color=0x204060:s=400x300:r=25,drawgrid=w=20:h=20:c=white@0.5[b];"
        "[a][b]overlay=x='40+mod(n*5\\,800)':y=200",
    ),
    "Big Buck Bunny": ("-stream_loop", "3", "-i", str(bunny())),
    "Big Buck Bunny with grain": ("-stream_loop", "3", "-i", str(bunny()), "-vf", "noise=alls=16:allf=t"),
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        show(measure(Path(folder)), Console())


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """Content → figures of both ladders."""
    return {name: _measure_one(make_content(folder, name)) for name in CONTENTS}


def make_content(folder: Path, name: str) -> Path:
    """A source of a content, better than any rendition of it."""
    clip = folder / f"{name.replace(' ', '-')}.mp4"
    arguments = CONTENTS[name]
    ffmpeg(*arguments, "-t", str(SECONDS), "-an", "-s", SIZE.replace("x", ":"), "-crf", "18", str(clip))
    return clip


def _measure_one(clip: Path) -> dict[str, Any]:
    fixed = plan_of(clip, "h264-only")
    looked = is_worth_a_look(fixed, clip.stat().st_size)
    before, started_s = psutil.Process().cpu_times(), time.monotonic()
    answer = subprocess.run(
        complexity_argv(FFMPEG, fixed, str(clip), allow_file=True),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    took_s, after = time.monotonic() - started_s, psutil.Process().cpu_times()
    kbps = needed_kbps(fixed, answer.stdout.splitlines())
    fitted = replace(fixed, renditions=fit_ladder(fixed, kbps)) if kbps is not None and looked else fixed
    figures = _ladder_figures(clip, fixed)
    return {
        "looked": looked,
        "look_cpu_s": sum(after[2:4]) - sum(before[2:4]),
        "look_wall_s": took_s,
        "source_kbps": clip.stat().st_size * 8 / 1000 / SECONDS,
        "fixed": figures,
        "fitted": figures if fitted == fixed else _ladder_figures(clip, fitted),
    }


def _ladder_figures(clip: Path, plan: Plan) -> dict[str, Any]:
    tracks = encode_video(clip, plan)
    scores = mean_scores(clip, plan, tracks)
    top = plan.renditions[0]
    given = rung_for(plan, LINK_KBPS)
    kbps = {name: len(track.data) * 8 / 1000 / SECONDS for name, track in tracks.items()}
    return {
        "rungs": [f"{rung.height}p ≤ {rung.maxrate_kbps}" for rung in plan.renditions],
        "kbps": sum(kbps.values()),
        "top_kbps": kbps[top.name],
        "top_vmaf": scores[top.name],
        "given": given.name,
        "given_vmaf": scores[given.name],
    }


def rung_for(plan: Plan, link_kbps: int) -> Rendition:
    """What a player picks that goes by the promised rate: the largest rung that fits."""
    fitting = [rung for rung in plan.renditions if rung.maxrate_kbps <= link_kbps]
    return fitting[0] if fitting else plan.renditions[-1]


def mean_scores(clip: Path, plan: Plan, tracks: Mapping[str, Track]) -> dict[str, float]:
    """Rendition → mean VMAF of the segments a worker would measure."""
    samples = sampled_segments(plan)
    scores = [segment_scores(clip, plan, tracks, segment) for segment in samples]
    return {name: sum(score[name] for score in scores) / len(samples) for name in tracks}


def segment_scores(clip: Path, plan: Plan, tracks: Mapping[str, Track], segment: int) -> dict[str, float]:
    """Rendition → VMAF of one segment, by the worker's command line."""
    media, logs = ({name: os.pipe() for name in tracks} for _ in range(2))
    texts: dict[str, str] = {}

    def write(name: str) -> None:
        with os.fdopen(media[name][1], "wb") as pipe:
            pipe.write(tracks[name].inits[0] + tracks[name].fragments[segment].data)

    def read(name: str) -> None:
        with os.fdopen(logs[name][0], "rb") as pipe:
            texts[name] = pipe.read().decode()

    media_fds = {name: ends[0] for name, ends in media.items()}
    log_fds = {name: ends[1] for name, ends in logs.items()}
    argv = vmaf_argv(
        FFMPEG, plan, segment, str(clip), media_fds, log_fds, plan.seek_margin_s, allow_file=True
    )
    fds = [*media_fds.values(), *log_fds.values()]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=fds):
        for fd in fds:
            os.close(fd)
        threads = [threading.Thread(target=work, args=(name,)) for name in tracks for work in (write, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    start, end = plan.frame_span(segment, segment + 1)
    scores = {name: read_log(text, end - start) for name, text in texts.items()}
    return {name: score for name, score in scores.items() if score is not None}


def show(results: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """Two tables: what is stored, and what a viewer of a thin line is given."""
    stored = Table(
        "content", "source kbit/s", "look: CPU s, wall s", "rungs", "kbit/s of all: fixed", "fitted", "saved",
        "VMAF of the top: fixed", "fitted", title="fixed ladder against fitted, H.264",
    )  # fmt: skip
    thin = Table(
        "content", "fixed ladder", "VMAF", "fitted ladder", "VMAF",
        title=f"given to a viewer of {LINK_KBPS} kbit/s",
    )  # fmt: skip
    for name, it in results.items():
        fixed, fitted = it["fixed"], it["fitted"]
        look = f"{it['look_cpu_s']:.2f}, {it['look_wall_s']:.2f}" if it["looked"] else "not taken"
        stored.add_row(
            name, f"{it['source_kbps']:.0f}", look, ", ".join(fitted["rungs"]), f"{fixed['kbps']:.0f}",
            f"{fitted['kbps']:.0f}", f"{1 - fitted['kbps'] / fixed['kbps']:.0%}", f"{fixed['top_vmaf']:.1f}",
            f"{fitted['top_vmaf']:.1f}",
        )  # fmt: skip
        thin.add_row(
            name, fixed["given"], f"{fixed['given_vmaf']:.1f}", fitted["given"], f"{fitted['given_vmaf']:.1f}"
        )
    console.print(stored, thin)


if __name__ == "__main__":
    main()
