"""Mail, through SES."""

from functools import lru_cache
from typing import Any

import boto3

from videosite.store.clients import CONFIG


@lru_cache(maxsize=1)
def _client() -> Any:
    return boto3.client("sesv2", config=CONFIG)


def send(sender: str, to: str, subject: str, text: str) -> None:
    """Send a plain text."""
    _client().send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            }
        },
    )
