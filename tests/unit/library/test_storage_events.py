"""One table of event shapes over the stores.

Where the bodies come from, shortened:
- S3: "Event message structure", docs.aws.amazon.com/AmazonS3/latest/userguide/, pages
  notification-content-structure.html and, of EventBridge, ev-events.html. Keys are URL-encoded in the first
  and plain in the second.
- MinIO: `ToEvent` in cmd/event-notification.go (keys by Go's url.QueryEscape, so that "/" is %2F and a space
  +; no ETag and size in a removal) and `send` in internal/event/target/webhook.go of github.com/minio/minio
  (one record a body, beside EventName and the plain Key).
- SeaweedFS: as `weed` 4.48 sent them.
"""

from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.library.storage_events import created_uploads
from videosite.pipeline.events import CreatedObject, created_objects

KEY = "uploads/734001/source.mp4"
CREATED = CreatedObject("up", KEY, 70, "52606bf2")


def s3_record(
    event: str = "ObjectCreated:Post",
    key: str = KEY,
    bucket: str = "up",
    etag: str = "52606bf2",
    size: float = 70,
) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": size, "eTag": etag}},
    }


def filer_event(event: str = "create", path: str = f"/buckets/up/{KEY}", **entry: Any) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    new_entry = {
        "name": name,
        "chunks": [{"size": 70, "e_tag": "UmBr8jYLlsw9B6IkQf6ATA=="}],
        "attributes": {"file_size": 70, "mtime": 1795513972, "md5": "UmBr8jYLlsw9B6IkQf6ATA=="},
        "extended": {"Seaweed-X-Amz-ETag": b64encode(b"52606bf2").decode(), "Seaweed-X-Amz-Owner": "YQ=="},
    }
    message = {
        "new_entry": new_entry | entry,
        "delete_chunks": True,
        "new_parent_path": path.rpartition("/")[0],
    }
    return {"key": path, "event_type": event, "message": message}


def minio_event(event: str = "s3:ObjectCreated:Put", key: str = KEY, **record: Any) -> dict[str, Any]:
    """A body of MinIO's webhook."""
    one = s3_record(event, quote_plus(key), **record) | {
        "eventVersion": "2.0",
        "eventSource": "minio:s3",
        "source": {"host": "127.0.0.1", "port": "", "userAgent": "MinIO (linux; amd64) minio-go/v7.0.52"},
    }
    return {"EventName": event, "Key": f"{one['s3']['bucket']['name']}/{key}", "Records": [one]}


def bridge_event(
    kind: str = "Object Created", key: str = KEY, bucket: str = "up", reason: str = "PutObject", **entity: Any
) -> dict[str, Any]:
    """An event of EventBridge."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 70, "etag": "52606bf2", **entity},
            "reason": reason,
        },
    }


MINIO = minio_event("s3:ObjectCreated:CompleteMultipartUpload")
WAYS = ("Put", "Post", "Copy", "CompleteMultipartUpload")
"""In which S3 and MinIO say that an object is created."""
REASONS = ("PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload")
"""The same in EventBridge."""


@pytest.mark.parametrize(
    "body",
    [
        *(pytest.param({"Records": [s3_record(f"ObjectCreated:{way}")]}, id=f"s3, {way}") for way in WAYS),
        pytest.param({"Records": [s3_record(etag='"52606bf2"')]}, id="s3, quoted etag"),
        pytest.param({"Records": [s3_record(key="uploads%2F734001%2Fsource.mp4")]}, id="s3, encoded key"),
        pytest.param({"Records": [s3_record(key="uploads/734001/source%2Emp4")]}, id="s3, more encoded"),
        pytest.param({"Records": [s3_record(), s3_record()]}, id="s3, twice in one"),
        *(pytest.param(minio_event(f"s3:ObjectCreated:{way}"), id=f"minio, {way}") for way in WAYS),
        *(pytest.param(bridge_event(reason=reason), id=f"eventbridge, {reason}") for reason in REASONS),
        # Its filer does not say how: an upload, a form, joined parts and a copy are one new entry each.
        pytest.param(filer_event(), id="seaweedfs"),
        pytest.param(filer_event(chunks=[{"size": 30}, {"size": 40}]), id="seaweedfs, joined parts"),
        pytest.param(
            filer_event(
                extended={
                    "Seaweed-X-Amz-ETag": b64encode(b'"52606bf2"').decode(),
                    "Seaweed-Content-Disposition": b64encode("filename*=UTF-8''海边".encode()).decode(),
                }
            ),
            id="seaweedfs, quoted etag and other headers",
        ),
    ],
)
def test_every_store_gives_the_same(body: dict[str, Any]) -> None:
    assert created_uploads(body, "up") == [CREATED]


PART = "/buckets/up/.uploads/db36_8b1c/0001_f7ff.part"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param(
            {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "up", "RequestId": "5582815E1A"},
            id="s3 test event",
        ),
        pytest.param({"Records": []}, id="s3, no record"),
        pytest.param({"Records": [s3_record("ObjectRemoved:Delete")]}, id="s3 delete"),
        pytest.param({"Records": [s3_record("ObjectRemoved:DeleteMarkerCreated")]}, id="s3 delete marker"),
        pytest.param({"Records": [s3_record("ObjectTagging:Put")]}, id="s3, tagged"),
        pytest.param({"Records": [s3_record("ObjectRestore:Completed")]}, id="s3, restored"),
        pytest.param({"Records": [s3_record("s3:ObjectAccessed:Get")]}, id="minio, read"),
        pytest.param(minio_event("s3:ObjectRemoved:Delete", etag="", size=0), id="minio delete"),
        pytest.param(minio_event(bucket="media"), id="minio, another bucket"),
        pytest.param(minio_event(key="uploads/734001/my clip+1.mp4"), id="minio, space and plus"),
        pytest.param({"EventName": "s3:ObjectCreated:Put", "Key": f"up/{KEY}"}, id="minio, no records"),
        pytest.param(bridge_event("Object Deleted", reason="DeleteObject"), id="eventbridge delete"),
        pytest.param(bridge_event("Object Tags Added"), id="eventbridge, tagged"),
        pytest.param(bridge_event(bucket="media"), id="eventbridge, another bucket"),
        pytest.param(bridge_event(key="uploads%2F734001%2Fsource.mp4"), id="eventbridge, key is plain"),
        pytest.param(bridge_event() | {"source": "aws.ec2"}, id="eventbridge, of something else"),
        pytest.param(bridge_event() | {"detail": {"bucket": "up", "object": KEY}}, id="eventbridge, broken"),
        pytest.param(bridge_event(size=float("nan")), id="eventbridge, no size"),
        pytest.param({"Records": [s3_record(key="uploads/734001/source.mp4%00")]}, id="s3, NUL"),
        pytest.param({"Records": [s3_record(key="uploads/734001/source.%E6%B5%B7")]}, id="s3, unicode"),
        pytest.param({"Records": [s3_record(key="uploads/734001/source.mp4+")]}, id="s3, a space behind"),
        pytest.param({"Records": [s3_record(key="uploads/734001/source%252Emp4")]}, id="s3, encoded twice"),
        pytest.param({"Records": [s3_record(key="/uploads/734001/source.mp4")]}, id="s3, slash before"),
        pytest.param({"Records": [s3_record(key="uploads/٧/source.mp4")]}, id="s3, other digits"),
        pytest.param({"Records": [s3_record(key="uploads/" + "9" * 400 + "/source.mp4")]}, id="s3, long id"),
        pytest.param({"Records": [s3_record(bucket="media")]}, id="s3, another bucket"),
        pytest.param({"Records": [s3_record(key="uploads/1/../2/source.mp4")]}, id="s3, dots"),
        pytest.param({"Records": [s3_record(key="uploads/1/source.mp4%0A")]}, id="s3, line end"),
        pytest.param({"Records": [s3_record(key="uploads/1/other.mp4")]}, id="s3, another name"),
        pytest.param(
            {"Records": [s3_record(key="uploads/01/source.mp4")]}, id="s3, another spelling of an id"
        ),
        pytest.param({"Records": "x"}, id="s3, no list"),
        pytest.param({"Records": [s3_record(size=float("inf"))]}, id="s3, endless"),
        pytest.param({"Records": [None, 5, {"eventName": "ObjectCreated:Put", "s3": []}]}, id="s3, broken"),
        pytest.param(filer_event(path=PART), id="seaweedfs, a part"),
        pytest.param(
            filer_event(path="/buckets/up/uploads/734001", is_directory=True), id="seaweedfs, a folder"
        ),
        pytest.param(filer_event(is_directory=True), id="seaweedfs, a folder of that name"),
        pytest.param(filer_event("update"), id="seaweedfs, overwritten or tagged"),
        pytest.param(filer_event("delete"), id="seaweedfs, deleted"),
        pytest.param(filer_event("rename"), id="seaweedfs, renamed"),
        pytest.param(filer_event(path="/buckets/up/uploads%2F7%2Fsource.mp4"), id="seaweedfs, key is plain"),
        pytest.param(filer_event(path=f"/buckets/up/../up/{KEY}"), id="seaweedfs, dots"),
        pytest.param(filer_event(path="/buckets/up/uploads/734001/source.mp4\n"), id="seaweedfs, line end"),
        pytest.param(filer_event(attributes={"file_size": "many"}), id="seaweedfs, broken size"),
        pytest.param(filer_event(path=f"/buckets/media/{KEY}"), id="seaweedfs, another bucket"),
        pytest.param(filer_event(path="/buckets/.system/owners/a"), id="seaweedfs, its own bookkeeping"),
        pytest.param(filer_event(path=f"/topics/up/{KEY}"), id="seaweedfs, no bucket"),
        pytest.param({"event_type": "create", "key": 5, "message": None}, id="seaweedfs, broken"),
        pytest.param(filer_event(extended={"Seaweed-X-Amz-ETag": "5"}), id="seaweedfs, broken etag"),
        pytest.param(filer_event(extended=[]), id="seaweedfs, broken fields"),
    ],
)
def test_noise_gives_nothing(body: dict[str, Any]) -> None:
    assert created_uploads(body, "up") == []


def test_several_records() -> None:
    other = s3_record(key="uploads/7/source.bin")
    found = created_uploads({"Records": [s3_record(), s3_record("ObjectRemoved:Delete"), other]}, "up")
    assert [item.key for item in found] == [KEY, "uploads/7/source.bin"]


def test_keys_are_decoded_once_as_each_store_encodes_them() -> None:
    """What we write has no such letters; other buckets' keys do, and must not turn into one of ours."""
    for key in ("a b", "a+b", "a%b", "海边 1.mp4", "ä", "\u0301x", "👩\u200d🚀", "uploads%2F7%2Fsource.mp4"):
        encoded = {"Records": [s3_record(key=quote_plus(key))]}
        assert [item.key for item in created_objects(encoded)] == [key]
        assert created_uploads(encoded, "up") == []
        assert created_uploads(minio_event(key=key), "up") == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


FIELDS = ("Records", "event_type", "key", "message", "detail-type", "source", "detail", "EventName", "x")


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_no_body_breaks_it(body: dict[str, Any]) -> None:
    assert created_uploads(body, "up") == []
