"""Whole objects between storage and files, for backups."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videosite.store import objects

KEPT_HEADERS = ("ContentType", "CacheControl", "ContentDisposition")


@dataclass(frozen=True)
class Listed:
    """An object as a list has it. `etag` is without quotes."""

    key: str
    size_bytes: int
    etag: str


def list_all(bucket: str) -> Iterator[Listed]:
    """Every object of a bucket, in key order."""
    for page in objects._client().get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            yield Listed(item["Key"], item["Size"], item["ETag"].strip('"'))


def download(bucket: str, key: str, file: Path) -> dict[str, str]:
    """Write an object to a file; returns its `KEPT_HEADERS`."""
    answer: Any = objects._client().get_object(Bucket=bucket, Key=key)
    with file.open("wb") as out:
        for chunk in answer["Body"].iter_chunks(1 << 20):
            out.write(chunk)
    return {name: answer[name] for name in KEPT_HEADERS if answer.get(name)}


def upload(bucket: str, key: str, file: Path, headers: dict[str, str]) -> None:
    """Write a file to an object, large ones in parts."""
    extra = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    objects._client().upload_file(str(file), bucket, key, ExtraArgs=extra)
