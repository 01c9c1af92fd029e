"""What the platform expects of a store, held on every store it is run with."""

import contextlib
import hashlib
import itertools
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from infra.local.keys import KeyPair
from infra.local.ministack import REGION
from tests.storage.conftest import MEDIA, ORIGIN, UPLOADS, Store
from videosite.errors import BadInputError
from videosite.library import names
from videosite.store import copies, objects, versions
from videosite.store.parts import list_parts

MIB = 1 << 20
UNICODE = "öffentlich/海边 1 + 2 = 3 & 100 % «👩‍🚀».txt"
_numbers = itertools.count(1)


def new_key(name: str = "source.mp4") -> str:
    """A key as an upload has one, that no other test has."""
    return f"uploads/{next(_numbers)}{secrets.randbelow(10**9):09d}/{name}"


def refused(call: Callable[[], object]) -> bool:
    """Whether a store says that one may not."""
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (401, 403)


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


# --- who may ----------------------------------------------------------------------------------------


def test_nobody_gets_in_without_a_signature(store: Store) -> None:
    objects.put(MEDIA, "videos/1/a/init.mp4", b"secret", "video/mp4")
    address = f"{store.endpoint}/{MEDIA}/videos/1/a/init.mp4"
    assert httpx.get(address).status_code == 403
    assert httpx.head(address).status_code == 403
    assert httpx.put(address, content=b"x").status_code == 403
    assert httpx.delete(address).status_code == 403
    assert httpx.get(f"{store.endpoint}/{MEDIA}?list-type=2").status_code == 403
    assert objects.get(MEDIA, "videos/1/a/init.mp4") == b"secret"


def test_a_wrong_secret_opens_nothing(store: Store) -> None:
    wrong = store.client(KeyPair(store.functions.access_key, "x" * 40))
    unknown = store.client(KeyPair("AKIA" + "X" * 16, "x" * 40))
    # MiniStack 1.5.33 checks the signature of an address, but of one in a header only whose key it is.
    for client in (unknown,) if store.kind == "ministack" else (wrong, unknown):
        assert refused(lambda: client.list_objects_v2(Bucket=MEDIA))  # noqa: B023
        assert refused(lambda: client.put_object(Bucket=MEDIA, Key="x", Body=b"x"))  # noqa: B023


def test_the_reader_reads_media_and_does_nothing_else(store: Store) -> None:
    objects.put(MEDIA, "videos/1/a/seg.m4s", b"segment", "video/iso.segment")
    objects.put(UPLOADS, "uploads/1/source.mp4", b"source", "video/mp4")
    reader = store.client(store.reader)
    assert reader.get_object(Bucket=MEDIA, Key="videos/1/a/seg.m4s")["Body"].read() == b"segment"
    assert refused(lambda: reader.put_object(Bucket=MEDIA, Key="videos/1/a/seg.m4s", Body=b"x"))
    assert refused(lambda: reader.delete_object(Bucket=MEDIA, Key="videos/1/a/seg.m4s"))
    assert refused(lambda: reader.get_object(Bucket=UPLOADS, Key="uploads/1/source.mp4"))
    assert refused(lambda: reader.list_objects_v2(Bucket=UPLOADS))


def test_a_presigned_address_is_for_one_object_and_one_method(store: Store) -> None:
    key, other = new_key(), new_key()
    for one in (key, other):
        objects.put(UPLOADS, one, b"source", "video/mp4")
    address = objects.presign_get(UPLOADS, key, 60)
    assert httpx.get(address).content == b"source"
    assert httpx.get(address.replace(key, other)).status_code == 403
    assert httpx.put(address, content=b"x").status_code == 403
    assert httpx.get(re.sub(r"X-Amz-Expires=60", "X-Amz-Expires=6000", address)).status_code == 403
    assert httpx.get(re.sub(r"Signature=..", "Signature=00", address)).status_code == 403


def test_a_presigned_address_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    objects.put(UPLOADS, key, b"source", "video/mp4")
    now = datetime.now(UTC).replace(tzinfo=None)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: now - timedelta(seconds=61))

    def signed_a_minute_ago(expires_s: int) -> str:
        # Not the client's own signer: with botocore[crt] that is another one, with a clock of its own.
        request = AWSRequest(method="GET", url=f"{store.endpoint}/{UPLOADS}/{key}")
        keys = Credentials(store.functions.access_key, store.functions.secret_key)
        S3SigV4QueryAuth(keys, "s3", REGION, expires_s).add_auth(request)
        return str(request.url)

    assert httpx.get(signed_a_minute_ago(60)).status_code == 403
    assert httpx.get(signed_a_minute_ago(300)).status_code == 200


def test_a_week_is_the_longest_and_it_is_the_readers(store: Store) -> None:
    objects.put(MEDIA, "subtitles/video_1_de.vtt", b"WEBVTT", "text/vtt")
    address = objects.presign_public_get("subtitles/video_1_de.vtt", 604_800)
    assert address is not None
    assert "X-Amz-Expires=604800" in address
    assert store.reader.access_key in unquote(address)
    assert "Security-Token" not in address
    assert httpx.get(address).content == b"WEBVTT"


# --- uploads in one request -------------------------------------------------------------------------


def post(form: objects.UploadForm, data: bytes, **other: str) -> int:
    """Send a form as a browser does; returns the status."""
    return httpx.post(form.url, data={**form.fields, **other}, files={"file": ("f", data)}).status_code


def test_a_form_takes_what_was_announced_and_no_more(store: Store) -> None:
    key = new_key()
    form = objects.presign_post_upload(key, 1000, 60, "video/mp4")
    assert post(form, b"x" * 1001) in (400, 403)
    assert objects.head(UPLOADS, key) is None
    assert post(form, b"x" * 1000) in (200, 201, 204)
    assert objects.head(UPLOADS, key) == objects.ObjectHead(1000, md5(b"x" * 1000))


def test_a_form_is_for_its_key_and_type(store: Store) -> None:
    form = objects.presign_post_upload(new_key(), 1000, 60, "video/mp4")
    other = new_key()
    assert post(form, b"x" * 1000, key=other) == 403
    assert post(form, b"x" * 1000, **{"Content-Type": "text/html"}) == 403
    assert objects.head(UPLOADS, other) is None


def test_a_form_ends_and_cannot_be_changed(store: Store) -> None:
    key = new_key()
    ended = objects.presign_post_upload(key, 1000, -60, "video/mp4")
    assert post(ended, b"x") in (400, 403)
    form = objects.presign_post_upload(key, 1000, 60, "video/mp4")
    another = objects.presign_post_upload(key, 10**9, 60, "video/mp4")
    assert post(form, b"x" * 1000, policy=another.fields["policy"]) == 403
    assert objects.head(UPLOADS, key) is None


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_browsers_may_upload_from_the_site_alone(store: Store, method: str) -> None:
    address = f"{store.endpoint}/{UPLOADS}/uploads/1/source.mp4"

    def allowed(origin: str, asked: str = method) -> bool:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": asked,
            "Access-Control-Request-Headers": "content-type",
        }
        found = httpx.options(address, headers=headers).headers
        methods = {it.strip() for it in found.get("access-control-allow-methods", "").split(",")}
        return found.get("access-control-allow-origin") in (origin, "*") and asked in methods

    assert allowed(ORIGIN)
    assert not allowed("https://evil.example")
    assert not allowed(ORIGIN, "DELETE")


# --- uploads in parts -------------------------------------------------------------------------------


def send_parts(key: str, sizes: tuple[int, ...] = (5 * MIB, 1000)) -> tuple[str, list[tuple[int, str]]]:
    """Open an upload and send its parts to presigned addresses; returns its id, and (number, ETag)."""
    upload_id = objects.create_multipart(key, "video/mp4")
    numbers = range(1, len(sizes) + 1)
    parts = []
    for number, url, size in zip(
        numbers,
        objects.presign_parts(key, upload_id, dict(zip(numbers, sizes, strict=True)), 60),
        sizes,
        strict=True,
    ):
        answer = httpx.put(url, content=bytes([number]) * size).raise_for_status()
        parts.append((number, answer.headers["etag"].strip('"')))
    return upload_id, parts


def test_parts_are_listed_joined_and_are_one_object(store: Store) -> None:
    key = new_key()
    upload_id, parts = send_parts(key)
    listed = list_parts(key, upload_id)
    assert listed is not None
    assert [(part.number, part.etag, part.size_bytes) for part in listed] == [
        (1, md5(b"\1" * 5 * MIB), 5 * MIB),
        (2, md5(b"\2" * 1000), 1000),
    ]
    assert [(item.key, item.upload_id) for item in objects.list_multipart(UPLOADS, key)] == [(key, upload_id)]
    assert objects.head(UPLOADS, key) is None
    objects.complete_multipart(key, upload_id, list(reversed(parts)))
    head = objects.head(UPLOADS, key)
    assert head is not None
    assert head.size_bytes == 5 * MIB + 1000
    assert head.etag.endswith("-2")
    assert objects.get(UPLOADS, key) == b"\1" * 5 * MIB + b"\2" * 1000
    assert objects.list_multipart(UPLOADS, key) == []


def test_joined_twice_is_joined_once(store: Store) -> None:
    """A store may say that it is done or that there is no such upload; the object stays as it is."""
    key = new_key()
    upload_id, parts = send_parts(key)
    objects.complete_multipart(key, upload_id, parts)
    before = objects.head(UPLOADS, key)
    with contextlib.suppress(BadInputError):
        objects.complete_multipart(key, upload_id, parts)
    assert objects.head(UPLOADS, key) == before


def test_parts_that_are_not_there_are_not_joined(store: Store) -> None:
    key = new_key()
    upload_id, parts = send_parts(key)
    for wrong in ([*parts, (3, md5(b"x"))], [parts[0], (2, md5(b"something else"))]):
        with pytest.raises(BadInputError):
            objects.complete_multipart(key, upload_id, wrong)
    assert objects.head(UPLOADS, key) is None
    objects.complete_multipart(key, upload_id, parts)


def test_a_part_that_is_sent_again_replaces_the_first(store: Store) -> None:
    key = new_key()
    upload_id, parts = send_parts(key)
    (url,) = objects.presign_parts(key, upload_id, {2: len(b"again")}, 60)
    httpx.put(url, content=b"again").raise_for_status()
    # Its clock may be one of seconds, so which of both it has is not said here.
    assert [part.number for part in list_parts(key, upload_id) or []] == [1, 2]
    objects.complete_multipart(key, upload_id, [parts[0], (2, md5(b"again"))])
    assert (objects.get(UPLOADS, key) or b"")[-5:] == b"again"


def test_a_part_has_the_length_that_was_signed(store: Store) -> None:
    key = new_key()
    upload_id = objects.create_multipart(key, "video/mp4")
    (url,) = objects.presign_parts(key, upload_id, {1: 1000}, 60)
    assert httpx.put(url, content=b"x" * 1001).status_code == 403
    assert list_parts(key, upload_id) == []
    httpx.put(url, content=b"x" * 1000).raise_for_status()


def test_an_upload_that_was_given_up_is_gone(store: Store) -> None:
    key = new_key()
    upload_id, parts = send_parts(key)
    objects.abort_multipart(key, upload_id)
    objects.abort_multipart(key, upload_id)  # again, harmless
    assert list_parts(key, upload_id) is None
    with pytest.raises(BadInputError):
        objects.complete_multipart(key, upload_id, parts)
    assert objects.list_multipart(UPLOADS, key) == []
    assert objects.head(UPLOADS, key) is None


# --- reading ----------------------------------------------------------------------------------------

DATA = bytes(range(256)) * 4096
"""1 MiB in which every place is known."""


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=1000000-", (1_000_000, MIB)),
        ("bytes=-100", (MIB - 100, MIB)),
        ("bytes=1048000-9999999", (1_048_000, MIB)),
    ],
)
def test_ranges(store: Store, asked: str, span: tuple[int, int]) -> None:
    objects.put(UPLOADS, "uploads/2/source.mp4", DATA, "video/mp4")
    answer = httpx.get(objects.presign_get(UPLOADS, "uploads/2/source.mp4", 60), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[slice(*span)]
    assert answer.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{MIB}"


def test_a_range_behind_the_end_is_none(store: Store) -> None:
    objects.put(UPLOADS, "uploads/2/source.mp4", DATA, "video/mp4")
    address = objects.presign_get(UPLOADS, "uploads/2/source.mp4", 60)
    assert httpx.get(address, headers={"Range": f"bytes={MIB}-"}).status_code == 416


def test_a_source_that_changed_is_not_read(store: Store) -> None:
    key = new_key()
    objects.put(UPLOADS, key, b"first", "video/mp4")
    head = objects.head(UPLOADS, key)
    assert head is not None
    address = objects.presign_get(UPLOADS, key, 60)
    headers = {"If-Match": f'"{head.etag}"', "Range": "bytes=0-2"}
    assert httpx.get(address, headers=headers).content == b"fir"
    objects.put(UPLOADS, key, b"second", "video/mp4")
    assert httpx.get(address, headers=headers).status_code == 412


def test_what_a_viewer_has_is_not_sent_again(store: Store) -> None:
    objects.put(MEDIA, "thumbnails/video_1_poster.jpg", b"jpeg", "image/jpeg")
    address = objects.presign_get(MEDIA, "thumbnails/video_1_poster.jpg", 60)
    etag = httpx.get(address).headers["etag"]
    assert httpx.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_headers_are_kept(store: Store) -> None:
    objects.put(MEDIA, "videos/1/a/seg_00001.m4s", b"x", "video/iso.segment")
    answer = httpx.get(objects.presign_get(MEDIA, "videos/1/a/seg_00001.m4s", 60))
    assert answer.headers["content-type"] == "video/iso.segment"
    assert answer.headers["cache-control"] == objects.IMMUTABLE
    versions.copy(MEDIA, "videos/1/a/seg_00001.m4s", "videos/1/b/seg_00001.m4s")
    copied = httpx.get(objects.presign_get(MEDIA, "videos/1/b/seg_00001.m4s", 60))
    assert (copied.headers["content-type"], copied.content) == ("video/iso.segment", b"x")


def test_a_download_has_the_name_it_was_given(store: Store) -> None:
    key = new_key()
    objects.put(UPLOADS, key, b"source", "video/mp4")
    disposition = names.attachment("Das „Meer“ / 海边; 1", "mp4")
    answer = httpx.get(objects.presign_download(UPLOADS, key, 60, disposition))
    assert answer.headers["content-disposition"] == disposition


# --- writing ----------------------------------------------------------------------------------------


def test_a_segment_is_put_once(store: Store) -> None:
    key = f"videos/1/{secrets.token_hex(16)}/h264-720p/seg_00000.m4s"
    assert objects.put_once(MEDIA, key, b"mine", "video/iso.segment")
    assert objects.put_once(MEDIA, key, b"mine", "video/iso.segment")
    assert not objects.put_once(MEDIA, key, b"another's", "video/iso.segment")
    assert objects.get(MEDIA, key) == b"mine"


def test_keys_of_every_script(store: Store) -> None:
    client = store.client()
    client.put_object(Bucket=UPLOADS, Key=UNICODE, Body=b"unicode")
    assert objects.get(UPLOADS, UNICODE) == b"unicode"
    assert UNICODE in [item.key for item in copies.list_all(UPLOADS)]
    assert httpx.get(objects.presign_get(UPLOADS, UNICODE, 60)).content == b"unicode"
    objects.delete(UPLOADS, UNICODE)
    assert objects.head(UPLOADS, UNICODE) is None


def test_lists_are_in_order_and_in_pages(store: Store) -> None:
    folder = f"videos/{secrets.randbelow(10**9)}/"
    files = [f"{folder}a/seg_{number:05d}.m4s" for number in range(12)]
    for key in [*reversed(files), f"{folder}b/init.mp4", f"{folder}sidecar.json"]:
        objects.put(MEDIA, key, b"x", "video/mp4")
    assert [key for key, _ in objects.list_keys(MEDIA, f"{folder}a/")] == files
    assert objects.list_after(MEDIA, f"{folder}a/", "seg_00009.m4s", 10) == ["seg_00010.m4s", "seg_00011.m4s"]
    assert objects.list_folder(MEDIA, folder, None, 2) == [f"{folder}a/", f"{folder}b/"]
    assert objects.list_folder(MEDIA, folder, f"{folder}b/", 2) == [f"{folder}sidecar.json"]
    assert objects.delete_all(MEDIA, folder) == 14
    assert list(objects.list_keys(MEDIA, folder)) == []
    objects.delete(MEDIA, files[0])  # again, harmless


# --- events -----------------------------------------------------------------------------------------


def test_every_way_to_create_an_upload_is_reported(store: Store) -> None:
    posted, put, joined, copied = (new_key() for _ in range(4))
    assert post(objects.presign_post_upload(posted, 6, 60, "video/mp4"), b"posted") < 300
    objects.put(UPLOADS, put, b"put", "video/mp4")
    objects.complete_multipart(joined, *send_parts(joined))
    versions.copy(UPLOADS, put, copied)
    sizes = {posted: 6, put: 3, joined: 5 * MIB + 1000, copied: 3}
    for key, size_bytes in sizes.items():
        event = store.wait_for_event(key)
        head = objects.head(UPLOADS, key)
        assert head is not None
        assert (event.size_bytes, event.etag) == (size_bytes, head.etag)


def test_nothing_else_is(store: Store) -> None:
    """Parts on their way, media, deletions: the event that comes after them is the first."""
    key, other, last = new_key(), new_key(), new_key()
    upload_id, _ = send_parts(key)
    objects.abort_multipart(key, upload_id)
    objects.put(MEDIA, other, b"in the other bucket", "video/mp4")
    objects.put(UPLOADS, last, b"x", "video/mp4")
    store.wait_for_event(last)
    assert not {key, other} & {item.key for item in store.seen}
