"""What earlier attempts left of a task: segments in storage are final, so only the others are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from videosite.media.plan import Plan
from videosite.pipeline.publish import INIT, media_prefix, segment_file
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Task


@dataclass(frozen=True)
class Gap:
    """What is to be made of a task: segments [first, end) of the renditions in `kept`.

    `kept`: rendition → segments in there that are in storage already. Renditions that lack nothing are
    not in it; with none the task is done.
    """

    first: int
    end: int
    kept: Mapping[str, frozenset[int]]

    @classmethod
    def whole(cls, plan: Plan, task: Task) -> Self:
        """Everything of a task."""
        return cls(task.first, task.end, dict.fromkeys(plan.renditions_of(task.group), frozenset()))


def find_gap(job: Job, plan: Plan, task: Task) -> Gap:
    """Compare a task with storage. Who is the first to begin a task does not ask: nothing can be there."""
    span = range(task.first, task.end)
    if task.claims <= 1:
        return Gap.whole(plan, task)
    stored = {name: _stored(job, name, span) for name in plan.renditions_of(task.group)}
    kept = {name: numbers for name, numbers in stored.items() if len(numbers) < len(span)}
    missing = [number for numbers in kept.values() for number in span if number not in numbers]
    if not missing:
        return Gap(task.end, task.end, {})
    first, end = min(missing), max(missing) + 1
    return Gap(first, end, kept)


def _stored(job: Job, name: str, span: range) -> frozenset[int]:
    """Segments of a rendition within `span` that can be played: without its init none can."""
    bucket, prefix = get_settings().media_bucket, f"{media_prefix(job)}{name}/"
    if objects.head(bucket, prefix + INIT) is None:
        return frozenset()
    # Names sort by number; what is listed begins after INIT, "i" being before "s".
    after = segment_file(span.start - 1) if span.start else INIT
    files = {segment_file(number): number for number in span}
    found = objects.list_after(bucket, prefix, after, len(span))
    return frozenset(files[file] for file in found if file in files)
