"""Secrets and signatures, as Standard Webhooks has them (https://www.standardwebhooks.com). Pure.

A secret is stored nowhere: it follows from the installation's key, the webhook's id and a version that
grows with each rotation.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

PREFIX = "whsec_"


def secret(key: str, webhook_id: str, version: int) -> str:
    """A webhook's secret: `whsec_` and the base64 of 32 bytes."""
    derived = hmac.digest(key.encode(), f"webhook.{webhook_id}.{version}".encode(), hashlib.sha256)
    return PREFIX + b64encode(derived).decode()


def headers(secrets: Sequence[str], message_id: str, sent_at_s: int, body: str) -> dict[str, str]:
    """The three headers by which a receiver tells that a body is ours, whole and new.

    One signature per secret: while a rotated secret is still good, either of the two verifies.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_s),
        "webhook-signature": " ".join(_sign(one, message_id, sent_at_s, body) for one in secrets),
    }


def _sign(secret: str, message_id: str, sent_at_s: int, body: str) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{sent_at_s}.{body}".encode()
    return "v1," + b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
