"""What storage takes of a transcode: a source of 1 GB through SeaweedFS, and the memory of the whole stack.

The higher the bit rate, the more bytes per second of work: 100 Mbit/s in 720p is far above what cameras do.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil
from rich.console import Console

from cli.client import Client, site_at
from cli.upload import send_file
from infra.local import deploy, ministack, ports
from infra.local.deploy import UPLOADS
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.record import Record
from infra.local.seaweedfs import client as storage_client
from infra.local.services import storage_endpoint
from infra.local.stack import Options, down, up
from tests.bench.meter import tree_cpu_s
from tests.bench.sides import ENCODES, Figures, Stack
from tests.media.clips import bunny
from tests.media.runner import ffmpeg
from tests.stack.site import Site

SOURCE_BYTES = 1_000_000_000
KBPS = 100_000
SECONDS = SOURCE_BYTES * 8 // (KBPS * 1000)
RANGE_BYTES = 4 << 20
SAMPLE_S = 1.0
PATIENCE_S = 1800
MOST_SHARE = 0.10
MOST_MB = 2000
"""The bars."""


def make_source(folder: Path) -> Path:
    """A noisy 720p film of 1 GB: a tenth, ten times."""
    tenth, film = folder / "tenth.mp4", folder / "large.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={SECONDS / 10},noise=alls=30:allf=t",
        "-f", "lavfi", "-i", f"sine=440:r=48000:d={SECONDS / 10}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50",
        "-b:v", f"{KBPS}k", "-minrate", f"{KBPS}k", "-maxrate", f"{KBPS}k", "-bufsize", f"{KBPS}k",
        "-x264-params", "nal-hrd=cbr:filler=1", "-c:a", "aac", str(tenth),
    )  # fmt: skip
    ffmpeg("-stream_loop", "9", "-i", str(tenth), "-c", "copy", str(film))
    return film


class StackMemory:
    """Looks once a second at what the stack's processes have, FFmpeg and ffprobe aside."""

    def __init__(self, roots: dict[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peaks_mb: dict[str, float] = dict.fromkeys((*roots, "all"), 0.0)
        """Most that each had with what it started, and all together: resident, shared pages counted once."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            now = {name: sum(map(_own_mb, _family(root))) for name, root in self._roots.items()}
            for name, size_mb in (*now.items(), ("all", sum(now.values()))):
                self.peaks_mb[name] = max(self.peaks_mb[name], size_mb)


def _family(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _own_mb(process: psutil.Process) -> float:
    """Proportional set size in MB; 0 for what FFmpeg has, and for processes that have just ended."""
    try:
        if process.name().startswith(("ffmpeg", "ffprobe")):
            return 0.0
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


@contextmanager
def running(folder: Path, out: Console) -> Iterator[tuple[Stack, Home, Record]]:
    """A warm ephemeral stack on SeaweedFS."""
    home = Home(folder / "seaweedfs-stack")
    port = ports.take(("proxy",), {})["proxy"]
    options = Options(port=port, storage="seaweedfs", ephemeral=True, wait_until_warm=True)
    try:
        record = up(home, options, out.print)
        credentials = json.loads(home.credentials.read_text())
        site = Site(record.public_url, credentials["email"], credentials["password"])
        tables = deploy.client("dynamodb", ministack.url(record.ports["ministack"]), load_keys(home).root)
        out.print("warming up")
        site.wait_measured(site.upload(bunny()), timeout_s=300)
        yield Stack(site, record.processes["ministack"].pid, tables), home, record
        site.close()
    finally:
        down(home, out.print)


def measure(folder: Path, out: Console) -> Figures:
    """Upload, transcode, and read again in ranges."""
    out.print(f"making a source of {SOURCE_BYTES / 1e9:.0f} GB")
    film = make_source(folder)
    with running(folder, out) as (stack, home, record):
        pids = {name: process.pid for name, process in record.processes.items()}
        weed = pids["seaweedfs"]
        with StackMemory(pids) as memory:
            idle_s = tree_cpu_s(weed)
            started_s = time.monotonic()
            client = Client(site_at(stack.site.base_url, home.credentials))
            wanted = {"ladder": "h264-only", "title": film.name}
            video = send_file(client, film, film.stat().st_size, wanted, out, {})
            upload_s, uploaded_cpu_s = time.monotonic() - started_s, tree_cpu_s(weed)
            video_id = int(video["video_id"])
            status = stack.site.wait(video_id, timeout_s=PATIENCE_S)
            transcode_s, transcoded_cpu_s = time.monotonic() - started_s - upload_s, tree_cpu_s(weed)
            if status["status"] != "completed":
                raise SystemExit(f"the transcode did not complete: {status}")
            stack.site.wait_measured(video_id, timeout_s=PATIENCE_S)
        tasks = stack.tasks(video_id)
        before_s = tree_cpu_s(weed)
        read_s = read_in_ranges(home, record, video_id, film.stat().st_size)
        read_cpu_s = tree_cpu_s(weed) - before_s
    encode_cpu_s = sum(task.get("cpu_s", 0) for task in tasks if task["group"] in ENCODES)
    storage_cpu_s = transcoded_cpu_s - idle_s
    return {
        "source_mb": film.stat().st_size / 1e6,
        "source_s": SECONDS,
        "upload_s": upload_s,
        "upload_cpu_s": uploaded_cpu_s - idle_s,
        "transcode_s": transcode_s,
        "transcode_cpu_s": encode_cpu_s,
        "transcode_storage_cpu_s": transcoded_cpu_s - uploaded_cpu_s,
        "read_s": read_s,
        "read_cpu_s": read_cpu_s,
        "storage_share": storage_cpu_s / encode_cpu_s,
        "read_share": read_s / transcode_s,
        **{f"memory_{name}_mb": size_mb for name, size_mb in memory.peaks_mb.items()},
    }


def read_in_ranges(home: Home, record: Record, video_id: int, size_bytes: int) -> float:
    """Seconds to read the source once, in ranges, one after the other."""
    s3 = storage_client(storage_endpoint(record), load_keys(home).storage_functions)
    key = f"uploads/{video_id}/source.mp4"
    address = s3.generate_presigned_url("get_object", Params={"Bucket": UPLOADS, "Key": key}, ExpiresIn=600)
    started_s, got_bytes = time.monotonic(), 0
    with httpx.Client(timeout=60) as http:
        for first in range(0, size_bytes, RANGE_BYTES):
            headers = {"Range": f"bytes={first}-{first + RANGE_BYTES - 1}"}
            got_bytes += len(http.get(address, headers=headers).raise_for_status().content)
    if got_bytes != size_bytes:
        raise SystemExit(f"{got_bytes} of {size_bytes} bytes were read")
    return time.monotonic() - started_s


def judge(figures: Figures) -> str:
    """A sentence on both bars."""
    share, memory_mb = figures["storage_share"], figures["memory_all_mb"]
    return (
        f"storage took {share:.1%} of the encodes' CPU (bar {MOST_SHARE:.0%}), and the stack "
        f"{memory_mb:,.0f} MB besides FFmpeg (bar {MOST_MB:,} MB)"
    )
