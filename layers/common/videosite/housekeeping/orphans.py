"""Objects without a video: of uploads that were given up while they arrived.

A video whose rows were lost is none: its sidecar is there, and `library.rebuild` makes them again. Deleting a
video removes its sidecar with its media.
"""

import re
from functools import partial

from videosite import ids
from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import each
from videosite.log import logger
from videosite.pipeline import sidecars
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Video

PAGE = 500
ORPHAN_AGE_S = 7 * 24 * 3600
"""Nothing younger is removed: rows may come back, from a backup for instance."""
_VIDEO_ID = re.compile(
    r"(?:uploads|videos)/([0-9]{1,16})/|(?:thumbnails|subtitles)/video_([0-9]{1,16})_[^/]+", re.ASCII
)


def remove(now_s: float) -> int:
    """Remove the objects of videos that have no row; returns how many folders and files that were."""
    settings = get_settings()
    places = (
        (settings.media_bucket, "videos/"),
        (settings.media_bucket, "thumbnails/"),
        (settings.media_bucket, "subtitles/"),
        (settings.uploads_bucket, "uploads/"),
    )
    return sum(_remove_in(bucket, folder, now_s) for bucket, folder in places)


def _remove_in(bucket: str, folder: str, now_s: float) -> int:
    settings = get_settings()
    names = next_page(folder.rstrip("/"), now_s, partial(_list_page, bucket, folder))
    owners = {name: int(match[1] or match[2]) for name in names if (match := _VIDEO_ID.fullmatch(name))}
    old = {owner for owner in owners.values() if ids.created_s(owner) < now_s - ORPHAN_AGE_S}
    known = {video.video_id for video in Video.batch_get(sorted(old), consistent_read=True)} if old else set()
    gone = {owner for owner in old - known if not objects.head(settings.media_bucket, sidecars.key(owner))}
    orphans = [name for name, owner in owners.items() if owner in gone]
    return each(orphans, partial(_remove, bucket))


def _list_page(bucket: str, folder: str, after: str | None) -> tuple[list[str], str | None]:
    names = objects.list_folder(bucket, folder, after, PAGE)
    return names, names[-1] if len(names) == PAGE else None


def _remove(bucket: str, name: str) -> bool:
    count = objects.delete_all(bucket, name)
    if count:  # SeaweedFS keeps listing empty folders
        logger.warning("orphan removed", extra={"bucket": bucket, "prefix": name, "objects": count})
    return count > 0
