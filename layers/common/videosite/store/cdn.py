"""The CDN before the media bucket: having it drop what it keeps."""

import uuid
from functools import lru_cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from videosite.settings import get_settings
from videosite.store.clients import CONFIG


@lru_cache(maxsize=1)
def _client() -> Any:
    return boto3.client("cloudfront", config=CONFIG)


def forget(folder: str) -> bool:
    """Drop everything in a folder ("videos/1/"); nothing to do without a CDN. False: later, since the CDN is
    at it with as many folders as it takes at once (15).

    The keys are those of objects: the CDN takes the token off a path before it looks into its cache.
    """
    distribution = get_settings().distribution_id
    if not distribution:
        return True
    try:
        _client().create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": [f"/{folder}*"]},
                "CallerReference": uuid.uuid4().hex,
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "TooManyInvalidationsInProgress":
            raise
        return False
    return True
