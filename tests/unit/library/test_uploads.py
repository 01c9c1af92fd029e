import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from tests.unit.housekeeping.conftest import NOW_S
from tests.unit.pipeline.conftest import make_video
from videosite.errors import BadInputError, ConflictError, NotFoundError, RetryableError
from videosite.housekeeping import deletion
from videosite.housekeeping.deletion import GRACE_S
from videosite.library import uploads
from videosite.library.uploads import MAX_PARTS, MIB, FormUpload, PartsUpload
from videosite.library.videos import load_visible
from videosite.pipeline import jobs, quotas
from videosite.pipeline.events import created_objects
from videosite.pipeline.ingest import MAX_SOURCE_BYTES, ingest_event
from videosite.store import objects
from videosite.store.tables import Video

pytestmark = pytest.mark.usefixtures("site")


def create(
    size_bytes: int = 1000, filename: str = "sea.mp4", title: str | None = "Sea"
) -> tuple[Video, object]:
    return uploads.create("ada", title, filename, size_bytes, "private", now_s=5.0)


# --- sizes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 64 * MIB + 1, 8 * MIB * MAX_PARTS, 8 * MIB * MAX_PARTS + 1, 5 * 1024**4])
def test_parts_are_few_enough_and_large_enough(size: int) -> None:
    part = uploads.part_size_bytes(size)
    assert part % MIB == 0
    assert part >= uploads.MIN_PART_BYTES
    assert uploads.part_count(size) <= MAX_PARTS
    assert (uploads.part_count(size) - 1) * part < size <= uploads.part_count(size) * part


# --- creating ---------------------------------------------------------------------------------------


def test_a_small_file_goes_up_in_one_form() -> None:
    video, upload = create()
    assert isinstance(upload, FormUpload)
    assert upload.key == video.source_key == f"uploads/{video.video_id}/source.mp4"
    assert upload.fields["key"] == video.source_key
    stored = Video.get(video.video_id)
    assert (stored.owner_id, stored.title, stored.status, stored.visibility) == (
        "ada",
        "Sea",
        "pending",
        "private",
    )
    assert (stored.source_size_bytes, stored.created_at_s) == (1000, 5.0)


def test_the_form_takes_exactly_the_announced_size() -> None:
    _, upload = create(size_bytes=1000)
    assert isinstance(upload, FormUpload)
    from base64 import b64decode

    policy = json.loads(b64decode(upload.fields["policy"]))
    assert ["content-length-range", 1000, 1000] in policy["conditions"]


def test_a_large_file_goes_up_in_parts_given_by_pages() -> None:
    size = 8 * MIB * 150 + 1
    video, upload = create(size_bytes=size)
    assert isinstance(upload, PartsUpload)
    assert (upload.part_size_bytes, upload.part_count) == (8 * MIB, 151)
    assert [number for number, _ in upload.parts] == list(range(1, 101))
    rest = uploads.sign_parts(Video.get(video.video_id), range(101, 152))
    assert "partNumber=151" in rest[-1][1]
    assert f"uploadId={upload.upload_id}" in rest[-1][1]


def test_without_a_title_the_file_names_it() -> None:
    video, _ = create(filename="my_sea.mp4", title=None)
    assert video.title == "my sea"


@pytest.mark.parametrize("filename", ["evil.exe", "../../etc/passwd", "a.mp4/../../b", "\u202egpj.mp4.sh"])
def test_user_text_never_gets_into_keys(filename: str) -> None:
    video, upload = create(filename=filename)
    assert isinstance(upload, FormUpload)
    assert upload.key == f"uploads/{video.video_id}/source.bin"


def test_too_large_is_refused_before_anything_is_stored() -> None:
    with pytest.raises(BadInputError, match="too_large"):
        create(size_bytes=MAX_SOURCE_BYTES + 1)
    assert list(Video.scan()) == []


def test_a_taken_id_is_not_taken_twice() -> None:
    make_video(7)
    numbers: Iterator[int] = iter([7, 7, 8])
    video, _ = uploads.create("ada", "Sea", "a.mp4", 1, "private", new_id=lambda: next(numbers))
    assert video.video_id == 8
    assert Video.get(7).owner_id == "owner"


def test_a_video_that_nobody_was_told_of_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage failed after the row was written: the client makes it anew, and it counts once."""
    with monkeypatch.context() as patch:
        patch.setattr(objects, "create_multipart", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            create(size_bytes=65 * MIB)
    assert [video.status for video in Video.scan()] == ["deleting"]
    create(size_bytes=65 * MIB)
    assert quotas.load("ada").storage_bytes == 65 * MIB


def test_ids_that_never_get_free_end_in_try_again() -> None:
    make_video(7)
    with pytest.raises(RetryableError, match="no_free_id"):
        uploads.create("ada", "Sea", "a.mp4", 1, "private", new_id=lambda: 7)


# --- parts ------------------------------------------------------------------------------------------


def test_parts_that_the_upload_does_not_have_are_not_signed() -> None:
    video, _ = create(size_bytes=65 * MIB)
    for numbers in ([0], [10], [1, 10]):
        with pytest.raises(BadInputError, match="bad_part_number"):
            uploads.sign_parts(video, numbers)


def test_no_parts_without_a_multipart_upload() -> None:
    video, _ = create()
    with pytest.raises(ConflictError, match="no_open_upload"):
        uploads.sign_parts(video, [1])


def signed_headers(url: str) -> list[str]:
    return parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";")


def test_an_address_takes_a_part_of_its_length_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage computes the signature from the length that comes."""
    video, _ = create(size_bytes=64 * MIB + 1)
    asked: list[dict[str, Any]] = []
    client = objects._public_client()
    sign = client.generate_presigned_url

    def note(operation: str, Params: dict[str, Any], ExpiresIn: int) -> str:  # noqa: N803 - boto3's names
        asked.append(Params)
        return str(sign(operation, Params=Params, ExpiresIn=ExpiresIn))

    monkeypatch.setattr(client, "generate_presigned_url", note)
    ((_, whole), (_, last)) = uploads.sign_parts(video, [8, 9])
    assert [params["ContentLength"] for params in asked] == [8 * MIB, 1]
    assert signed_headers(whole) == signed_headers(last) == ["content-length", "host"]


# --- completing -------------------------------------------------------------------------------------


@pytest.fixture
def small_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts do for an upload in parts."""
    monkeypatch.setattr(uploads, "SINGLE_REQUEST_BYTES", 8 * MIB)


TWO_PARTS = 8 * MIB + 1


def test_complete_reports_the_object_as_storage_would(messages: Callable[[str], list[str]]) -> None:
    video, _ = create()
    boto3.client("s3").put_object(Bucket="uploads", Key=video.source_key, Body=b"film")
    uploads.complete(video, [])
    (body,) = messages("ingest")
    (created,) = created_objects(json.loads(body))
    assert (created.bucket, created.key) == ("uploads", video.source_key)
    assert json.loads(body)["Records"][0]["s3"]["object"]["size"] == 4


def test_complete_before_the_file_is_there(messages: Callable[[str], list[str]]) -> None:
    video, _ = create()
    with pytest.raises(ConflictError, match="upload_incomplete"):
        uploads.complete(video, [])
    assert messages("ingest") == []


def put_parts(video: Video, first_bytes: int = 8 * MIB) -> list[tuple[int, str]]:
    assert video.upload_id
    s3 = boto3.client("s3")
    parts = []
    for number, data in ((1, b"a" * first_bytes), (2, b"b")):
        answer = s3.upload_part(
            Bucket="uploads", Key=video.source_key, UploadId=video.upload_id, PartNumber=number, Body=data
        )
        parts.append((number, answer["ETag"]))
    return parts


@pytest.mark.usefixtures("small_forms")
def test_complete_joins_parts_in_any_order(messages: Callable[[str], list[str]]) -> None:
    video, _ = create(size_bytes=TWO_PARTS)
    uploads.complete(video, put_parts(video)[::-1])
    assert (
        boto3.client("s3").head_object(Bucket="uploads", Key=video.source_key)["ContentLength"] == TWO_PARTS
    )
    assert Video.get(video.video_id).upload_id is None
    assert len(messages("ingest")) == 1


@pytest.mark.usefixtures("small_forms")
@pytest.mark.parametrize("size", [8 * MIB + 1, 8 * MIB - 1])
def test_parts_of_another_length_are_not_joined(size: int, messages: Callable[[str], list[str]]) -> None:
    """However they came there: what is kept is what was announced."""
    video, _ = create(size_bytes=TWO_PARTS)
    parts = put_parts(video, first_bytes=size)
    for named in (parts, []):
        with pytest.raises(ConflictError, match="upload_incomplete"):
            uploads.complete(video, named)
    assert objects.head("uploads", video.source_key) is None
    assert messages("ingest") == []


@pytest.mark.usefixtures("small_forms")
def test_complete_may_be_repeated(messages: Callable[[str], list[str]]) -> None:
    """Also by somebody whose row is older than the first call's."""
    video, _ = create(size_bytes=TWO_PARTS)
    parts = put_parts(video)
    old = Video.get(video.video_id)
    uploads.complete(video, parts)
    uploads.complete(old, parts)
    uploads.complete(Video.get(video.video_id), [])
    assert len(messages("ingest")) == 3


def test_complete_of_a_running_video_does_nothing(messages: Callable[[str], list[str]]) -> None:
    uploads.complete(make_video(7, status="processing"), [])
    assert messages("ingest") == []


@pytest.mark.usefixtures("small_forms")
@pytest.mark.parametrize("etag", ['"00000000000000000000000000000000"', '"x"'])
@pytest.mark.parametrize("numbers", [[1], [1, 2], [1, 2, 3]])
def test_parts_that_are_not_those_that_storage_has(numbers: list[int], etag: str) -> None:
    video, _ = create(size_bytes=TWO_PARTS)
    put_parts(video)
    parts = [(number, etag) for number in numbers]
    with pytest.raises(BadInputError, match="bad_parts"):
        uploads.complete(video, parts)


def test_completing_parts_without_naming_them() -> None:
    video, _ = create(size_bytes=65 * MIB)
    with pytest.raises(ConflictError, match="upload_incomplete"):
        uploads.complete(video, [])


# --- giving up --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_forms")
def test_abort_deletes_the_video_and_what_addresses_still_let_through() -> None:
    """The form and the parts' addresses work for an hour more."""
    s3 = boto3.client("s3")
    for size in (1000, TWO_PARTS):
        video, _ = create(size_bytes=size)
        uploads.abort(video, NOW_S)
        with pytest.raises(NotFoundError):
            load_visible(video.video_id, "ada", sees_all=True)
        assert quotas.load("ada").storage_bytes == 0
        s3.put_object(Bucket="uploads", Key=video.source_key, Body=b"late")
        ingest_event({"Records": [{"eventName": "ObjectCreated:Put", "s3": {
            "bucket": {"name": "uploads"}, "object": {"key": video.source_key}}}]})  # fmt: skip
    for at_s in (NOW_S, NOW_S + GRACE_S):
        deletion.remove(at_s)
    assert list(Video.scan()) == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="uploads")
    assert "Contents" not in s3.list_objects_v2(Bucket="uploads")


def test_abort_comes_too_late_for_a_file_that_is_there() -> None:
    """Ingest has not seen it yet."""
    video, _ = create()
    boto3.client("s3").put_object(Bucket="uploads", Key=video.source_key, Body=b"film")
    with pytest.raises(ConflictError, match="upload_ended"):
        uploads.abort(video)
    assert Video.get(video.video_id).status == "pending"


def test_abort_stops_no_transcode_that_ingest_began_meanwhile() -> None:
    video, _ = create()
    job = jobs.accept(Video.get(video.video_id), objects.ObjectHead(1000, "e"))
    assert job is not None
    with pytest.raises(ConflictError, match="upload_ended"):
        uploads.abort(video)
    assert jobs.still_runs(job)


def test_abort_comes_too_late_for_a_running_video() -> None:
    video = make_video(7, status="processing", active_generation=1)
    with pytest.raises(ConflictError, match="upload_ended"):
        uploads.abort(video)
    assert Video.get(7).status == "processing"
