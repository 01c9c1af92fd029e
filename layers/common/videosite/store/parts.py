"""Parts of a multipart upload, as storage has them."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from videosite.settings import get_settings
from videosite.store import objects


@dataclass(frozen=True)
class UploadPart:
    """A part of a multipart upload that storage has. `etag` is without quotes."""

    number: int
    etag: str
    size_bytes: int


def list_parts(key: str, upload_id: str) -> list[UploadPart] | None:
    """The parts that storage has of an open upload, in order; None if there is no such upload.

    Of a part that was sent twice SeaweedFS lists both (4.48), S3 the newer one: that is the one given here.
    """
    pages = (
        objects._client()
        .get_paginator("list_parts")
        .paginate(Bucket=get_settings().uploads_bucket, Key=key, UploadId=upload_id)
    )
    try:
        found = [part for page in pages for part in page.get("Parts", [])]
    except ClientError as error:
        if objects._is_missing(error):
            return None
        raise
    newest = {part["PartNumber"]: part for part in sorted(found, key=lambda part: part["LastModified"])}
    return [
        UploadPart(number, part["ETag"].strip('"'), part["Size"]) for number, part in sorted(newest.items())
    ]
