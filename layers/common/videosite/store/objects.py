"""S3-compatible object storage: the only place that talks to it.

Storage has its own endpoint and keys (`VIDEOSITE_STORAGE_*`), because S3-compatible stores do; with
none set it is AWS S3 with the function's role. Addresses for clients are signed for the public
endpoint, never for one taken from a request.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import batched
from typing import IO, TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from videosite.errors import BadInputError, RetryableError
from videosite.settings import get_settings
from videosite.store.clients import CONFIG

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cache-Control of segments and init segments: their key changes when their content does."""


@dataclass(frozen=True)
class ObjectHead:
    """What HeadObject says. `etag` is without quotes."""

    size_bytes: int
    etag: str


@dataclass(frozen=True)
class MultipartUpload:
    """A multipart upload that is open."""

    key: str
    upload_id: str
    begun_at_s: float


@dataclass(frozen=True)
class UploadForm:
    """A presigned POST: send `fields` and then the file, as multipart/form-data, to `url`."""

    url: str
    fields: dict[str, str]


@lru_cache(maxsize=1)
def _client() -> "S3Client":
    return _client_for(get_settings().storage_endpoint)


@lru_cache(maxsize=1)
def _public_client() -> "S3Client":
    """Signs what clients get."""
    settings = get_settings()
    return _client_for(settings.storage_public_endpoint or settings.storage_endpoint)


@lru_cache(maxsize=1)
def _reader() -> "S3Client | None":
    """Signs what clients may keep for longer than a role's session lasts."""
    settings = get_settings()
    if not settings.storage_reader_access_key:
        return None
    keys = settings.storage_reader_access_key, settings.storage_reader_secret_key
    return _client_for(settings.storage_public_endpoint or settings.storage_endpoint, keys)


def _client_for(endpoint: str, keys: tuple[str, str] | None = None) -> "S3Client":
    """A client with `keys`, else with those of the storage, else with the function's role."""
    settings = get_settings()
    options: dict[str, Any] = {}
    if endpoint:
        options["endpoint_url"] = endpoint
    if settings.storage_access_key and keys is None:
        keys = settings.storage_access_key, settings.storage_secret_key
    if keys:
        # A session token of the function's role must not travel with other keys.
        options["aws_access_key_id"], options["aws_secret_access_key"] = keys
    # Of S3 the addresses with the region: the others redirect, which browsers and our FFmpeg refuse.
    style: Any = "path" if settings.storage_path_style else "auto" if endpoint else "virtual"
    config = CONFIG.merge(
        Config(
            signature_version="s3v4",
            s3={"addressing_style": style},
            # Newer checksum trailers are refused by some S3-compatible stores.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
    )
    return boto3.client("s3", config=config, **options)


def _is_missing(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404


def head(bucket: str, key: str) -> ObjectHead | None:
    """Size and ETag of an object, or None if there is none."""
    try:
        answer = _client().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if _is_missing(error):
            return None
        raise
    return ObjectHead(answer["ContentLength"], answer["ETag"].strip('"'))


def get(bucket: str, key: str) -> bytes | None:
    """An object's bytes, or None if there is none. For small objects only."""
    try:
        return _client().get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if _is_missing(error):
            return None
        raise


def first_bytes(bucket: str, key: str, count: int) -> bytes:
    """The beginning of an object that is not empty."""
    answer = _client().get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{count - 1}")
    return bytes(answer["Body"].read())


def put(bucket: str, key: str, data: bytes, content_type: str, cache_control: str = IMMUTABLE) -> None:
    """Write an object."""
    _client().put_object(
        Bucket=bucket, Key=key, Body=data, ContentType=content_type, CacheControl=cache_control
    )


def put_stream(bucket: str, key: str, stream: IO[bytes], content_type: str) -> None:
    """Write an object of unknown size, in parts, with about 100 MB of memory."""
    _client().upload_fileobj(stream, bucket, key, ExtraArgs={"ContentType": content_type})


def put_once(bucket: str, key: str, data: bytes, content_type: str) -> bool:
    """Write an object unless one is there. True: the object there now holds exactly `data`."""
    try:
        _client().put_object(
            Bucket=bucket, Key=key, Body=data, ContentType=content_type,
            CacheControl=IMMUTABLE, IfNoneMatch="*",
        )  # fmt: skip
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == 409:
            # Another writer is at it; its bytes can be compared when it is done.
            time.sleep(0.2)
        elif status != 412:
            raise
        return get(bucket, key) == data
    return True


def presign_get(bucket: str, key: str, expires_s: int) -> str:
    """An address from which functions (and their FFmpeg) can read an object."""
    return _client().generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=expires_s
    )


def presign_download(bucket: str, key: str, expires_s: int, disposition: str) -> str:
    """An address from which a client saves an object; `disposition`: the Content-Disposition it gets."""
    return _public_client().generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": key, "ResponseContentDisposition": disposition},
        ExpiresIn=expires_s,
    )


def presign_public_get(key: str, expires_s: int) -> str | None:
    """An address from which anybody can read an object of the media bucket, signed by the reader's key; None
    where there is no such key."""
    client = _reader()
    if client is None:
        return None
    return client.generate_presigned_url(
        "get_object", Params={"Bucket": get_settings().media_bucket, "Key": key}, ExpiresIn=expires_s
    )


def presign_post_upload(key: str, size_bytes: int, expires_s: int, content_type: str) -> UploadForm:
    """A form with which a client uploads `key` of exactly `size_bytes` in one request."""
    answer = _public_client().generate_presigned_post(
        get_settings().uploads_bucket,
        key,
        Fields={"Content-Type": content_type},
        Conditions=[["content-length-range", size_bytes, size_bytes], {"Content-Type": content_type}],
        ExpiresIn=expires_s,
    )
    return UploadForm(answer["url"], answer["fields"])


def create_multipart(key: str, content_type: str) -> str:
    """Open a multipart upload of `key`; returns its upload id."""
    answer = _client().create_multipart_upload(
        Bucket=get_settings().uploads_bucket, Key=key, ContentType=content_type
    )
    return answer["UploadId"]


def presign_parts(key: str, upload_id: str, sizes: Mapping[int, int], expires_s: int) -> list[str]:
    """Addresses to PUT parts to, each of exactly so many bytes: `sizes` by number (from 1), whose order they
    have."""
    client = _public_client()
    bucket = get_settings().uploads_bucket
    return [
        client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": bucket,
                "Key": key,
                "UploadId": upload_id,
                "PartNumber": number,
                "ContentLength": size_bytes,
            },
            ExpiresIn=expires_s,
        )
        for number, size_bytes in sizes.items()
    ]


def complete_multipart(key: str, upload_id: str, parts: Sequence[tuple[int, str]]) -> None:
    """Join uploaded parts, given as (number, etag) in any order.

    Raises:
        BadInputError: `bad_parts`, the store has no such upload or not these parts.
    """
    try:
        _client().complete_multipart_upload(
            Bucket=get_settings().uploads_bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": etag} for n, etag in sorted(parts)]},
        )
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in (400, 404):
            raise BadInputError("bad_parts", "Storage does not hold the parts that were named.") from error
        raise


def abort_multipart(key: str, upload_id: str) -> None:
    """Drop a multipart upload and its parts; one that is gone already is fine."""
    try:
        _client().abort_multipart_upload(Bucket=get_settings().uploads_bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if not _is_missing(error):
            raise


def list_multipart(bucket: str, prefix: str) -> list[MultipartUpload]:
    """The first 1,000 open multipart uploads under a prefix, in key order."""
    answer = _client().list_multipart_uploads(Bucket=bucket, Prefix=prefix)
    return [
        MultipartUpload(upload["Key"], upload["UploadId"], upload["Initiated"].timestamp())
        for upload in answer.get("Uploads", [])
    ]


def list_keys(bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    """(key, bytes) of every object under a prefix, in key order."""
    for page in _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"], item["Size"]


def list_after(bucket: str, prefix: str, after: str, limit: int) -> list[str]:
    """Up to `limit` (at most 1,000) names under a prefix, without it: those that sort after `after`."""
    answer = _client().list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=prefix + after, MaxKeys=limit)
    return [item["Key"].removeprefix(prefix) for item in answer.get("Contents", [])]


def list_folder(bucket: str, folder: str, after: str | None, limit: int) -> list[str]:
    """Up to `limit` names directly in a folder (its path ends in "/"), in order: subfolders, which end in
    "/", and objects. `after`: the last one seen."""
    options: dict[str, Any] = {}
    if after:
        # "0" follows "/": past everything in a subfolder.
        options["StartAfter"] = f"{after[:-1]}0" if after.endswith("/") else after
    answer = _client().list_objects_v2(Bucket=bucket, Prefix=folder, Delimiter="/", MaxKeys=limit, **options)
    folders = [item["Prefix"] for item in answer.get("CommonPrefixes", [])]
    return sorted([*folders, *(item["Key"] for item in answer.get("Contents", []))])


def delete(bucket: str, key: str) -> None:
    """Delete an object; one that is gone already is fine."""
    _client().delete_object(Bucket=bucket, Key=key)


def delete_all(bucket: str, prefix: str) -> int:
    """Delete every object whose key starts so; returns how many.

    Raises:
        RetryableError: `not_deleted`, storage kept some; those before them are gone.
    """
    return delete_each(bucket, ({"Key": key} for key, _ in list_keys(bucket, prefix)))


def delete_each(bucket: str, found: Iterable[dict[str, str]]) -> int:
    """Delete objects, or versions of them, named as S3 does it; returns how many.

    Raises:
        RetryableError: `not_deleted`.
    """
    count = 0
    for batch in batched(found, 1000):
        wanted: Any = {"Objects": list(batch), "Quiet": True}
        answer = _client().delete_objects(Bucket=bucket, Delete=wanted)
        if errors := answer.get("Errors"):
            raise RetryableError("not_deleted", f"Storage kept {len(errors)} objects.")
        count += len(batch)
    return count
