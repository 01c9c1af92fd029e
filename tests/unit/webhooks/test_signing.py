"""Signatures, as other people's verifiers see them."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from videosite.webhooks import signing

KEY = "key-of-the-installation"
BODY = '{"type":"system_message","message":"维护"}'


def signed(*secrets: str, at: datetime | None = None) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    return signing.headers(secrets, "msg_1", int(moment.timestamp()), BODY)


def test_a_standard_verifier_takes_it() -> None:
    secret = signing.secret(KEY, "wh_1", 1)
    assert Webhook(secret).verify(BODY, signed(secret))["message"] == "维护"


def test_it_refuses_another_body_secret_or_time() -> None:
    secret = signing.secret(KEY, "wh_1", 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + " ", signed(secret))
    for other in (
        signing.secret(KEY, "wh_2", 1),
        signing.secret(KEY, "wh_1", 2),
        signing.secret("x", "wh_1", 1),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(BODY, signed(secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, signed(secret, at=datetime(2025, 1, 1, tzinfo=UTC)))


def test_while_a_secret_is_rotated_both_verify() -> None:
    new, old = (signing.secret(KEY, "wh_1", version) for version in (2, 1))
    for secret in (new, old):
        Webhook(secret).verify(BODY, signed(new, old))
