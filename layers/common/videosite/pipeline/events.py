"""Object-created events in S3's shape, and whose upload a key is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

_UPLOAD_KEY = re.compile(r"uploads/([1-9][0-9]{0,15})/source\.[a-z0-9]{1,8}", re.ASCII)


@dataclass(frozen=True)
class CreatedObject:
    """An object that was created. `key` is decoded, `etag` has no quotes."""

    bucket: str
    key: str
    size_bytes: int
    etag: str


def created_objects(body: object) -> Iterator[CreatedObject]:
    """Objects named by an S3 event notification; test events, other events and nonsense give none."""
    records = body.get("Records") if isinstance(body, dict) else None
    for record in records if isinstance(records, list) else []:
        try:
            if str(record["eventName"]).removeprefix("s3:").startswith("ObjectCreated:"):
                entity = record["s3"]["object"]
                yield CreatedObject(
                    bucket=str(record["s3"]["bucket"]["name"]),
                    key=unquote_plus(str(entity["key"])),
                    size_bytes=int(entity.get("size", 0)),
                    etag=str(entity.get("eTag", "")).strip('"'),
                )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            continue


def video_id_of(key: str) -> int | None:
    """The video an upload's key belongs to (uploads/{video_id}/source.{ext}), or None."""
    match = _UPLOAD_KEY.fullmatch(key)
    return int(match[1]) if match else None
