import json
from collections.abc import Callable, Iterator

import boto3
import pytest

from tests.unit.pipeline.conftest import make_video
from videosite.errors import BadInputError, ConflictError, RetryableError
from videosite.library import uploads
from videosite.library.uploads import MAX_PARTS, MIB, FormUpload, PartsUpload
from videosite.pipeline.events import created_objects
from videosite.pipeline.ingest import MAX_SOURCE_BYTES
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


def test_the_form_limits_the_size() -> None:
    _, upload = create(size_bytes=1000)
    assert isinstance(upload, FormUpload)
    from base64 import b64decode

    policy = json.loads(b64decode(upload.fields["policy"]))
    assert ["content-length-range", 0, 1000] in policy["conditions"]


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


# --- completing -------------------------------------------------------------------------------------


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


def put_parts(video: Video) -> list[tuple[int, str]]:
    assert video.upload_id
    s3 = boto3.client("s3")
    parts = []
    for number, data in ((1, b"a" * 5 * MIB), (2, b"b")):
        answer = s3.upload_part(
            Bucket="uploads", Key=video.source_key, UploadId=video.upload_id, PartNumber=number, Body=data
        )
        parts.append((number, answer["ETag"]))
    return parts


def test_complete_joins_parts_in_any_order(messages: Callable[[str], list[str]]) -> None:
    video, _ = create(size_bytes=65 * MIB)
    uploads.complete(video, put_parts(video)[::-1])
    assert (
        boto3.client("s3").head_object(Bucket="uploads", Key=video.source_key)["ContentLength"] == 5 * MIB + 1
    )
    assert Video.get(video.video_id).upload_id is None
    assert len(messages("ingest")) == 1


def test_complete_may_be_repeated(messages: Callable[[str], list[str]]) -> None:
    """Also by somebody whose row is older than the first call's."""
    video, _ = create(size_bytes=65 * MIB)
    parts = put_parts(video)
    old = Video.get(video.video_id)
    uploads.complete(video, parts)
    uploads.complete(old, parts)
    uploads.complete(Video.get(video.video_id), [])
    assert len(messages("ingest")) == 3


def test_complete_of_a_running_video_does_nothing(messages: Callable[[str], list[str]]) -> None:
    uploads.complete(make_video(7, status="processing"), [])
    assert messages("ingest") == []


@pytest.mark.parametrize("parts", [[(1, '"00000000000000000000000000000000"')], [(3, '"x"')]])
def test_parts_that_storage_does_not_know(parts: list[tuple[int, str]]) -> None:
    video, _ = create(size_bytes=65 * MIB)
    put_parts(video)
    with pytest.raises(BadInputError, match="bad_parts"):
        uploads.complete(video, parts)


def test_completing_parts_without_naming_them() -> None:
    video, _ = create(size_bytes=65 * MIB)
    with pytest.raises(ConflictError, match="upload_incomplete"):
        uploads.complete(video, [])


# --- giving up --------------------------------------------------------------------------------------


def test_abort_leaves_nothing() -> None:
    video, _ = create(size_bytes=65 * MIB)
    put_parts(video)
    uploads.abort(video)
    assert list(Video.scan()) == []
    assert "Uploads" not in boto3.client("s3").list_multipart_uploads(Bucket="uploads")


def test_abort_comes_too_late_for_a_running_video() -> None:
    video = make_video(7, status="processing", active_generation=1)
    with pytest.raises(ConflictError, match="upload_ended"):
        uploads.abort(video)
    assert Video.get(7).status == "processing"
