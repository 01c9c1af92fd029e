"""Whole objects without their bytes: copies, and what a bucket with versions keeps."""

from videosite.store import objects


def copy(bucket: str, key: str, to: str) -> None:
    """Copy an object within a bucket, its headers too; no byte comes through here."""
    objects._client().copy_object(Bucket=bucket, Key=to, CopySource={"Bucket": bucket, "Key": key})


def delete_versions(bucket: str, prefix: str) -> int:
    """As `delete_all`, with all that a bucket with versions keeps of them; returns how many versions.

    Raises:
        RetryableError: `not_deleted`.
    """
    pages = objects._client().get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    found = (
        {"Key": item["Key"], "VersionId": item["VersionId"]}
        for page in pages
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    )
    return objects.delete_each(bucket, found)
