"""`make bench`: the pipeline against one FFmpeg process and Shaka Streamer, in one run on one machine.

Parts: `sides` (the same clip and ladder in three ways), `growth` (cost and time to first play over the
clip's length), `long` (a film of ten hours), `simulation` (what more workers would bring), `rate` (the
fitted ladder against the fixed one), `realtime` (sockets), `storage` (1 GB through SeaweedFS, memory), `api`
(the HTTP API as tables grow).
Prints tables, writes build/bench.json and build/simulation.png. Machines differ, so read the ratios. Each
side is the median of `--runs` on a warm stack; CPU is user and system seconds.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from infra.build import BUILD
from infra.local import deploy, ministack, ports
from infra.local.environments import python_of
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.stack import Options, down, up
from tests.bench import api, long, rate, realtime, sides, simulate, storage
from tests.bench.sides import Figures, Stack
from tests.media.clips import bunny
from tests.media.runner import plan_of, probe
from tests.stack.site import Site
from videosite.media.plan import make_plan
from videosite.media.probe import Source

CONSOLE = Console()
PARTS = ("api", "rate", "realtime", "storage", "sides", "growth", "simulation", "long")
ALONE = ("api", "rate", "realtime", "storage")
"""Those that need no stack, or one of their own."""
COMPARED_S = (60, 5)
GROWTH_S = (10, 60, 600)
FILM_S = 3600
WINDOW = 128
"""The template's default."""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which parts: {', '.join(PARTS)}; default: all")
    parser.add_argument("--seconds", type=int, nargs="+", default=COMPARED_S, help="lengths for `sides`")
    parser.add_argument("--rows", type=int, nargs="+", default=api.ROWS, help="videos for `api`")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    BUILD.mkdir(exist_ok=True)
    results: dict[str, Any] = {"machine": machine(), "runs": arguments.runs}
    CONSOLE.print(results["machine"])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if "api" in parts:
            results["api"] = api.measure(CONSOLE, arguments.rows)
            api.show(results["api"], CONSOLE)
        if "rate" in parts:
            results["rate"] = rate.measure(folder)
            rate.show(results["rate"], CONSOLE)
        if "realtime" in parts:
            results["realtime"] = realtime.measure(CONSOLE)
            realtime.show(results["realtime"], CONSOLE)
        if "storage" in parts:
            results["storage"] = storage.measure(folder, CONSOLE)
            show_figures("1 GB of 720p at 100 Mbit/s through SeaweedFS, H.264 and sound", results["storage"])
            CONSOLE.print(storage.judge(results["storage"]))
        if set(parts) - set(ALONE):
            measure_on_stack(folder, parts, arguments, results)
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    CONSOLE.print(f"written to {BUILD.name}/bench.json")


def measure_on_stack(
    folder: Path, parts: Sequence[str], arguments: argparse.Namespace, results: dict[str, Any]
) -> None:
    """The parts that need the stack; figures go into `results`."""
    with running(folder) as (stack, home):
        if "sides" in parts:
            results["sides"] = compare(stack, folder, arguments.seconds, arguments.runs)
            show_sides(results["sides"], arguments.runs)
        if "growth" in parts:
            results["growth"] = growth(stack, folder)
            show_growth(results["growth"])
        if "simulation" in parts:
            results["simulation"] = simulation(stack, folder)
            show_simulation(results["simulation"])
        if "long" in parts:
            CONSOLE.print(f"a film of {long.HOURS} h")
            results["long"] = long.long_film(stack, home.credentials, long.make_film(folder), CONSOLE)
            show_figures(f"{long.HOURS} h of 160×90 at {long.RATE} fps, H.264 and sound", results["long"])


@contextmanager
def running(folder: Path) -> Iterator[tuple[Stack, Home]]:
    """A warm ephemeral stack."""
    home = Home(folder / "home")
    options = Options(port=ports.take(("proxy",), {})["proxy"], ephemeral=True, wait_until_warm=True)
    try:
        record = up(home, options, CONSOLE.print)
        credentials = json.loads(home.credentials.read_text())
        site = Site(record.public_url, credentials["email"], credentials["password"])
        tables = deploy.client("dynamodb", ministack.url(record.ports["ministack"]), load_keys(home).root)
        CONSOLE.print("warming up")
        site.wait(site.upload(bunny()))
        yield Stack(site, record.processes["ministack"].pid, tables), home
        site.close()
    finally:
        down(home, CONSOLE.print)


# --- parts ------------------------------------------------------------------------------------------


def compare(stack: Stack, folder: Path, lengths: list[int], runs: int) -> dict[str, Any]:
    """All three sides for each length, taking turns."""
    found: dict[str, Any] = {}
    for seconds in lengths:
        clip = sides.make_source(folder, seconds)
        plan = plan_of(clip, "h264-only")
        results: dict[str, list[Figures]] = {"VideoSite": [], "one FFmpeg process": [], "Shaka Streamer": []}
        for run in range(runs):
            CONSOLE.print(f"{seconds} s clip, run {run + 1} of {runs}")
            results["one FFmpeg process"].append(sides.one_process(clip, plan, folder))
            video_id, figures = sides.pipeline(stack, clip)
            figures |= sides.judge(stack.site, video_id, clip, plan, folder)
            results["VideoSite"].append(figures)
            rates_kbps = sides.rates_of(stack.site, video_id, plan)
            shaka_folder = folder / f"shaka-{seconds}-{run}"
            results["Shaka Streamer"].append(sides.shaka_streamer(clip, plan, rates_kbps, shaka_folder))
        found[str(seconds)] = {side: median(figures) for side, figures in results.items()}
    return found


def growth(stack: Stack, folder: Path) -> dict[str, Figures]:
    """One upload per length."""
    found = {}
    for seconds in GROWTH_S:
        CONSOLE.print(f"{seconds} s clip")
        _, found[str(seconds)] = sides.pipeline(stack, sides.make_source(folder, seconds))
    return found


def simulation(stack: Stack, folder: Path) -> dict[str, Any]:
    """Outcomes for one to a thousand workers, from the tasks of a measured job of both codecs."""
    CONSOLE.print("both codecs of 60 s, for the simulation")
    clip = sides.make_source(folder, 60)
    video_id, figures = sides.pipeline(stack, clip, "standard")
    plan = plan_of(clip, "standard")
    cost = simulate.costs(stack.tasks(video_id), plan)
    film = make_plan(_hour_of(clip))
    curves = [
        {
            "name": f"window {window}" if window == WINDOW else "no window",
            "outcomes": [
                asdict(simulate.simulate(film, cost, workers, window, figures["first_progress_s"]))
                for workers in simulate.WORKERS
            ],
        }
        for window in (WINDOW, simulate.unlimited())
    ]
    return {"cost": {group: asdict(it) for group, it in cost.items()}, "curves": curves}


def _hour_of(clip: Path) -> Source:
    """The clip's probe, as if it ran for an hour."""
    source = probe(clip)
    return replace(source, duration_s=Fraction(FILM_S), frames=None)


def median(runs: list[Figures]) -> Figures:
    """Median of each figure."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def machine() -> str:
    """Processor and cores, for the record."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}, {psutil.cpu_count()} cores, {platform.system()} {platform.release()}"


# --- tables -----------------------------------------------------------------------------------------

ROWS = (
    ("CPU of all encodes, s", "cpu_s"),
    ("CPU of pictures and loudness, s", "side_cpu_s"),
    ("upload complete to published, s", "published_s"),
    ("upload complete to completed, pictures too, s", "wall_s"),
    ("upload complete to first play, s", "first_play_s"),
    ("upload complete to first progress message, s", "first_progress_s"),
    ("CPU of the whole stack, s", "stack_cpu_s"),
    ("memory, MB (VideoSite: of the largest worker)", "memory_mb"),
    ("bytes of the largest rendition, MB", "top_bytes"),
    ("its VMAF", "vmaf"),
)
INSTEAD = {"first_play_s": "wall_s", "published_s": "wall_s", "stack_cpu_s": "cpu_s"}
"""What a side without the figure is compared by: it plays when it has ended."""


def show_sides(found: dict[str, Any], runs: int) -> None:
    """A table per clip: the sides, and our ratios."""
    for seconds, measured in found.items():
        table = Table(title=f"{seconds} s of 720p, median of {runs}; ratios: VideoSite / the other")
        table.add_column("what")
        for side in measured:
            table.add_column(side, justify="right")
            if side != "VideoSite":
                table.add_column("ratio", justify="right")
        for what, key in ROWS:
            table.add_row(what, *_cells(measured, key))
        CONSOLE.print(table)


def _cells(measured: dict[str, Figures], key: str) -> Iterator[str]:
    mine = measured["VideoSite"][key]
    scale = 1e6 if key == "top_bytes" else 1
    for side, figures in measured.items():
        value = figures.get(key, figures.get(INSTEAD.get(key, "")))
        yield f"{value / scale:.2f}" if value is not None else ""
        if side != "VideoSite":
            yield f"{mine / value:.2f}" if value else ""


def show_growth(found: dict[str, Figures]) -> None:
    """A row per length."""
    table = Table(title="720p, H.264 and sound, one run each")
    for name in ("length, s", "first play, s", "published, s", "tasks", "CPU per s of video", "$ per minute"):
        table.add_column(name, justify="right")
    for seconds, it in found.items():
        table.add_row(
            seconds, f"{it['first_play_s']:.2f}", f"{it['published_s']:.1f}", f"{it['tasks']:.0f}",
            f"{it['cpu_s'] / float(seconds):.2f}", f"{it['usd_per_minute']:.5f}",
        )  # fmt: skip
    CONSOLE.print(table)


def show_simulation(found: dict[str, Any]) -> None:
    """A row per number of workers, and the plot."""
    title = "simulated: 1 h of 720p, H.264 and AV1, workers of one core of this machine"
    table = Table(title=title)
    columns = (
        "workers",
        *(f"{curve['name']}: {what}" for curve in found["curves"] for what in ("s", "× realtime")),
    )
    for name in columns:
        table.add_column(name, justify="right")
    for rows in zip(*(curve["outcomes"] for curve in found["curves"]), strict=True):
        cells = [cell for row in rows for cell in (f"{row['wall_s']:.0f}", f"{row['realtime']:.1f}")]
        table.add_row(str(rows[0]["workers"]), *cells)
    CONSOLE.print(table)
    for who, what, speed in simulate.PUBLISHED:
        CONSOLE.print(f"published: {who}, {what}: {speed:.1f}× realtime")
    document = {
        "title": title,
        "published": [(who, speed) for who, _, speed in simulate.PUBLISHED],
        "curves": [
            {
                "name": curve["name"],
                "workers": [row["workers"] for row in curve["outcomes"]],
                "realtime": [row["realtime"] for row in curve["outcomes"]],
            }
            for curve in found["curves"]
        ],
    }
    data = BUILD / "simulation.json"
    data.write_text(json.dumps(document))
    plot = Path(__file__).with_name("plot.py")
    subprocess.run([python_of("bench"), plot, data, BUILD / "simulation.png"], check=True)
    CONSOLE.print(f"drawn in {BUILD.name}/simulation.png")


def show_figures(title: str, figures: Figures) -> None:
    """A row per figure."""
    table = Table(title=title, show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
