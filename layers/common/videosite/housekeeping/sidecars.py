"""Sidecars: written soon after what they say has changed, and compared with it once a day."""

from videosite.errors import NotFoundError
from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import PAGE, each
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.sidecars import ITEM, WATCH
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Sidecar, User, Video
from videosite.store.transactions import applied

COMPARED = 20
"""Videos per minute."""


def write(now_s: float) -> int:
    """Write those of videos that changed; returns how many were written or removed."""
    due = Job.by_deadline.query(WATCH, Job.look_at_s <= now_s, limit=PAGE)
    return each(list(due), lambda found: write_one(found.video_id))


def compare(now_s: float) -> int:
    """Write those that do not say what the rows do: somebody died before marking, or only views changed."""
    return each(next_page("sidecars", now_s, _list_page), lambda video: write_one(video.video_id))


def _list_page(after: str | None) -> tuple[list[Video], str | None]:
    start = {"video_id": {"N": after}} if after else None
    found = Video.scan(limit=COMPARED, page_size=COMPARED, last_evaluated_key=start, consistent_read=True)
    rows = list(found)
    last = found.last_evaluated_key
    return rows, str(last["video_id"]["N"]) if last else None


def write_one(video_id: int) -> bool:
    """Bring a video's sidecar to what its rows say, or remove that of one that is gone; whether there was
    something to do."""
    mark = _load(video_id)
    try:
        video = jobs.load_video(video_id)
    except NotFoundError:
        video = None
    if video is None or video.status == "deleting":
        objects.delete(get_settings().media_bucket, sidecars.key(video_id))
        mark.delete()
        return True
    data = sidecars.encode(sidecars.describe(video, _owner(video.owner_id)))
    digest = sidecars.digest(data)
    if changed := digest != mark.digest:
        objects.put(
            get_settings().media_bucket, sidecars.key(video_id), data, sidecars.MEDIA_TYPE, "no-store"
        )
    # Unless it was marked again meanwhile: then the next round writes what was changed after it was read.
    same = Sidecar.look_at_s == mark.look_at_s if mark.look_at_s else Sidecar.look_at_s.does_not_exist()
    done = [Sidecar.watch.remove(), Sidecar.look_at_s.remove()]
    applied(lambda: mark.update([Sidecar.digest.set(digest), *done], condition=same))
    return changed


def _load(video_id: int) -> Sidecar:
    try:
        return Sidecar.get(video_id, ITEM, consistent_read=True)
    except Sidecar.DoesNotExist:
        return Sidecar(video_id, ITEM)


def _owner(user_id: str) -> User | None:
    try:
        # No more than these: housekeeping's role may read nothing else of a user.
        return User.get(user_id, attributes_to_get=["user_id", "email", "display_name"])
    except User.DoesNotExist:
        return None
