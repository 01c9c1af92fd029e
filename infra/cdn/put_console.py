"""Puts the built console into its bucket: `python -m infra.cdn.put_console STACK`, as `make deploy` does.

Assets first and the page last, so that no page ever names what is not there. Assets of earlier versions stay
for `KEPT`: open pages fetch parts of their own version.
"""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.cdn.put_key import stack_outputs
from infra.local.console import cache_control, content_type
from infra.web import OUTPUT

KEPT = timedelta(days=30)
PAGE = "index.html"


def put_console(folder: Path, bucket: str, s3: Any, now: datetime) -> tuple[int, int]:
    """Upload a folder's files and remove what is too old; returns how many of each."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    # Vite's own notes on the build.
    files = [file for file in files if not file.startswith(".")]
    for file in sorted(files, key=lambda file: file == PAGE):
        s3.put_object(
            Bucket=bucket,
            Key=file,
            Body=(folder / file).read_bytes(),
            ContentType=content_type(file),
            CacheControl=cache_control(f"/{file}"),
        )
    old = [
        found["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for found in page.get("Contents", [])
        if found["Key"] not in files and found["LastModified"] < now - KEPT
    ]
    for key in old:
        s3.delete_object(Bucket=bucket, Key=key)
    return len(files), len(old)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.cdn.put_console", description=__doc__)
    parser.add_argument("stack", help="name of the deployed stack")
    parser.add_argument("--region", help="where it is (default: the environment's)")
    parsed = parser.parse_args(arguments)
    session: Any = boto3.Session(region_name=parsed.region)
    try:
        bucket = stack_outputs(parsed.stack, session.client("cloudformation"))["ConsoleBucketName"]
        put, removed = put_console(OUTPUT, bucket, session.client("s3"), datetime.now(UTC))
    except KeyError as error:
        print(f"Stack {parsed.stack} has no output {error}; deploy this version of the template first.")
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"The console was not put into its bucket: {error}", file=sys.stderr)
        return 1
    print(f"The console: {put} files put, {removed} old ones removed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
