"""From "I have a video" to an object in the uploads bucket that ingest knows of.

The client sends the bytes straight to storage: one presigned form up to 64 MiB, presigned parts above.
Afterwards it says "complete", which reports the object to ingest exactly as storage's own event does;
whichever comes first counts.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.errors import BadInputError, ConflictError, RetryableError
from videosite.library import metadata, names, terms
from videosite.library.metadata import Changes
from videosite.media.ladder import DEFAULT_LADDER
from videosite.pipeline import deletion, jobs, quotas, sidecars
from videosite.pipeline.ingest import check_size
from videosite.settings import require
from videosite.store import objects, queues, statistics
from videosite.store.parts import UploadPart, list_parts
from videosite.store.tables import Video
from videosite.store.transactions import applied, commit

MIB = 1024 * 1024
SINGLE_REQUEST_BYTES = 64 * MIB
"""Up to here one form upload does; above, a broken connection would cost too much."""
MIN_PART_BYTES = 8 * MIB
"""S3 wants at least 5 MiB; 8 keeps the part count of common uploads low."""
MAX_PARTS = 10_000
"""S3's limit on the parts of one upload."""
PARTS_PER_PAGE = 100
ADDRESS_LIFE_S = 3600
LOOK_AFTER_S = 60
"""When housekeeping first looks for a file nobody reported."""
NOTHING_SAID = Changes()
_ID_ATTEMPTS = 8


@dataclass(frozen=True)
class FormUpload:
    """One request: POST `fields`, then the file, as multipart/form-data to `url`."""

    key: str
    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class PartsUpload:
    """PUT part n (from 1) of `part_size_bytes` each, the last one shorter, to its address.

    `parts` are the first (number, address) pairs; `sign_parts` gives the rest.
    """

    key: str
    upload_id: str
    part_size_bytes: int
    part_count: int
    parts: list[tuple[int, str]]


def part_size_bytes(size_bytes: int) -> int:
    """Size of the parts of an upload: 8 MiB, more (in whole MiB) when 10,000 of those do not do."""
    least = -(-size_bytes // MAX_PARTS)
    return max(MIN_PART_BYTES, -(-least // MIB) * MIB)


def part_count(size_bytes: int) -> int:
    """How many parts an upload has."""
    return -(-size_bytes // part_size_bytes(size_bytes))


def _size_of_part(video: Video, number: int) -> int:
    each = part_size_bytes(video.source_size_bytes)
    return min(each, video.source_size_bytes - (number - 1) * each)


def create(
    owner_id: str,
    title: str | None,
    filename: str,
    size_bytes: int,
    visibility: str,
    changes: Changes = NOTHING_SAID,
    ladder: str = DEFAULT_LADDER,
    normalize: bool = False,
    now_s: float | None = None,
    new_id: Callable[[], int] = ids.video_id,
) -> tuple[Video, FormUpload | PartsUpload]:
    """Make the video's row and the way to upload its file.

    `changes`: what else is said of it.

    Raises:
        BadInputError: `too_large` above 5 GiB, `bad_title`, and as `metadata.change`.
        ForbiddenError: `quota_exceeded`.
    """
    check_size(size_bytes)
    now_s = time.time() if now_s is None else now_s
    extension = names.extension_of(filename)
    video = Video(
        owner_id=owner_id,
        title=names.title_from(filename) if title is None else names.clean_title(title),
        visibility=visibility,
        ladder=ladder,
        normalize=normalize,
        source_size_bytes=size_bytes,
        created_at_s=now_s,
        updated_at_s=now_s,
        watch=jobs.WATCH,
        look_at_s=now_s + LOOK_AFTER_S,
    )
    metadata.describe_new(video, changes)
    _save_new(video, extension, new_id)
    try:
        terms.sync(video.video_id)
        upload = _open_upload(video)
    except Exception:
        # The client will make it anew.
        deletion.begin(video)
        raise
    statistics.count("uploads", 1, now_s)
    statistics.count("uploaded_bytes", size_bytes, now_s)
    sidecars.mark(video.video_id, now_s)
    return video, upload


def _save_new(video: Video, extension: str, new_id: Callable[[], int]) -> None:
    """Save under an id nobody has: two videos of one millisecond clash once in 4096 times."""
    limit_bytes = quotas.limits(video.owner_id).storage_bytes

    def fill(write: TransactWrite) -> None:
        write.save(video, condition=Video.video_id.does_not_exist())
        quotas.add_storage(write, video.owner_id, video.source_size_bytes, limit_bytes)

    for _ in range(_ID_ATTEMPTS):
        video.video_id = new_id()
        video.source_key = f"uploads/{video.video_id}/source.{extension}"
        failed = commit(fill)
        if not failed:
            return
        if 1 in failed:
            raise quotas.storage_exceeded(video.source_size_bytes, limit_bytes)
    raise RetryableError("no_free_id", "No free video id was found; try again.")


def _open_upload(video: Video) -> FormUpload | PartsUpload:
    key, size_bytes = video.source_key, video.source_size_bytes
    if size_bytes <= SINGLE_REQUEST_BYTES:
        return _form(video)
    upload_id = objects.create_multipart(key, names.content_type_of(key.rpartition(".")[2]))
    video.update(actions=[Video.upload_id.set(upload_id)])
    count = part_count(size_bytes)
    first_page = sign_parts(video, range(1, min(count, PARTS_PER_PAGE) + 1))
    return PartsUpload(key, upload_id, part_size_bytes(size_bytes), count, first_page)


def _form(video: Video) -> FormUpload:
    content_type = names.content_type_of(video.source_key.rpartition(".")[2])
    form = objects.presign_post_upload(
        video.source_key, video.source_size_bytes, ADDRESS_LIFE_S, content_type
    )
    return FormUpload(video.source_key, form.url, form.fields)


def resume(video: Video) -> tuple[FormUpload | PartsUpload, list[UploadPart]]:
    """How to go on with an upload, for a client that remembers nothing: the form anew, or addresses for the
    first parts that are missing, and what storage has.

    Raises:
        ConflictError: `upload_ended`, the file is there; `no_open_upload`.
    """
    if _has_ended(video):
        raise upload_ended()
    if video.source_size_bytes <= SINGLE_REQUEST_BYTES:
        return _form(video), []
    stored = list_parts(video.source_key, video.upload_id) if video.upload_id else None
    if stored is None or not video.upload_id:
        raise no_open_upload()
    whole = _whole_parts(video, stored)
    count = part_count(video.source_size_bytes)
    missing = sorted(set(range(1, count + 1)) - {part.number for part in whole})[:PARTS_PER_PAGE]
    size_bytes = part_size_bytes(video.source_size_bytes)
    found = PartsUpload(video.source_key, video.upload_id, size_bytes, count, sign_parts(video, missing))
    return found, whole


def _whole_parts(video: Video, stored: Sequence[UploadPart]) -> list[UploadPart]:
    """The parts that are as long as they have to be: others are to be sent again."""
    return [part for part in stored if part.size_bytes == _size_of_part(video, part.number)]


def no_open_upload() -> ConflictError:
    """Nothing can be sent to it."""
    return ConflictError("no_open_upload", "This video has no multipart upload in progress.")


def sign_parts(video: Video, numbers: Sequence[int]) -> list[tuple[int, str]]:
    """(number, address) for each part asked for, good for an hour and for a part of its length.

    Raises:
        ConflictError: `no_open_upload`.
        BadInputError: `bad_part_number`, the announced size has no such part.
    """
    if not video.upload_id:
        raise no_open_upload()
    count = part_count(video.source_size_bytes)
    if any(not 1 <= number <= count for number in numbers):
        raise BadInputError("bad_part_number", f"Parts of this upload are numbered from 1 to {count}.")
    sizes = {number: _size_of_part(video, number) for number in numbers}
    urls = objects.presign_parts(video.source_key, video.upload_id, sizes, ADDRESS_LIFE_S)
    return list(zip(sizes, urls, strict=True))


def complete(video: Video, parts: Sequence[tuple[int, str]]) -> None:
    """Join the parts, if there are any, and report the object to ingest. Safe to repeat.

    Parts are joined once all of them are there, each of its length. `parts`: (number, etag) pairs as their
    client knows them, with which storage compares its own; none: whatever storage has.

    Raises:
        ConflictError: `upload_incomplete`, storage does not hold the file yet.
        BadInputError: `bad_parts`, what was named is not what storage has.
    """
    if video.status != "pending":
        # Somebody reported it already: storage's event, the sweep, or this call before.
        return
    bucket = require("uploads_bucket")
    head = objects.head(bucket, video.source_key)
    if head is None and video.upload_id:
        head = _join(bucket, video, video.upload_id, parts)
    if head is None:
        raise ConflictError("upload_incomplete", "The file has not arrived in storage yet.")
    if video.upload_id:
        _forget_upload(video)
    queues.send_ingest(bucket, video.source_key, head.size_bytes, head.etag)


def _all_parts(video: Video, upload_id: str) -> list[tuple[int, str]]:
    """Every part of an upload as (number, etag); nothing while one is missing."""
    whole = _whole_parts(video, list_parts(video.source_key, upload_id) or [])
    complete = len(whole) == part_count(video.source_size_bytes)
    return [(part.number, part.etag) for part in whole] if complete else []


def _join(
    bucket: str, video: Video, upload_id: str, named: Sequence[tuple[int, str]]
) -> objects.ObjectHead | None:
    parts = _all_parts(video, upload_id)
    refused = None
    if parts and named and {number for number, _ in named} != {number for number, _ in parts}:
        raise BadInputError("bad_parts", f"Parts 1 to {len(parts)} have to be named, or none.")
    if parts:
        try:
            objects.complete_multipart(video.source_key, upload_id, named or parts)
        except BadInputError as error:
            refused = error
    # Also if nothing was joined: a parallel call may have done it.
    head = objects.head(bucket, video.source_key)
    if head is None and refused:
        raise refused
    return head


def _forget_upload(video: Video) -> None:
    applied(lambda: video.update(actions=[Video.upload_id.remove()], condition=Video.upload_id.exists()))


def abort(video: Video, now_s: float | None = None) -> None:
    """Give up an upload whose file is not there: the video is deleted, and what its addresses still let
    through goes with it.

    Raises:
        ConflictError: `upload_ended`, the file arrived already.
    """
    if _has_ended(video) or not deletion.begin(video, now_s, Video.status == "pending"):
        raise upload_ended()


def _has_ended(video: Video) -> bool:
    return video.status != "pending" or objects.head(require("uploads_bucket"), video.source_key) is not None


def upload_ended() -> ConflictError:
    """Its file is there."""
    return ConflictError("upload_ended", "The upload has ended already.")
