"""Object-created events of stores that report by webhook, brought to the one shape ingest reads.

| sender      | body                                                                                        |
|-------------|---------------------------------------------------------------------------------------------|
| S3          | {"Records": [{"eventName": "ObjectCreated:Put", "s3": {…}}]}, key URL-encoded               |
| MinIO       | the same with "s3:" before the event's name, and EventName and Key beside Records           |
| EventBridge | {"source": "aws.s3", "detail-type": "Object Created", "detail": {…}}, key plain             |
| SeaweedFS   | {"event_type": "create", "key": "/buckets/B/K", "message": {"new_entry": {…}}}, plain       |

SeaweedFS reports everything its filer does: directories, the parts of multipart uploads under
`.uploads/`, its own bookkeeping, and an `update` for overwriting and tagging. Only what is a whole
upload of ours comes out of here, each once.
"""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from videosite.pipeline.events import CreatedObject, created_objects, video_id_of

_FILER_ROOT = "/buckets/"


def created_uploads(body: dict[str, Any], uploads_bucket: str) -> list[CreatedObject]:
    """The uploads a webhook's body reports as created; nothing for what it cannot make sense of."""
    if "event_type" in body:
        found = _from_filer(body)
    elif "detail-type" in body:
        found = _from_event_bridge(body)
    else:
        found = created_objects(body)
    ours = (item for item in found if item.bucket == uploads_bucket and video_id_of(item.key))
    return list(dict.fromkeys(ours))


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


def _from_event_bridge(body: dict[str, Any]) -> Iterator[CreatedObject]:
    try:
        if body["source"] != "aws.s3" or body["detail-type"] != "Object Created":
            return
        bucket, entity = body["detail"]["bucket"]["name"], body["detail"]["object"]
        size_bytes, etag = int(entity.get("size", 0)), str(entity.get("etag", ""))
        created = CreatedObject(str(bucket), str(entity["key"]), size_bytes, etag.strip('"'))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return
    yield created
