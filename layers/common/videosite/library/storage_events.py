"""Object-created events of stores that report by webhook, brought to the one shape ingest reads.

| sender    | body                                                                                    |
|-----------|-----------------------------------------------------------------------------------------|
| S3        | {"Records": [{"eventName": "ObjectCreated:Put", "s3": {…}}]}, key URL-encoded            |
| MinIO     | the same with "s3:" before the event's name, and EventName and Key beside Records        |
| SeaweedFS | {"event_type": "create", "key": "/buckets/B/K", "message": {"new_entry": {…}}}, key plain |

SeaweedFS reports everything its filer does: directories, the parts of multipart uploads under
`.uploads/`, its own bookkeeping, and an `update` for overwriting and tagging. Only what is a whole
upload of ours comes out of here.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

_UPLOAD_KEY = re.compile(r"uploads/[1-9][0-9]{0,15}/source\.[a-z0-9]{1,8}", re.ASCII)

_FILER_ROOT = "/buckets/"


@dataclass(frozen=True)
class CreatedObject:
    """An object that was created. `key` is decoded, `etag` has no quotes."""

    bucket: str
    key: str
    size_bytes: int
    etag: str


def created_uploads(body: dict[str, Any], uploads_bucket: str) -> list[CreatedObject]:
    """The uploads a webhook's body reports as created; nothing for what it cannot make sense of."""
    found = _from_filer(body) if "event_type" in body else _from_records(body)
    return [item for item in found if item.bucket == uploads_bucket and _UPLOAD_KEY.fullmatch(item.key)]


def _from_records(body: dict[str, Any]) -> Iterator[CreatedObject]:
    records = body.get("Records")
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
        except (KeyError, TypeError, ValueError, OverflowError):
            continue


def _from_filer(body: dict[str, Any]) -> Iterator[CreatedObject]:
    try:
        entry = body["message"]["new_entry"]
        path = str(body["key"])
        if body["event_type"] != "create" or entry.get("is_directory") or not path.startswith(_FILER_ROOT):
            return
        bucket, _, key = path.removeprefix(_FILER_ROOT).partition("/")
        # Bytes are base64 in the webhook's JSON.
        etag = b64decode(entry.get("extended", {}).get("Seaweed-X-Amz-ETag", "")).decode()
        size_bytes = int(entry.get("attributes", {}).get("file_size", 0))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return
    yield CreatedObject(bucket, key, size_bytes, etag.strip('"'))
