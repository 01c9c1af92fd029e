"""Mail, through SES."""

from functools import lru_cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from videosite.store.clients import CONFIG


@lru_cache(maxsize=1)
def _client() -> Any:
    return boto3.client("sesv2", config=CONFIG)


def send(sender: str, to: str, subject: str, text: str) -> bool:
    """Send a plain text; False: SES takes no such recipient (an address with letters beyond ASCII, say)."""
    content = {
        "Simple": {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
        }
    }
    try:
        _client().send_email(FromEmailAddress=sender, Destination={"ToAddresses": [to]}, Content=content)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BadRequestException":
            raise
        return False
    return True
