"""How far a user watched which video, and when."""

import re
import time
from dataclasses import dataclass

from videosite.store import cursors
from videosite.store.tables import Video, Watched

_MOMENT = re.compile(r"[0-9]{14}#[0-9]{16}", re.ASCII)


@dataclass(frozen=True)
class Page:
    """The newest first. Some may be of videos the user may not see any more: the caller leaves them out."""

    entries: list[Watched]
    next_cursor: str | None


def note(user_id: str, video: Video, position_s: float, now_s: float | None = None) -> Watched:
    """Remember where a user is in a video: no further than its end."""
    now_s = time.time() if now_s is None else now_s
    entry = Watched(
        user_id,
        video.video_id,
        position_s=min(position_s, video.duration_s or position_s),
        watched_at_s=now_s,
        moment=f"{int(now_s * 1000):014d}#{video.video_id:016d}",
    )
    entry.save()
    return entry


def load(user_id: str, video_id: int) -> Watched | None:
    """How far a user watched a video; None: not at all."""
    try:
        return Watched.get(user_id, video_id, consistent_read=True)
    except Watched.DoesNotExist:
        return None


def list_page(user_id: str, limit: int, cursor: str | None) -> Page:
    """A page of a user's history.

    Raises:
        BadInputError: `bad_cursor`.
    """
    cursors.check(cursor, _MOMENT)
    before = None if cursor is None else Watched.moment < cursor
    found = list(Watched.by_time.query(user_id, before, scan_index_forward=False, limit=limit + 1))
    keys = [(row.user_id, row.video_id) for row in found[:limit]]
    rows = {row.video_id: row for row in Watched.batch_get(keys, consistent_read=True)}
    entries = [rows[video_id] for _, video_id in keys if video_id in rows]
    return Page(entries, found[limit - 1].moment if len(found) > limit else None)


def forget(user_id: str, video_id: int) -> None:
    """Take a video off a user's history."""
    Watched(user_id, video_id).delete()


def clear(user_id: str) -> None:
    """Forget everything a user watched."""
    with Watched.batch_write() as batch:
        for entry in Watched.query(user_id, consistent_read=True):
            batch.delete(entry)


def forget_video(video_id: int, most: int = 20_000) -> bool:
    """Take a deleted video off so many people's history; whether that were all."""
    count = 0
    with Watched.batch_write() as batch:
        for entry in Watched.by_video.query(video_id, limit=most):
            batch.delete(Watched(entry.user_id, video_id))
            count += 1
    return count < most
