"""The same clip and ladder made in three ways: by the pipeline, by one FFmpeg process, by Shaka Streamer."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.local import deploy
from tests.bench import shaka
from tests.bench.meter import PeakMemory, tree_cpu_s
from tests.media.clips import bunny
from tests.media.runner import FFMPEG, ffmpeg
from tests.stack.site import Site, Socket
from videosite.media.plan import Plan

Figures = dict[str, float]
ENCODES = ("h264", "av1", "audio")
"""Groups of tasks that make what is played; the others make pictures, measure loudness, extract subtitles."""
VMAF_EVERY = 5
"""Every fifth frame is judged."""


@dataclass(frozen=True)
class Stack:
    """The running stack and an admin's account on it."""

    site: Site
    pid: int
    """MiniStack's: workers and what they start are below it."""
    tables: Any
    """A DynamoDB client."""

    def tasks(self, video_id: int) -> list[dict[str, Any]]:
        """{group, first, end, cpu_s, wall_s} of a video's tasks."""
        rows = self.tables.query(
            TableName=f"{deploy.STACK}-tasks",
            KeyConditionExpression="job = :job",
            ExpressionAttributeValues={":job": {"S": f"{video_id}#1"}},
        )["Items"]
        numbers = ("first", "end", "cpu_s", "wall_s")
        return [
            {"group": row["group"]["S"], **{name: float(row[name]["N"]) for name in numbers if name in row}}
            for row in rows
        ]

    def published_at_s(self, video_id: int) -> float:
        """Unix time at which a video's last codec was published."""
        job = self.tables.get_item(
            TableName=f"{deploy.STACK}-jobs",
            Key={"video_id": {"N": str(video_id)}, "item": {"S": "job#00001"}},
        )["Item"]
        took_s = [float(value["N"]) for value in job["took_s"]["M"].values()]
        return float(job["started_at_s"]["N"]) + max(took_s)


def make_source(folder: Path, seconds: int) -> Path:
    """The real clip, repeated to a length and encoded anew, so that its timestamps are one clip's."""
    clip = folder / f"{seconds}s.mp4"
    if not clip.exists():
        ffmpeg(
            "-stream_loop", "-1", "-i", str(bunny()), "-t", str(seconds), "-fps_mode", "cfr",
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "125", "-c:a", "aac", "-ac", "2",
            str(clip),
        )  # fmt: skip
    return clip


# --- one process ------------------------------------------------------------------------------------


def one_process(clip: Path, plan: Plan, folder: Path) -> Figures:
    """The same ladder by one FFmpeg with its default threads, to files."""
    names = [rung.name for rung in plan.renditions]
    splits = "".join(f"[s{index}]" for index in range(len(names)))
    graph = [f"[0:V:0]format=yuv420p,split={len(names)}{splits}"]
    arguments: list[str] = []
    for index, rung in enumerate(plan.renditions):
        graph.append(f"[s{index}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1[v{index}]")
        arguments += [
            "-map", f"[v{index}]", "-c:v", "libx264", "-preset", rung.preset, "-crf", str(rung.crf),
            "-maxrate", f"{rung.maxrate_kbps}k", "-bufsize", f"{rung.bufsize_kbps}k",
            "-bf", "3", "-sc_threshold", "0",
            "-g", str(plan.segment_frames), "-keyint_min", str(plan.segment_frames),
            "-f", "mp4", "-movflags", "+frag_keyframe+empty_moov", str(folder / f"{rung.name}.mp4"),
        ]  # fmt: skip
    audio = ("-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000")
    argv = [
        FFMPEG, "-nostdin", "-y", "-v", "error", "-i", str(clip), "-filter_complex", ";".join(graph),
        *arguments, *audio, str(folder / "audio.mp4"),
    ]  # fmt: skip
    figures = _child(lambda: subprocess.Popen(argv, stdin=subprocess.DEVNULL))
    top = folder / f"{names[0]}.mp4"
    return {**figures, "top_bytes": top.stat().st_size, "vmaf": vmaf(top, clip, plan)}


def shaka_streamer(clip: Path, plan: Plan, rates_kbps: dict[str, float], folder: Path) -> Figures:
    """The same ladder by Shaka Streamer, aiming at the given rates."""
    folder.mkdir(exist_ok=True)
    argv = shaka.configure(clip, plan, rates_kbps, folder)
    figures = _child(lambda: shaka.start(argv))
    file, size_bytes = shaka.result(folder, plan.renditions[0].height)
    return {**figures, "top_bytes": size_bytes, "vmaf": vmaf(file, clip, plan)}


def _child(start: Callable[[], subprocess.Popen[bytes]]) -> Figures:
    before, started_s = _children_cpu_s(), time.monotonic()
    with PeakMemory(os.getpid()) as memory:
        process = start()
        if process.wait():
            raise SystemExit(f"{process.args!r:.200} failed with {process.returncode}")
    return {
        "wall_s": time.monotonic() - started_s,
        "cpu_s": _children_cpu_s() - before,
        "memory_mb": memory.all_mb,
    }


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# --- the pipeline -----------------------------------------------------------------------------------


def pipeline(stack: Stack, clip: Path, ladder: str = "h264-only") -> tuple[int, Figures]:
    """One upload, measured from the "complete" call: first progress, first play,
    published, completed with its pictures."""
    site = stack.site
    with site.socket("ws/admin") as socket, PeakMemory(stack.pid) as memory:
        video_id = site.upload(clip, complete=False, ladder=ladder)
        seen: dict[str, float] = {}
        listener = threading.Thread(target=_hear, args=(socket, video_id, seen), daemon=True)
        listener.start()
        before, started_s, started_at_s = tree_cpu_s(stack.pid), time.monotonic(), time.time()
        site.complete(video_id)
        play_s = first_play(site, video_id) - started_s
        listener.join(timeout=3600)
        stack_cpu_s = tree_cpu_s(stack.pid) - before
    if "transcode_complete" not in seen:
        raise SystemExit(f"the transcode did not complete: {site.status(video_id)}")
    # Measuring goes on after the end; what is measured next must not share the cores with it.
    site.wait_measured(video_id, timeout_s=600)
    tasks = stack.tasks(video_id)
    cost = site.status(video_id)["cost"]
    return video_id, {
        "published_s": stack.published_at_s(video_id) - started_at_s,
        "wall_s": seen["transcode_complete"] - started_s,
        "first_play_s": play_s,
        "first_progress_s": min(seen.values()) - started_s,
        "cpu_s": sum(task.get("cpu_s", 0) for task in tasks if task["group"] in ENCODES),
        "side_cpu_s": sum(task.get("cpu_s", 0) for task in tasks if task["group"] not in ENCODES),
        "stack_cpu_s": stack_cpu_s,
        "memory_mb": memory.one_mb,
        "tasks": len(tasks),
        "usd_per_minute": cost["usd_per_minute"],
    }


def _hear(socket: Socket, video_id: int, seen: dict[str, float]) -> None:
    """When each kind of message about the video came first. The socket tells, as it tells a viewer;
    asking the API over and over would take the cores from what is measured."""
    while seen.keys().isdisjoint(("transcode_complete", "transcode_failed")):
        frame = socket.receive(900)
        if frame.get("video_id") == video_id:
            seen.setdefault(frame["type"], time.monotonic())


def first_play(site: Site, video_id: int) -> float:
    """When a player could show a picture: master, list, init and first segment were all fetched."""
    # One connection and one call each time: more would take the cores from what is measured.
    with httpx.Client() as player:
        while True:
            video = site.get(f"videos/{video_id}")
            if video["playback"] and _can_play(player, video["playback"]["hls"]):
                return time.monotonic()
            if video["status"] in ("failed", "cancelled"):
                raise SystemExit("the transcode failed")
            time.sleep(0.25)


def _can_play(player: httpx.Client, master: str) -> bool:
    answer = player.get(master)
    if answer.status_code != 200:
        return False
    variant = next(line for line in answer.text.splitlines() if line.endswith(".m3u8"))
    base = f"{master.removesuffix('master.m3u8')}{variant.rsplit('/', 1)[0]}/"
    files = ("init.mp4", "seg_00000.m4s")
    return all(player.get(base + file).status_code == 200 for file in files)


def judge(site: Site, video_id: int, clip: Path, plan: Plan, folder: Path) -> Figures:
    """Bytes and VMAF of the largest rendition of a published video."""
    top = plan.renditions[0]
    base = site.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    joined = folder / f"ours-{top.name}.mp4"
    with joined.open("wb") as file:
        for name in ("init.mp4", *(f"seg_{number:05d}.m4s" for number in range(plan.segments))):
            file.write(httpx.get(f"{base}{top.name}/{name}").raise_for_status().content)
    return {"top_bytes": joined.stat().st_size, "vmaf": vmaf(joined, clip, plan)}


def rates_of(site: Site, video_id: int, plan: Plan) -> dict[str, float]:
    """Rendition → its average rate in kbit/s."""
    sizes = {row["name"]: row["size_bytes"] for row in site.status(video_id)["renditions"]}
    return {name: size * 8 / 1000 / float(plan.duration_s) for name, size in sizes.items()}


def vmaf(file: Path, clip: Path, plan: Plan) -> float:
    """Mean VMAF of a video file against the clip, frame n against frame n, at the clip's size.

    Both are called what the plan takes them for: FFmpeg would convert the colours of one side that is tagged
    to those of another that is not, and cost it five points.
    """
    steady = f"setparams=colorspace={plan.matrix},settb=1/1000,setpts=N*{1000 / float(plan.rate)}"
    graph = (
        f"[0:v]scale={plan.width}:{plan.height}:flags=bicubic,format=yuv420p,{steady}[a];"
        f"[1:v]format=yuv420p,{steady}[b];"
        f"[a][b]libvmaf=n_threads={os.cpu_count()}:n_subsample={VMAF_EVERY}:log_fmt=json:log_path=/dev/stdout"
    )
    argv = [
        FFMPEG, "-nostdin", "-v", "error", "-i", str(file), "-i", str(clip), "-filter_complex", graph,
        "-fps_mode", "passthrough", "-f", "null", "-",
    ]  # fmt: skip
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return float(json.loads(re.sub(r"^[^{]*", "", done.stdout))["pooled_metrics"]["vmaf"]["mean"])
