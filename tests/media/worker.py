"""A worker's steps on one clip, with real FFmpeg; storage is a dictionary, tables are moto's."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.media.runner import FFMPEG, FFPROBE, plan_of
from tests.media.storage import serve
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.media.plan import Plan
from videosite.pipeline.binaries import encoder_build, find_binary
from videosite.pipeline.transcode import Delivery, transcode
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.objects import ObjectHead
from videosite.store.tables import Availability, Job, Progress, Task, availability_item, progress_item

ETAG = "right"


@dataclass
class Bench:
    """A job over a clip, its media, and which of them were written when."""

    job: Job
    plan: Plan
    media: dict[str, bytes] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    remaining_s: Callable[[], float] = lambda: 900.0
    """How long the function may still run."""
    trickle: threading.Event = field(default_factory=threading.Event)
    """While set, the last quarter of the clip is read so slowly that no worker gets to its end."""

    def work(self, task: Task) -> Task:
        """Have a worker do a task as its message asks; returns the row as it is then."""
        body = {
            "video_id": self.job.video_id,
            "generation": 1,
            "run": self.job.run,
            "task_id": task.task_id,
        }
        transcode(body, Delivery("", "", lambda: self.remaining_s(), 3008))
        return Task.get(task.job, task.task_id, consistent_read=True)

    def track(self, rendition: str) -> bytes:
        """All of a rendition, in one file."""
        prefix = f"videos/{self.job.video_id}/{self.job.asset_key}/{rendition}/"
        names = sorted(key for key in self.media if key.startswith(f"{prefix}seg_"))
        return self.media[f"{prefix}init.mp4"] + b"".join(self.media[name] for name in names)

    def key(self, rendition: str, file: str) -> str:
        return f"videos/{self.job.video_id}/{self.job.asset_key}/{rendition}/{file}"


@contextmanager
def bench(clip: Path, monkeypatch: pytest.MonkeyPatch, ladder: str = "h264-only") -> Iterator[Bench]:
    """Within: FFmpeg reads the clip over HTTP, and what is stored goes into the bench."""
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    get_settings.cache_clear()
    find_binary.cache_clear()
    encoder_build.cache_clear()
    plan = plan_of(clip, ladder)
    job = make_job(make_video(), plan=plan.to_dict(), source_etag=ETAG, started_at_s=time.time())
    Progress(job.video_id, progress_item(1)).save()
    Availability(job.video_id, availability_item(1)).save()
    found = Bench(job, plan)

    def put(_bucket: str, key: str, data: bytes, *_: str) -> None:
        found.media[key] = data
        found.written.append(key)

    def put_once(_bucket: str, key: str, data: bytes, *_: str) -> bool:
        return found.media.setdefault(key, data) == data

    def head(_bucket: str, key: str) -> ObjectHead | None:
        if key == job.source_key:
            return ObjectHead(clip.stat().st_size, ETAG)
        return ObjectHead(len(found.media[key]), "") if key in found.media else None

    def list_after(_bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        names = sorted(key.removeprefix(prefix) for key in found.media if key.startswith(prefix))
        return [name for name in names if name > after][:limit]

    def list_keys(_bucket: str, prefix: str) -> list[tuple[str, int]]:
        return [(key, len(data)) for key, data in found.media.items() if key.startswith(prefix)]

    with serve(clip.read_bytes(), trickle=found.trickle) as address:
        for function in (put, put_once, head, list_after, list_keys):
            monkeypatch.setattr(objects, function.__name__, function)
        monkeypatch.setattr(objects, "presign_get", lambda *_: f"{address}/source")
        monkeypatch.setattr(Delivery, "hide", lambda *_: None)
        yield found
    find_binary.cache_clear()
    encoder_build.cache_clear()


def whole_task(found: Bench, group: str = "h264") -> Task:
    """One queued task over everything of a group."""
    segments = found.plan.segments_of(found.plan.renditions_of(group)[0])
    return make_task(found.job, group, 0, segments, status="queued")
