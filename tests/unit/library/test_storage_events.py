"""One table of event shapes over the stores. The SeaweedFS bodies are as `weed` 4.48 sent them, shortened."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.library.storage_events import created_uploads
from videosite.pipeline.events import CreatedObject

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


MINIO = {
    "EventName": "s3:ObjectCreated:CompleteMultipartUpload",
    "Key": f"up/{KEY}",
    "Records": [s3_record("s3:ObjectCreated:CompleteMultipartUpload", key=KEY.replace("/", "%2F"))],
}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"Records": [s3_record()]}, id="s3"),
        pytest.param({"Records": [s3_record(etag='"52606bf2"')]}, id="s3, quoted etag"),
        pytest.param(MINIO, id="minio"),
        pytest.param(filer_event(), id="seaweedfs"),
    ],
)
def test_every_store_gives_the_same(body: dict[str, Any]) -> None:
    assert created_uploads(body, "up") == [CREATED]


PART = "/buckets/up/.uploads/db36_8b1c/0001_f7ff.part"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Event": "s3:TestEvent", "Bucket": "up"}, id="s3 test event"),
        pytest.param({"Records": [s3_record("ObjectRemoved:Delete")]}, id="s3 delete"),
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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["Records", "event_type", "key", "message", "x"]), json_values))
def test_no_body_breaks_it(body: dict[str, Any]) -> None:
    assert created_uploads(body, "up") == []
