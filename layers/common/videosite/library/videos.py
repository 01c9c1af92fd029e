"""Finding videos, and showing them to people."""

from collections.abc import Iterable, Sequence
from typing import Any

from videosite.errors import ForbiddenError, NotFoundError
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

# --- one video --------------------------------------------------------------------------------------


def load_visible(video_id: int, user_id: str | None, sees_all: bool) -> Video:
    """A video that this caller may know of: a public one, or their own.

    `user_id` is None for callers who are not signed in, `sees_all` True for staff.

    Raises:
        NotFoundError: `video_not_found`, the same whether there is none or it is not for them.
    """
    video = jobs.load_video(video_id)
    if not may_see(video, user_id, sees_all):
        raise NotFoundError("video_not_found", "There is no such video.")
    return video


def may_see(video: Video, user_id: str | None, sees_all: bool) -> bool:
    """Whether this caller may know of a video; see `load_visible`."""
    visible = sees_all or video.visibility == "public" or video.owner_id == user_id
    return visible and video.status != "deleting"


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
        "tags": sorted(video.tags or ()),
        "category": video.category,
        "language": video.language,
        "visibility": video.visibility,
        "share_slug": video.share_slug,
        "views": video.views,
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
