"""`python -m tests.bench.images`: CPU and size of a video's pictures, storage in memory.

Sources are Big Buck Bunny, looped; the film of ten hours has the plan of one, and the same few segments for
all it reads: what it costs depends on how many are read, not on what is in them.
"""

import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from tests.fuzz.__main__ import use_binaries
from tests.media.clips import bunny
from tests.media.runner import encode_video, ffmpeg, probe
from tests.media.storage import serve
from videosite.media.images import plan_storyboard, smallest_rendition
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source
from videosite.pipeline import jobs, tasks
from videosite.pipeline.meter import Meter
from videosite.pipeline.previews import make_previews
from videosite.pipeline.stills import make_stills
from videosite.pipeline.watch import Watch
from videosite.store import objects
from videosite.store.tables import Job, Task

SECONDS = 12
LENGTHS_S = (60, 600, 36_000)


def main() -> None:
    """Measure and print."""
    use_binaries()
    table = Table("pictures", "CPU s", "KB stored")
    with tempfile.TemporaryDirectory() as folder:
        for lines in (720, 2160):
            clip = make_source(Path(folder), lines)
            source = probe(clip)
            plan = make_plan(source, "h264-only")
            with serve(clip.read_bytes()) as base:
                stills = partial(make_stills, url=f"{base}/source")
                measure(table, f"stills, {lines}p", stills, plan, [])
            if lines == 720:
                measure_previews(table, clip, source)
    Console().print(table)


def make_source(folder: Path, lines: int) -> Path:
    """A clip with key frames ten seconds apart, as x264 makes them unless told otherwise."""
    path = folder / f"{lines}p.mp4"
    ffmpeg(
        "-stream_loop", "-1", "-i", str(bunny()), "-t", str(SECONDS), "-an", "-vf", f"scale=-2:{lines}",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-g", "250", str(path),
    )  # fmt: skip
    return path


def measure_previews(table: Table, clip: Path, source: Source) -> None:
    """Storyboard and preview of videos of different lengths."""
    for seconds in LENGTHS_S:
        like = Source(**{**source.__dict__, "duration_s": Fraction(seconds), "frames": None})
        plan = make_plan(like, "h264-only")
        ends = Plan(**{**plan.__dict__, "frames": SECONDS * 25})
        name = smallest_rendition(plan)
        track = encode_video(clip, ends, [(0, ends.segments)], [name])[name]
        segments = [track.inits[0], *(fragment.data for fragment in track.fragments)]
        tiles = plan_storyboard(plan).tiles
        previews = partial(make_previews, _url="")
        measure(table, f"previews, {seconds} s, {tiles} tiles", previews, plan, segments)


def measure(
    table: Table,
    what: str,
    work: Callable[..., tuple[int, int]],
    plan: Plan,
    segments: list[bytes],
) -> None:
    """Run one kind of work and add its row. `segments`: init and media segments to read, by number."""

    def get(_bucket: str, key: str) -> bytes:
        number = key[-9:-4]
        return segments[1 + int(number) % (len(segments) - 1) if number.isdecimal() else 0]

    job = Job(7, "job#00001", generation=1, asset_key="a" * 32, source_etag="right")
    task = Task("7#1", "image#000000", group="image", first=0, end=1)
    with (
        patch.object(objects, "get", get),
        patch.object(objects, "put"),
        patch.object(jobs, "update"),
        patch.object(jobs, "still_runs", lambda _: True),
        patch.object(tasks, "heartbeat"),
    ):
        watch = Watch(job, task, "owner", lambda: None, lambda: 600.0)
        meter = Meter(0)
        _, size_bytes = work(job, plan, task, watch=watch)
    table.add_row(what, f"{meter.read().cpu_s:.2f}", f"{size_bytes / 1000:.0f}")


if __name__ == "__main__":
    main()
