"""Finds what is left of something in every table and bucket there is."""

import json
from collections.abc import Iterator
from typing import Any

from tests.conftest import kept_client


def traces(text: str, tables: Any = None, storage: Any = None, but: tuple[str, ...] = ()) -> list[str]:
    """Where a text occurs: in any attribute of any row, in any key or version of any object, in the key of an
    upload that is under way. `but`: tables by the end of their name."""
    tables, storage = tables or kept_client("dynamodb"), storage or kept_client("s3")
    return [*_rows(tables, text, but), *_objects(storage, text)]


def _rows(tables: Any, text: str, but: tuple[str, ...]) -> Iterator[str]:
    for page in tables.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.endswith(but or ("no such table",)):
                continue
            for rows in tables.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
                yield from (f"{name}: {row}" for row in rows["Items"] if text in json.dumps(row, default=str))


def _objects(storage: Any, text: str) -> Iterator[str]:
    for bucket in (each["Name"] for each in storage.list_buckets()["Buckets"]):
        for page in storage.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                if text in item["Key"]:
                    yield f"{bucket}: {item['Key']}"
        for upload in storage.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            if text in upload["Key"]:
                yield f"{bucket}: upload of {upload['Key']}"
