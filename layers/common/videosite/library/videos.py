"""Finding videos, listing them, and showing them to people."""

import binascii
import heapq
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from videosite.errors import BadInputError, ForbiddenError, NotFoundError
from videosite.library import playback
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.pipeline.snapshot import iso_time, job_error, percent
from videosite.store.tables import (
    Availability,
    Job,
    Progress,
    Video,
    availability_item,
    job_item,
    progress_item,
)

VISIBILITIES = ("private", "unlisted", "public")
WATCHABLE = ("processing", "completed")
"""Statuses that the public list shows."""

_CURSOR = re.compile(r"v1:([1-9][0-9]{0,15})", re.ASCII)


@dataclass(frozen=True)
class Page:
    """Newest first. `next_cursor`: pass it to get what follows; None at the end."""

    videos: list[Video]
    next_cursor: str | None


# --- one video --------------------------------------------------------------------------------------


def load_visible(video_id: int, user_id: str | None, sees_all: bool) -> Video:
    """A video that this caller may know of: a public one, or their own.

    `user_id` is None for callers who are not signed in, `sees_all` True for staff.

    Raises:
        NotFoundError: `video_not_found`, the same whether there is none or it is not for them.
    """
    video = jobs.load_video(video_id)
    visible = sees_all or video.visibility == "public" or video.owner_id == user_id
    if not visible or video.status == "deleting":
        raise NotFoundError("video_not_found", "There is no such video.")
    return video


def load_owned(video_id: int, user_id: str, manages_all: bool) -> Video:
    """A video that this caller may change.

    Raises:
        NotFoundError: `video_not_found`, they may not know of it either.
        ForbiddenError: `not_yours`, they may see it only.
    """
    video = load_visible(video_id, user_id, sees_all=manages_all)
    if video.owner_id != user_id and not manages_all:
        raise ForbiddenError("not_yours", "This video belongs to somebody else.")
    return video


# --- lists ------------------------------------------------------------------------------------------


def list_owned(owner_id: str, limit: int, cursor: str | None = None) -> Page:
    """A user's own videos."""
    return _page(lambda before, size: _owned(owner_id, before, size), limit, cursor)


def list_public(limit: int, cursor: str | None = None) -> Page:
    """Public videos that can be watched, or soon."""
    return _page(
        lambda before, size: Video.by_visibility.query(
            "public",
            before,
            filter_condition=Video.status.is_in(*WATCHABLE),
            scan_index_forward=False,
            limit=size,
        ),
        limit,
        cursor,
    )


def list_all(limit: int, cursor: str | None = None) -> Page:
    """Everybody's videos, for staff."""

    def find(before: Any, size: int) -> Iterable[Video]:
        lists = [
            Video.by_visibility.query(visibility, before, scan_index_forward=False, limit=size)
            for visibility in VISIBILITIES
        ]
        return heapq.merge(*lists, key=lambda video: -video.video_id)

    return _page(find, limit, cursor)


def _owned(owner_id: str, before: Any, size: int) -> Iterable[Video]:
    return Video.by_owner.query(
        owner_id,
        before,
        filter_condition=Video.status != "deleting",
        scan_index_forward=False,
        limit=size,
    )


def _page(find: Callable[[Any, int], Iterable[Video]], limit: int, cursor: str | None) -> Page:
    """One page; a video more than asked for is read to know whether another page follows."""
    before = None if cursor is None else Video.video_id < decode_cursor(cursor)
    found = list(islice(find(before, limit + 1), limit + 1))
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].video_id) if more else None)


def encode_cursor(video_id: int) -> str:
    """Where the next page starts. Opaque to clients, so that it can change."""
    return urlsafe_b64encode(f"v1:{video_id}".encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> int:
    """The last video of the page before.

    Raises:
        BadInputError: `bad_cursor`.
    """
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    fields = _CURSOR.fullmatch(text)
    if not fields:
        raise BadInputError("bad_cursor", "The cursor is not one of ours; start without one.")
    return int(fields[1])


# --- what people see --------------------------------------------------------------------------------


def describe(videos: Sequence[Video], now_s: float) -> list[dict[str, Any]]:
    """The API's documents of some videos, in their order. Reads in batches, however many they are."""
    found_jobs = {(job.video_id, job.generation): job for job in _load_jobs(videos)}
    running = [
        (video.video_id, video.active_generation)
        for video in videos
        if video.status in ("processing", "failed", "cancelled") and video.active_generation
    ]
    parts: dict[int, dict[str, int]] = {}
    ready: dict[int, Availability] = {}
    if running:
        keys = [(video_id, progress_item(generation)) for video_id, generation in running]
        parts = {row.video_id: row.parts.as_dict() for row in Progress.batch_get(keys, consistent_read=True)}
        keys = [(video_id, availability_item(generation)) for video_id, generation in running]
        ready = {row.video_id: row for row in Availability.batch_get(keys, consistent_read=True)}
    return [
        _document(video, found_jobs, parts.get(video.video_id, {}), ready.get(video.video_id), now_s)
        for video in videos
    ]


def _load_jobs(videos: Sequence[Video]) -> Iterable[Job]:
    keys = {
        (video.video_id, job_item(generation))
        for video in videos
        for generation in (video.active_generation, video.published_generation)
        if generation
    }
    return Job.batch_get(sorted(keys), consistent_read=True) if keys else []


def _document(
    video: Video,
    found_jobs: dict[tuple[int, int], Job],
    parts: dict[str, int],
    available: Availability | None,
    now_s: float,
) -> dict[str, Any]:
    active = found_jobs.get((video.video_id, video.active_generation))
    published = found_jobs.get((video.video_id, video.published_generation))
    plan = Plan.from_dict(active.plan) if active and active.plan else None
    # An older generation plays until the new one is published.
    playing = published
    if playing is None and active and plan and playback.can_start(active, plan, available):
        playing = active
    return {
        "video_id": video.video_id,
        "title": video.title,
        "description": video.description,
        "visibility": video.visibility,
        "status": video.status,
        "progress": percent(active, plan, parts) if active else 0,
        "owner_id": video.owner_id,
        "created_at": iso_time(video.created_at_s),
        "updated_at": iso_time(video.updated_at_s),
        "duration_s": round(float(plan.duration_s), 3) if plan else None,
        "playback": playback.addresses(video, playing, now_s) if playing else None,
        **playback.image_addresses(video, playing or active, now_s),
        "error": job_error(active),
    }
