"""Poster and thumbnails that the owner chose: an uploaded picture, or a frame of the video.

They have keys of their own, so that a transcode never overwrites them and the automatic ones are back at
once. The video's row names the version that is shown.
"""

import time
from typing import Any

from pynamodb.expressions.update import Action

from videosite import ids
from videosite.errors import BadInputError, ConflictError, NotFoundError
from videosite.library import playback
from videosite.media.images import CUSTOM, image_prefix
from videosite.media.plan import Plan
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.frames import ask_for_frame, store_chosen
from videosite.pipeline.picture_files import make_stills
from videosite.pipeline.source import is_there
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Video
from videosite.store.transactions import applied

PATIENCE_S = 900
"""A wish that waits longer was lost; another one may be made at any time."""
ERRORS = {
    "frame_failed": "No picture could be made of this frame.",
    "source_gone": "The upload is not there any more, so no frame can be taken from it.",
}


def upload_thumbnail(video: Video, data: bytes) -> Video:
    """Show a picture instead of the automatic ones.

    Raises:
        BadInputError: of `picture_files.make_stills`.
        NotFoundError: `video_not_found`, it was deleted meanwhile.
    """
    pictures = make_stills(data)
    version = ids.timed_id()
    store_chosen(video.video_id, version, pictures)
    _change(
        video,
        [
            Video.thumbnail_kind.set("upload"),
            Video.thumbnail_version.set(version),
            Video.thumbnail_at_s.remove(),
            Video.thumbnail_wish.remove(),
            Video.thumbnail_error.remove(),
        ],
    )
    _tidy(video)
    return video


def choose_frame(video: Video, at_s: float) -> Video:
    """Have pictures made of the frame at a time; until then what is shown stays.

    Raises:
        BadInputError: `beyond_end`.
        ConflictError: `not_ready`, the upload was not looked at yet; `source_gone`.
    """
    job = _planned_job(video)
    plan = Plan.from_dict(job.plan or {})
    frame = int(at_s * plan.rate)
    if not 0 <= frame < plan.frames:
        raise BadInputError("beyond_end", f"The video has {float(plan.duration_s):.3f} s.")
    if not is_there(job):
        raise ConflictError("source_gone", ERRORS["source_gone"])
    wish = ids.timed_id()
    _change(
        video,
        [
            Video.thumbnail_wish.set(wish),
            Video.thumbnail_at_s.set(at_s),
            Video.thumbnail_error.remove(),
        ],
    )
    ask_for_frame(job, frame, wish)
    _tidy(video)
    return video


def delete_thumbnail(video: Video) -> Video:
    """Show the automatic pictures again."""
    _change(
        video,
        [
            attribute.remove()
            for attribute in (
                Video.thumbnail_kind,
                Video.thumbnail_version,
                Video.thumbnail_at_s,
                Video.thumbnail_wish,
                Video.thumbnail_error,
            )
        ],
    )
    _tidy(video)
    return video


def describe(video: Video, now_s: float) -> dict[str, Any]:
    """The API's document: what is shown, and what became of the last wish."""
    generation = video.published_generation or video.active_generation
    job = jobs.load(video.video_id, generation) if generation else None
    shown = playback.image_addresses(video, job, now_s)
    code, wish = video.thumbnail_error, video.thumbnail_wish
    lost = wish is not None and now_s - ids.timed_s(wish) > PATIENCE_S
    if lost:
        code = "frame_failed"
    return {
        "kind": video.thumbnail_kind or "automatic",
        "at_s": video.thumbnail_at_s,
        "pending": wish is not None and not lost,
        "error": {"code": code, "message": ERRORS.get(code, code)} if code else None,
        "poster_url": shown["poster_url"],
        "thumbnails": shown["thumbnails"],
    }


def _planned_job(video: Video) -> Job:
    for generation in (video.active_generation, video.published_generation):
        job = jobs.load(video.video_id, generation) if generation else None
        if job and job.plan:
            return job
    raise ConflictError("not_ready", "The video was not looked at yet; try again in a moment.")


def _change(video: Video, actions: list[Action]) -> None:
    actions = [*actions, Video.updated_at_s.set(time.time())]
    there = Video.video_id.exists() & (Video.status != "deleting")
    if not applied(lambda: video.update(actions=actions, condition=there)):
        raise NotFoundError("video_not_found", "There is no such video.")
    sidecars.mark(video.video_id)


def _tidy(video: Video) -> None:
    """Delete versions that are neither shown nor being made."""
    bucket = get_settings().media_bucket
    prefix = f"{image_prefix(video.video_id)}{CUSTOM}"
    kept = [version for version in (video.thumbnail_version, video.thumbnail_wish) if version]
    for key, _ in list(objects.list_keys(bucket, prefix)):
        if not any(key.startswith(f"{prefix}{version}-") for version in kept):
            objects.delete(bucket, key)
