"""What housekeeping looks at."""

from typing import Any

from tests.conftest import kept_client
from videosite import ids

NOW_S = 1_800_000_000.0
DAY_S = 86_400


def id_of(age_s: float) -> int:
    """Id of a video made so many seconds before NOW_S."""
    return ids.video_id(int((NOW_S - age_s) * 1000), 0)


def put(bucket: str, key: str, data: bytes = b"x") -> str:
    """Store an object; returns its ETag."""
    answer: Any = kept_client("s3").put_object(Bucket=bucket, Key=key, Body=data)
    return str(answer["ETag"]).strip('"')


def keys(bucket: str) -> list[str]:
    """Everything in a bucket."""
    answer: Any = kept_client("s3").list_objects_v2(Bucket=bucket)
    return [item["Key"] for item in answer.get("Contents", [])]
