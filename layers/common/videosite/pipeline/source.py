"""The file a job is made of, as FFmpeg reads it: the upload, or the copy of it whose clock was mended."""

from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job


def source_url(job: Job, expires_s: int) -> str:
    """An address FFmpeg can read it at, for so many seconds."""
    return objects.presign_get(get_settings().uploads_bucket, job.mended_key or job.source_key, expires_s)


def if_match(job: Job) -> str:
    """HTTP header that makes a read fail if the file changed under the job."""
    return f'If-Match: "{job.mended_etag or job.source_etag}"\r\n'


def is_there(job: Job) -> bool:
    """Whether the upload is in storage, as it was."""
    head = objects.head(get_settings().uploads_bucket, job.source_key)
    return head is not None and head.etag == job.source_etag


def has_copy(job: Job) -> bool:
    """Whether the job can go on with its source: False when that was a copy, and the copy was removed."""
    return not job.mended_key or bool(job.mended_etag)
