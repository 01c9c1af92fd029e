"""The CDN before the media bucket: having it drop what it keeps."""

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import boto3

from videosite.settings import get_settings
from videosite.store.clients import CONFIG


@lru_cache(maxsize=1)
def _client() -> Any:
    return boto3.client("cloudfront", config=CONFIG)


def forget(patterns: Sequence[str]) -> None:
    """Drop everything whose key is one of the patterns ("videos/1/*"); nothing to do without a CDN.

    The keys are those of objects: the CDN takes the token off a path before it looks into its cache.
    """
    distribution = get_settings().distribution_id
    if not distribution:
        return
    _client().create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(patterns), "Items": [f"/{pattern}" for pattern in patterns]},
            "CallerReference": uuid.uuid4().hex,
        },
    )
