"""Uploads whose event was lost, and uploads nobody will finish."""

from videosite import ids
from videosite.errors import ConflictError
from videosite.housekeeping.rows import PAGE, each, look_again
from videosite.library import uploads
from videosite.pipeline import jobs
from videosite.settings import get_settings
from videosite.store import objects, queues
from videosite.store.tables import Video

UPLOAD_LIFE_S = 48 * 3600
"""How long a video may wait for its file; an upload of several days would have to begin anew."""
LONGEST_PAUSE_S = 900


def _due(now_s: float) -> list[Video]:
    """Videos still waiting for their file, whose time has come to be looked at."""
    return list(Video.by_deadline.query(jobs.WATCH, Video.look_at_s < now_s, limit=PAGE))


def report(now_s: float) -> int:
    """Say again what nobody said: that the file is there."""
    return each(_due(now_s), lambda video: _report(video, now_s))


def _report(found: Video, now_s: float) -> bool:
    video = jobs.load_video(found.video_id)
    pending = Video.status == "pending"
    if video.status != "pending":
        look_again(video, None, Video.status != "pending")
        return False
    # The longer it waits, the less likely is the next minute.
    pause_s = min(max(uploads.LOOK_AFTER_S, now_s - video.created_at_s), LONGEST_PAUSE_S)
    look_again(video, now_s + pause_s, pending)
    bucket = get_settings().uploads_bucket
    head = objects.head(bucket, video.source_key)
    if head is None:
        return False
    queues.send_ingest(bucket, video.source_key, head.size_bytes, head.etag)
    return True


def expire(now_s: float) -> int:
    """Remove videos whose file never came, with what was uploaded of it."""
    old = [video for video in _due(now_s) if ids.created_s(video.video_id) < now_s - UPLOAD_LIFE_S]
    return each(old, lambda found: _expire(found, now_s))


def _expire(found: Video, now_s: float) -> bool:
    try:
        uploads.abort(jobs.load_video(found.video_id), now_s)
    except ConflictError:
        return False
    return True


def abort_abandoned(now_s: float) -> int:
    """Drop the parts of multipart uploads begun too long ago, whatever became of their video."""
    # In order of their keys, and so of time: the first page has the oldest.
    begun = objects.list_multipart(get_settings().uploads_bucket, "uploads/")
    abandoned = [upload for upload in begun if upload.begun_at_s < now_s - UPLOAD_LIFE_S]
    return each(abandoned, _abort)


def _abort(upload: objects.MultipartUpload) -> bool:
    objects.abort_multipart(upload.key, upload.upload_id)
    return True
