"""Transcodes for staff: lists, filtered and in pages, how many stand how, and one with its tasks."""

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from videosite.errors import NotFoundError
from videosite.media.plan import Plan
from videosite.pipeline import jobs, tasks
from videosite.pipeline.meter import usd_here
from videosite.pipeline.snapshot import iso_time, job_error, percent, public_status
from videosite.store import cursors
from videosite.store.tables import Job, Progress, Task, progress_item

MOST_READ = 1000
READ_AT_ONCE = 100
STATES = {
    "waiting": ("accepted",),
    "processing": jobs.OPEN,
    "completed": ("completed",),
    "failed": ("failed",),
    "cancelled": ("cancelled",),
}
"""What is asked for → statuses of the rows."""
_EVERYTHING = (*jobs.OPEN, *jobs.ENDED)
_CURSOR = re.compile(r"[0-9]{14}#[0-9]{16}#[0-9]{5}", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """Which transcodes. None: any."""

    state: str | None = None
    """One of `STATES`."""
    codec: str | None = None
    """h264 | av1, among others perhaps. What is not planned yet has none."""
    owner_id: str | None = None
    since_s: float | None = None
    until_s: float | None = None
    """Made in [since_s, until_s), Unix seconds."""
    words: str | None = None
    """A part of the title, in whatever case, or the video's id."""

    @property
    def statuses(self) -> tuple[str, ...]:
        """Of the rows."""
        return STATES[self.state] if self.state else _EVERYTHING

    def may_match(self, job: Job) -> bool:
        """Whether a transcode may be one of them, by what the indexes have of it."""
        return (
            job.status in self.statuses
            and self.codec in (None, *(job.video_codecs or ()))
            and self.owner_id in (None, job.owner_id)
        )

    def matches(self, job: Job) -> bool:
        """Whether a transcode is one of them."""
        return self.may_match(job) and (self.state != "waiting" or job.waiting) and self._names(job)

    def _names(self, job: Job) -> bool:
        words = (self.words or "").strip().casefold()
        return words in job.title.casefold() or words == str(job.video_id)


@dataclass(frozen=True)
class Page:
    """Newest first. `next_cursor`: pass it to get what follows; None at the end."""

    jobs: list[Job]
    next_cursor: str | None


def find(wanted: Wanted, limit: int, cursor: str | None = None) -> Page:
    """A page of transcodes.

    Raises:
        BadInputError: `bad_cursor`.
    """
    cursors.check(cursor, _CURSOR)
    first = f"{int((wanted.since_s or 0) * 1000):014d}"
    end = f"{int(wanted.until_s * 1000):014d}" if wanted.until_s is not None else "~"
    below = min(end, cursor) if cursor else end
    if first > below:
        return Page([], None)
    found: list[Job] = []
    read, last = 0, ""
    for rows in batched(_rows(wanted, first, below), limit + 1):
        # What the index says already is not asked for.
        whole = _load([row for row in rows if wanted.may_match(row)])
        for row in rows:
            if len(found) == limit or read == MOST_READ:
                return Page(found, last)
            read += 1
            last = row.made or ""
            job = whole.get((row.video_id, row.item))
            if job is not None and wanted.matches(job):
                found.append(job)
    return Page(found, None)


def _load(rows: Sequence[Job]) -> dict[tuple[int, str], Job]:
    """What the index has a part of."""
    keys = [(row.video_id, row.item) for row in rows]
    return {(job.video_id, job.item): job for job in Job.batch_get(keys, consistent_read=True)}


def _rows(wanted: Wanted, first: str, below: str) -> Iterator[Job]:
    """The index's rows made in [first, below), newest first."""
    options: dict[str, Any] = {"scan_index_forward": False, "page_size": READ_AT_ONCE}
    within = Job.made.between(first, below)
    if wanted.owner_id is not None:
        lists = [Job.by_owner.query(wanted.owner_id, within, **options)]
    else:
        lists = [Job.by_status.query(status, within, **options) for status in wanted.statuses]
    merged = heapq.merge(*lists, key=lambda job: str(job.made), reverse=True)
    # Both ends are part of "between".
    return (row for row in merged if row.made != below)


def summarize(since_s: float) -> dict[str, int]:
    """How many transcodes wait, how many are under way, and how many made at `since_s` or later ended how."""
    first = f"{int(since_s * 1000):014d}"
    accepted = list(Job.by_status.query("accepted", limit=MOST_READ))
    waiting = sum(job.waiting for job in _load(accepted).values())
    under_way = len(accepted) + sum(_count(status, "0") for status in ("planned", "processing"))
    ended = {status: _count(status, first) for status in jobs.ENDED}
    return {"waiting": waiting, "processing": under_way - waiting, **ended}


def _count(status: str, first: str) -> int:
    return Job.by_status.count(status, Job.made >= first)


def describe_one(video_id: int, generation: int) -> dict[str, Any]:
    """The API's document of a transcode with its tasks.

    Raises:
        NotFoundError: `job_not_found`.
    """
    job = jobs.load(video_id, generation)
    if job is None:
        raise NotFoundError("job_not_found", "There is no such transcode.")
    found = Task.query(tasks.job_key(video_id, generation), consistent_read=True)
    return {
        "job": describe([job])[0],
        "started_at": iso_time(job.started_at_s) if job.started_at_s else None,
        "tasks": [_task(task, job.run) for task in found],
    }


def _task(task: Task, run: int) -> dict[str, Any]:
    error = {"code": task.error_code, "message": task.error_message or ""} if task.error_code else None
    return {
        "task_id": task.task_id,
        "group": task.group,
        "first": task.first,
        "end": task.end,
        # What an older run left unfinished has not come to its turn in this one.
        "status": "pending" if task.status != "done" and task.run < run else task.status,
        "attempt": task.attempt,
        "claims": task.claims,
        "error": error,
        "started_at_ms": _ms(task.started_at_s),
        "ended_at_ms": _ms(task.ended_at_s),
        "cpu_s": task.cpu_s,
        "cost_usd": None if task.gb_s is None else usd_here(task.gb_s),
        "size_bytes": task.size_bytes,
    }


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)


def describe(found: Sequence[Job]) -> list[dict[str, Any]]:
    """The API's documents of some transcodes, in their order."""
    keys = [(job.video_id, progress_item(job.generation)) for job in found if job.status in jobs.OPEN]
    rows = Progress.batch_get(keys, consistent_read=True) if keys else []
    parts = {(row.video_id, row.item): row.parts.as_dict() for row in rows}
    return [_document(job, parts.get((job.video_id, progress_item(job.generation)), {})) for job in found]


def _document(job: Job, parts: dict[str, int]) -> dict[str, Any]:
    plan = Plan.from_dict(job.plan) if job.plan else None
    spent = job.spent.as_dict().values()
    return {
        "video_id": job.video_id,
        "generation": job.generation,
        "run": job.run,
        "title": job.title,
        "owner_id": job.owner_id,
        "status": public_status(job),
        "waiting": job.waiting and job.status == "accepted",
        "progress": percent(job, plan, parts),
        "codecs": sorted(job.video_codecs or ()),
        "ladder": job.ladder,
        "priority": job.priority,
        "tasks_done": job.done_tasks,
        "tasks_total": job.total_tasks,
        "duration_s": round(float(plan.duration_s), 3) if plan else None,
        "cost_usd": round(sum(group["usd"] for group in spent), 6) if spent else None,
        "error": job_error(job),
        "created_at": iso_time(job.created_at_s),
        "updated_at": iso_time(job.updated_at_s),
        "finished_at": iso_time(job.finished_at_s) if job.finished_at_s else None,
    }
