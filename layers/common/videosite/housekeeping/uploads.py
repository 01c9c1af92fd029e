"""Uploads whose event was lost."""

from videosite import ids
from videosite.housekeeping.rows import PAGE, each
from videosite.settings import get_settings
from videosite.store import objects, queues
from videosite.store.tables import Video

UPLOAD_GRACE_S = 60
UPLOAD_WINDOW_S = 48 * 3600


def report_silent(now_s: float) -> int:
    """Report objects of recent videos that are still pending although there was time for it."""
    oldest = ids.video_id(int((now_s - UPLOAD_WINDOW_S) * 1000), 0)
    newest = ids.video_id(int((now_s - UPLOAD_GRACE_S) * 1000), 0)
    silent = [
        video
        for visibility in ("private", "unlisted", "public")
        for video in Video.by_visibility.query(
            visibility,
            Video.video_id.between(oldest, newest),
            filter_condition=Video.status == "pending",
            limit=PAGE,
        )
    ]
    return each(silent, _report)


def _report(video: Video) -> bool:
    bucket = get_settings().uploads_bucket
    head = objects.head(bucket, video.source_key)
    if head is None:
        return False
    queues.send_ingest(bucket, video.source_key, head.size_bytes, head.etag)
    return True
