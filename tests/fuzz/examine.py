"""Takes a damaged file through a worker's own steps: probe, plan, first and last range, sound, poster.

What storage and tables would do is left out; FFmpeg, limits, parsers and checks are the product's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from unittest.mock import patch

from tests.media.storage import IF_MATCH, serve
from videosite.errors import BadInputError, RetryableError
from videosite.media.audio_command import audio_piece_argv
from videosite.media.command import video_range_argv
from videosite.media.plan import Plan, make_plan
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.encode import encode
from videosite.pipeline.probe import probe
from videosite.pipeline.segments import BadSeekError, SegmentSink
from videosite.pipeline.work import seek_margins
from videosite.store import objects
from videosite.store.tables import Job, Task

REFUSED_S = 10.0
"""The design's bound from upload to refusal."""
STOP_S = 20.0
"""A worker of the fuzz has this long for a range, as a function has fifteen minutes."""
SLACK_S = 12.0
"""What a stopped FFmpeg may take to flush, and a little for a busy machine."""


@dataclass
class Verdict:
    """`refused`: code of the refusal, or empty. `ranges`: (group, segments wanted, segments good)."""

    refused: str = ""
    ranges: list[tuple[str, int, int]] = field(default_factory=list)


class _Watch:
    """Stands for the lease: ends the range when its time is over."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._until_s = time.monotonic() + STOP_S

    def tick(self) -> None:
        """Nothing to keep alive."""

    def must_stop(self) -> bool:
        return time.monotonic() > self._until_s


class _Reporter:
    """Hears and forgets."""

    def units(self, count: int) -> None:
        assert count >= 0

    def ready(self, count: int) -> None:
        assert count >= 0

    def codec(self, rendition: str, codec: str) -> None:
        assert rendition
        assert codec

    def flush(self, force: bool = False) -> None:
        """Nothing to write."""


def examine(data: bytes) -> Verdict:
    """Everything a job would do with an upload, or its refusal.

    Raises:
        AssertionError: something took too long, or gave what it must not.
        Exception: anything else than a refusal is a defect.
    """
    with serve(data) as base, patch.object(objects, "put"), patch.object(objects, "put_once"):
        url = f"{base}/source"
        started_s = time.monotonic()
        try:
            plan = make_plan(probe(url, IF_MATCH), "h264-only")
        except BadInputError as error:
            assert time.monotonic() - started_s < REFUSED_S
            return Verdict(refused=error.code)
        assert time.monotonic() - started_s < REFUSED_S
        return Verdict(ranges=[_range(plan, url, group, span) for group, span in _spans(plan)])


def _spans(plan: Plan) -> list[tuple[str, tuple[int, int]]]:
    """First and last range of the video, the first piece of the sound."""
    video = plan.ranges("h264")
    sound = plan.ranges("audio")
    picked = dict.fromkeys((video[0], video[-1]))
    return [*(("h264", span) for span in picked), *(("audio", span) for span in sound[:1])]


def _range(plan: Plan, url: str, group: str, span: tuple[int, int]) -> tuple[str, int, int]:
    first, end = span
    good = 0
    for margin_s in seek_margins(plan) if group == "h264" else (0.0,):
        started_s = time.monotonic()
        good = _attempt(plan, url, group, first, end, margin_s)
        assert time.monotonic() - started_s < STOP_S + SLACK_S, f"{group} {span} took too long"
        if good:
            break
    return group, end - first, good


def _attempt(plan: Plan, url: str, group: str, first: int, end: int, margin_s: float) -> int:
    job = Job(1, "job#00001", asset_key="a" * 32)
    task = Task("1#1", f"{group}#{first:06d}", group=group, first=first, end=end, urgent=False)
    names = plan.renditions_of(group)
    sinks = {name: SegmentSink(job, plan, name, first, end, lambda: None) for name in names}
    ffmpeg = find_binary("ffmpeg")

    def argv(fds: dict[str, int]) -> list[str]:
        if group == "audio":
            return audio_piece_argv(ffmpeg, plan, first, end, url, fds, headers=IF_MATCH)
        return video_range_argv(ffmpeg, plan, first, end, url, fds, margin_s, headers=IF_MATCH)

    build: Callable[..., list[str]] = argv
    try:
        return encode(build, sinks, _Watch(task), _Reporter()).good  # type: ignore[arg-type]
    except (BadSeekError, RetryableError):
        return 0
