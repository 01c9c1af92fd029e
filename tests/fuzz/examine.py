"""Takes a damaged file through what a job does with it: probe, the look at its clock and its pictures, plan,
then a worker's own steps for a first and last range of H.264, one of AV1, a piece of sound, stills, loudness,
subtitles and, if the smallest rendition came out whole, previews.

Storage is a dictionary and tables hear and forget; FFmpeg, limits, parsers, checks and the rules of attempts
and splits are the product's.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from unittest.mock import patch

import psutil

from tests.media.storage import serve
from videosite.errors import BadInputError, RetryableError, VideoSiteError
from videosite.media.boxes import Fragment, FragmentParser
from videosite.media.clock import may_jump
from videosite.media.images import smallest_rendition
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source, check_source
from videosite.pipeline import jobs, tasks
from videosite.pipeline.clock import COPY_S, LOOK_S, steady_copy
from videosite.pipeline.ingest import planned_tasks
from videosite.pipeline.probe import READ_S, find_end, look, probe
from videosite.pipeline.publish import media_prefix, segment_file
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.source import if_match, source_url
from videosite.pipeline.watch import STOP_MARGIN_S, Watch
from videosite.pipeline.work import do_task
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.objects import ObjectHead
from videosite.store.tables import Job, Task

REFUSED_S = 10.0
"""The design's bound from upload to refusal."""
FILE_S = 20.0
"""All tasks of a file have this long together, a function fifteen minutes for each: then they end as near the
deadline. Some damage makes FFmpeg wait for 15 s at each start (it seeks behind the end, and drains what never
comes until `-rw_timeout`)."""
SLACK_S = 12.0
"""What a stopped FFmpeg may take to flush, and a little for a busy machine."""
MEND_S = LOOK_S + COPY_S + SLACK_S
URL_S = 300
ETAG = "right"


@dataclass(frozen=True)
class Done:
    """What became of a task: segments wanted and good (of side work none), and the code it ended with."""

    group: str
    wanted: int = 0
    good: int = 0
    code: str = ""


@dataclass
class Verdict:
    """`refused`: code of the refusal, or empty."""

    refused: str = ""
    tasks: list[Done] = field(default_factory=list)


class _Reporter(Reporter):
    """Hears and forgets, but not nonsense."""

    def units(self, count: int) -> None:
        assert count >= 0

    def ready(self, count: int) -> None:
        assert count >= 0

    def codec(self, rendition: str, codec: str) -> None:
        assert rendition
        assert codec

    def flush(self, force: bool = False) -> None:
        """Nothing to write."""


class _Storage:
    """Both buckets, in memory. What FFmpeg reads over HTTP is not in here."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, _bucket: str, key: str, data: bytes, *_: str) -> None:
        self.files[key] = data

    def put_once(self, _bucket: str, key: str, data: bytes, *_: str) -> bool:
        return self.files.setdefault(key, data) == data

    def put_stream(self, _bucket: str, key: str, stream: IO[bytes], *_: str) -> None:
        self.files[key] = stream.read()

    def get(self, _bucket: str, key: str) -> bytes | None:
        return self.files.get(key)

    def head(self, _bucket: str, key: str) -> ObjectHead | None:
        return ObjectHead(len(self.files[key]), ETAG) if key in self.files else None

    def list_after(self, _bucket: str, prefix: str, after: str, limit: int) -> list[str]:
        names = sorted(key.removeprefix(prefix) for key in self.files if key.startswith(prefix))
        return [name for name in names if name > after][:limit]


def examine(data: bytes, limit_s: float = FILE_S) -> Verdict:
    """Everything a job would do with an upload, or its refusal; its tasks have `limit_s` together.

    Raises:
        AssertionError: something took too long, left a child, or gave what it must not.
        Exception: anything else than an error of ours is a defect.
    """
    job = Job(
        1, "job#00001", generation=1, asset_key="a" * 32, source_key="uploads/1/source", source_etag=ETAG
    )
    with _site(data) as storage:
        try:
            plan = _ingest(job, len(data))
        except BadInputError as error:
            return Verdict(refused=error.code)
        finally:
            _assert_no_child()
        until_s = time.monotonic() + limit_s
        return Verdict(tasks=[_task(job, plan, storage, until_s, *picked) for picked in _picked(plan)])


@contextlib.contextmanager
def _site(data: bytes) -> Iterator[_Storage]:
    """Within, the upload and its mended copy can be read over HTTP, the rest is in the storage, and the job
    is always wanted."""
    storage = _Storage()
    with contextlib.ExitStack() as stack:
        upload = f"{stack.enter_context(serve(data))}/source"

        def presign_get(_bucket: str, key: str, _expires_s: int) -> str:
            copy = storage.files.get(key)
            return f"{stack.enter_context(serve(copy))}/source" if copy else upload

        for name in ("put", "put_once", "put_stream", "get", "head", "list_after"):
            stack.enter_context(patch.object(objects, name, getattr(storage, name)))
        stack.enter_context(patch.object(objects, "presign_get", presign_get))
        stack.enter_context(patch.object(jobs, "update"))
        stack.enter_context(patch.object(jobs, "still_runs", lambda _: True))
        stack.enter_context(patch.object(tasks, "heartbeat"))
        yield storage


def _ingest(job: Job, size_bytes: int) -> Plan:
    """As `pipeline.ingest` does it, timed step by step.

    Raises:
        BadInputError: the file is refused.
    """

    def understand() -> Source:
        return probe(source_url(job, URL_S), if_match(job))

    source = _timed(REFUSED_S, understand)
    if may_jump(source):
        steady = _timed(MEND_S, lambda: steady_copy(job, source, source_url(job, URL_S), if_match(job)))
        if steady:
            job.mended_key, job.mended_etag = steady
            source = _timed(REFUSED_S, understand)
    if not source.says_its_end:
        source = _timed(READ_S + SLACK_S, lambda: find_end(source, source_url(job, URL_S), if_match(job)))
    check_source(source)
    plan = make_plan(source)
    return _timed(REFUSED_S, lambda: look(plan, source_url(job, URL_S), size_bytes, if_match(job)))


def _timed[Result](limit_s: float, step: Callable[[], Result]) -> Result:
    started_s = time.monotonic()
    try:
        return step()
    finally:
        took_s = time.monotonic() - started_s
        assert took_s < limit_s, f"a step took {took_s:.1f} s"


def _picked(plan: Plan) -> list[tuple[str, int, int]]:
    """(group, first, end) of the tasks to do, previews last: first and last range of H.264, first ones of
    AV1 and sound, and all side work."""
    planned = [task[:3] for task in planned_tasks(plan)]
    of = {group: [task for task in planned if task[0] == group] for group, *_ in planned}
    ranges = [*of["h264"][:1], *of["h264"][1:][-1:], *of["av1"][:1], *of.get("audio", [])[:1]]
    side = [task for task in planned if task[0] not in (*plan.groups, "previews")]
    return [*ranges, *side, *of["previews"]]


def _task(job: Job, plan: Plan, storage: _Storage, until_s: float, group: str, first: int, end: int) -> Done:
    """All attempts of a task and of what is split off it."""
    if group == "previews" and _stored(job, storage, smallest_rendition(plan)) < plan.segments:
        return Done(group)
    task = Task(
        "1#1", f"{group}#{first:06d}", group=group, first=first, end=end, run=1, attempt=0, urgent=False
    )
    latest_s = max(until_s, time.monotonic()) + SLACK_S
    code = ""
    while task.first < end and not code:
        task.attempt += 1
        try:
            task.first = _attempt(job, plan, task, until_s)
            task.attempt, task.error_code = 0, None
        except RetryableError as error:
            task.error_code = error.code
            last = task.attempt >= get_settings().max_attempts or time.monotonic() > until_s
            code = error.code if last else ""
        except VideoSiteError as error:
            code = error.code
        finally:
            _assert_no_child()
    assert time.monotonic() < latest_s, f"{group} {first} took too long"
    if group not in plan.groups:
        return Done(group, code=code)
    for name in plan.renditions_of(group):
        _check_segments(job, plan, storage, name, range(first, task.first))
    return Done(group, end - first, task.first - first, code)


def _attempt(job: Job, plan: Plan, task: Task, until_s: float) -> int:
    """One worker's; returns the end of what is good."""

    def remaining_s() -> float:
        return until_s - time.monotonic() + STOP_MARGIN_S

    watch = Watch(job, task, "fuzz", lambda: None, remaining_s)
    reached, size_bytes = do_task(job, plan, task, watch, _Reporter(job, task))
    assert task.first < reached <= task.end
    assert size_bytes >= 0
    return reached


def _check_segments(job: Job, plan: Plan, storage: _Storage, name: str, numbers: range) -> None:
    """What counts as good is stored, and is what the plan says, to the frame."""
    for number in numbers:
        data = storage.files[f"{media_prefix(job)}{name}/{segment_file(number)}"]
        init = storage.files[f"{media_prefix(job)}{name}/init.mp4"]
        found = [item for item in FragmentParser().feed(init + data) if isinstance(item, Fragment)]
        assert [(item.tfdt, item.samples) for item in found] == [plan.expected(name, number)], (name, number)


def _stored(job: Job, storage: _Storage, name: str) -> int:
    prefix = f"{media_prefix(job)}{name}/seg_"
    return sum(key.startswith(prefix) for key in storage.files)


def _assert_no_child() -> None:
    names = [child.name() for child in psutil.Process().children(recursive=True)]
    assert not [name for name in names if name.startswith(("ffmpeg", "ffprobe"))], names
