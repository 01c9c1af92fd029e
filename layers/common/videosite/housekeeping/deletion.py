"""Videos that were deleted: everything of them is removed, and once more when nobody can write any more.

Workers, clients with an address to upload to, and messages under way may each leave something behind after
the first time. So the row stays, emptied, until the last of them has ended; only then it goes itself. Every
step may be repeated and asks what is there, so a crash or a fault of storage costs minutes.
"""

import time
from collections.abc import Callable

from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.library import history, terms, uploads, views
from videosite.log import logger
from videosite.pipeline import deletion, jobs
from videosite.pipeline.deletion import WATCH_DELETING
from videosite.realtime import channels, forgetting
from videosite.settings import get_settings
from videosite.store import cdn, objects, versions
from videosite.store.tables import Video
from videosite.webhooks import deliveries
from videosite.webhooks.events import GLOBAL

LONGEST_WORK_S = 900
"""A function's longest life."""
GRACE_S = uploads.ADDRESS_LIFE_S + LONGEST_WORK_S
"""After this nobody holds an address to upload to, and an upload begun with it has ended."""
BUDGET_S = 120.0
"""Of one round. What it does not come to is a minute late."""
AGAIN_S = 150
"""Rounds overlap, so what one is at comes to no other before its budget is spent."""


def remove(now_s: float) -> int:
    """Remove what there is of deleted videos; returns how many are gone for good."""
    due = Video.by_deadline.query(WATCH_DELETING, Video.look_at_s <= now_s, limit=PAGE)
    until_s = time.monotonic() + BUDGET_S
    return each(list(due), lambda found: time.monotonic() < until_s and _remove(found.video_id, now_s))


def _remove(video_id: int, now_s: float) -> bool:
    video = jobs.load_video(video_id)
    if video.status != "deleting":
        return False
    # First, so that one that cannot be removed does not stand in the way of the others.
    look_again(video, now_s + AGAIN_S, Video.status == "deleting")
    ends_at_s = (video.deleting_since_s or 0) + GRACE_S
    last = now_s >= ends_at_s
    if any(step(video) is False for step in STEPS):
        return False
    if not last:
        look_again(video, ends_at_s, Video.status == "deleting")
        return False
    forgetting.forget_channel(channels.video_channel(video_id))
    video.delete()
    logger.info("deleted", extra={"video_id": video_id})
    return True


def _remove_objects(video: Video) -> None:
    settings, video_id = get_settings(), video.video_id
    for upload in objects.list_multipart(settings.uploads_bucket, f"uploads/{video_id}/"):
        objects.abort_multipart(upload.key, upload.upload_id)
    versions.delete_versions(settings.uploads_bucket, f"uploads/{video_id}/")
    # The CDN keeps these for a day at most.
    for prefix in (f"thumbnails/video_{video_id}_", f"subtitles/video_{video_id}_"):
        objects.delete_all(settings.media_bucket, prefix)
    folder = _media_folder(video)
    if next(objects.list_keys(settings.media_bucket, folder), None):
        # First, so that it is told whatever happens to us.
        video.update([Video.in_cdn.set(True)], condition=Video.status == "deleting")
        objects.delete_all(settings.media_bucket, folder)


def _media_folder(video: Video) -> str:
    return f"videos/{video.video_id}/"


def _tell_cdn(video: Video) -> bool:
    """False: it takes no more at the moment."""
    if video.in_cdn:
        if not cdn.forget(_media_folder(video)):
            return False
        video.update([Video.in_cdn.remove()], condition=Video.status == "deleting")
    return True


def _remove_messages(video: Video) -> None:
    """What people were told of it. Its own channel stays until the end: it says what else there is."""
    channel = channels.video_channel(video.video_id)
    forgetting.forget_subscriptions(channel)
    frames = forgetting.stored_frames(channel)
    for owner_id in (video.owner_id, GLOBAL):
        deliveries.forget(owner_id, frames)
    forgetting.forget_events(video.owner_id, frames)


STEPS: tuple[Callable[[Video], bool | None], ...] = (
    lambda video: deletion.stop_work(video.video_id),
    _remove_objects,
    _remove_messages,
    lambda video: terms.remove_all(video),
    lambda video: views.forget_video(video.video_id),
    lambda video: history.forget_video(video.video_id),
    lambda video: deletion.remove_rows(video),
    _tell_cdn,
)
"""In their order; one that says False is not done yet, and what follows waits with it."""
