"""The uploaded file, for its owner to have back."""

from videosite.errors import ConflictError
from videosite.library import names
from videosite.settings import require
from videosite.store import objects, statistics
from videosite.store.tables import Video

LIFE_S = 3600


def source(video: Video, now_s: float) -> tuple[str, float]:
    """(address, when it ends in Unix seconds) from which a browser saves the upload under the video's title.

    Raises:
        ConflictError: `nothing_uploaded`, storage does not hold it.
    """
    bucket = require("uploads_bucket")
    head = objects.head(bucket, video.source_key)
    if head is None:
        raise ConflictError("nothing_uploaded", "The uploaded file is not in storage.")
    extension = video.source_key.rpartition(".")[2]
    url = objects.presign_download(bucket, video.source_key, LIFE_S, names.attachment(video.title, extension))
    statistics.count("source_downloads", 1, now_s)
    statistics.count("source_download_bytes", head.size_bytes, now_s)
    return url, now_s + LIFE_S
