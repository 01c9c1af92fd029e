"""`make bench`: the pipeline against one FFmpeg process with the same ladder, in one run on one machine.

Prints a table, writes build/bench.json. Machines differ, so read the ratios. Each side is the median of
`--runs` on a warm stack; CPU is user and system seconds.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from infra.build import BUILD
from infra.local import deploy, ministack, ports
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.stack import Options, down, up
from tests.media.clips import bunny
from tests.media.runner import FFMPEG, ffmpeg, plan_of
from tests.stack.site import Site, Socket
from videosite.media.plan import Plan

CONSOLE = Console()
AUDIO_ARGUMENTS = ("-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000")


def make_source(folder: Path, seconds: int) -> Path:
    """The real clip, repeated to a length and encoded anew, so that its timestamps are one clip's."""
    clip = folder / f"{seconds}s.mp4"
    ffmpeg(
        "-stream_loop", "-1", "-i", str(bunny()), "-t", str(seconds),
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "125", "-c:a", "aac", "-ac", "2",
        str(clip),
    )  # fmt: skip
    return clip


def one_process(clip: Path, plan: Plan, folder: Path) -> dict[str, float]:
    """The same ladder by one FFmpeg with its default threads, to files."""
    names = [f"v{index}" for index in range(len(plan.renditions))]
    splits = "".join(f"[s{name}]" for name in names)
    graph = [f"[0:V:0]format=yuv420p,split={len(names)}{splits}"]
    arguments: list[str] = []
    for name, rung in zip(names, plan.renditions, strict=True):
        graph.append(f"[s{name}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1[{name}]")
        arguments += [
            "-map", f"[{name}]", "-c:v", "libx264", "-preset", rung.preset, "-crf", str(rung.crf),
            "-maxrate", f"{rung.maxrate_kbps}k", "-bufsize", f"{rung.bufsize_kbps}k",
            "-bf", "3", "-sc_threshold", "0",
            "-g", str(plan.segment_frames), "-keyint_min", str(plan.segment_frames),
            "-f", "mp4", "-movflags", "+frag_keyframe+empty_moov", str(folder / f"{name}.mp4"),
        ]  # fmt: skip
    before, started_s = _children_cpu_s(), time.monotonic()
    subprocess.run(
        [FFMPEG, "-nostdin", "-y", "-v", "error", "-i", str(clip),
         "-filter_complex", ";".join(graph), *arguments, *AUDIO_ARGUMENTS, str(folder / "audio.mp4")],
        check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return {"wall_s": time.monotonic() - started_s, "cpu_s": _children_cpu_s() - before}


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pipeline(site: Site, clip: Path, stack_pid: int, encoded_cpu: Any) -> dict[str, float]:
    """One upload, measured from the "complete" call: first progress, first play, published."""
    with site.socket("ws/admin") as socket:
        video_id = site.upload(clip, complete=False)
        seen: dict[str, float] = {}
        listener = threading.Thread(target=_hear, args=(socket, video_id, seen), daemon=True)
        listener.start()
        before, started_s = _tree_cpu_s(stack_pid), time.monotonic()
        site.post(f"videos/{video_id}/upload/complete", {})
        play_s = _first_play(site, video_id) - started_s
        listener.join(timeout=1800)
    if "transcode_complete" not in seen:
        raise SystemExit(f"the transcode did not complete: {site.status(video_id)}")
    return {
        "wall_s": seen["transcode_complete"] - started_s,
        "first_play_s": play_s,
        "first_progress_s": min(seen.values()) - started_s,
        "cpu_s": encoded_cpu(video_id),
        "stack_cpu_s": _tree_cpu_s(stack_pid) - before,
    }


def _hear(socket: Socket, video_id: int, seen: dict[str, float]) -> None:
    """When each kind of message about the video came first. The socket tells, as it tells a viewer;
    asking the API over and over would take the cores from what is measured."""
    while seen.keys().isdisjoint(("transcode_complete", "transcode_failed")):
        frame = socket.receive(300)
        if frame.get("video_id") == video_id:
            seen.setdefault(frame["type"], time.monotonic())


def _first_play(site: Site, video_id: int) -> float:
    """When a player could show a picture: master, list, init and first segment were all fetched."""
    while True:
        playback = site.get(f"videos/{video_id}")["playback"]
        if playback and _can_play(playback["hls"]):
            return time.monotonic()
        if site.status(video_id)["status"] in ("failed", "cancelled"):
            raise SystemExit("the transcode failed")
        time.sleep(0.25)


def _can_play(master: str) -> bool:
    answer = httpx.get(master)
    if answer.status_code != 200:
        return False
    variant = next(line for line in answer.text.splitlines() if line.endswith(".m3u8"))
    base = f"{master.removesuffix('master.m3u8')}{variant.rsplit('/', 1)[0]}/"
    files = ("init.mp4", "seg_00000.m4s")
    return all(httpx.get(base + file).status_code == 200 for file in files)


def _tree_cpu_s(pid: int) -> float:
    """CPU of a process, its living descendants and the children they have reaped."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def median(runs: list[dict[str, float]]) -> dict[str, float]:
    """Median of each figure."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 5], help="lengths of the clip")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(Path(scratch), arguments.seconds, arguments.runs)
    show(results)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    CONSOLE.print(f"written to {BUILD.name}/bench.json")


def measure(folder: Path, lengths: list[int], runs: int) -> dict[str, Any]:
    """Both sides for each length, taking turns."""
    home = Home(folder / "home")
    options = Options(port=ports.take(("proxy",), {})["proxy"], ephemeral=True, wait_until_warm=True)
    try:
        record = up(home, options, CONSOLE.print)
        credentials = json.loads(home.credentials.read_text())
        site = Site(record.public_url, credentials["email"], credentials["password"])
        stack_pid = record.processes["ministack"].pid
        tables = deploy.client("dynamodb", ministack.url(record.ports["ministack"]), load_keys(home).root)

        def encoded_cpu(video_id: int) -> float:
            rows = tables.query(
                TableName=f"{deploy.STACK}-tasks",
                KeyConditionExpression="job = :job",
                ExpressionAttributeValues={":job": {"S": f"{video_id}#1"}},
            )["Items"]
            return sum(float(row["cpu_s"]["N"]) for row in rows)

        CONSOLE.print("warming up")
        site.wait(site.upload(bunny()))
        results: dict[str, Any] = {"machine": machine(), "runs": runs, "clips": {}}
        for seconds in lengths:
            clip = make_source(folder, seconds)
            plan = plan_of(clip, "h264-only")
            ours, theirs = [], []
            for index in range(runs):
                CONSOLE.print(f"{seconds} s clip, run {index + 1} of {runs}")
                theirs.append(one_process(clip, plan, folder))
                ours.append(pipeline(site, clip, stack_pid, encoded_cpu))
            results["clips"][str(seconds)] = {"ours": median(ours), "one_process": median(theirs)}
        site.close()
    finally:
        down(home, CONSOLE.print)
    return results


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


def show(results: dict[str, Any]) -> None:
    """A table per clip: both sides and their ratio."""
    CONSOLE.print(results["machine"])
    for seconds, sides in results["clips"].items():
        ours, theirs = sides["ours"], sides["one_process"]
        table = Table(title=f"{seconds} s of 720p, median of {results['runs']}")
        for column in ("what", "VideoSite", "one FFmpeg process", "ratio"):
            table.add_column(column, justify="left" if column == "what" else "right")
        rows = (
            ("CPU of all encodes, s", ours["cpu_s"], theirs["cpu_s"]),
            ("upload complete to published, s", ours["wall_s"], theirs["wall_s"]),
            ("upload complete to first play, s", ours["first_play_s"], theirs["wall_s"]),
            ("upload complete to first progress message, s", ours["first_progress_s"], None),
            ("CPU of the whole stack, s", ours["stack_cpu_s"], theirs["cpu_s"]),
        )
        for what, mine, other in rows:
            ratio = f"{mine / other:.2f}" if other else ""
            table.add_row(what, f"{mine:.2f}", f"{other:.2f}" if other else "", ratio)
        CONSOLE.print(table)


if __name__ == "__main__":
    main()
