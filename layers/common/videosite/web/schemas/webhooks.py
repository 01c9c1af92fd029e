"""Webhooks and their deliveries."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME
from videosite.web.values import Body, Moment

WebhookEvent = Literal["transcode_complete", "transcode_failed", "transcode_cancelled", "system_message"]
"""As `webhooks.events.TYPES`."""
_WEBHOOK_URL = "https://hooks.example.org/videosite"


class NewWebhook(Body):
    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Begins with https:// and leads to a public address",
        examples=[_WEBHOOK_URL],
    )
    events: list[WebhookEvent] | None = Field(
        None, min_length=1, max_length=20, description="Which kinds; all if left out"
    )
    description: str = Field("", max_length=200)


class WebhookChange(Body):
    """What is left out stays."""

    url: str | None = Field(None, min_length=1, max_length=2000, examples=[_WEBHOOK_URL])
    events: list[WebhookEvent] | None = Field(None, max_length=20, description="An empty list: all")
    description: str | None = Field(None, max_length=200)
    enabled: bool | None = None


class Webhook(BaseModel):
    webhook_id: str = Field(examples=["wh_q8Zr1N0aXc4Jm2Lp"])
    scope: Literal["own", "global"]
    url: str = Field(examples=[_WEBHOOK_URL])
    description: str
    events: list[WebhookEvent] | None = Field(description="Null: all")
    enabled: bool
    disabled_reason: Literal["failing", "gone"] | None = Field(
        description="Why it was switched off by us: it accepted nothing for three days, or answered 410"
    )
    failing_since: datetime | None = Field(description="The first failure since the last success")
    secret_rotated_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class Webhooks(BaseModel):
    webhooks: list[Webhook]


class WebhookSecret(BaseModel):
    secret: str = Field(
        description="Shown only here. For any Standard Webhooks library",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0000000000A="],
    )


class WebhookWithSecret(Webhook, WebhookSecret):
    pass


class DeliveryAttempt(BaseModel):
    at: datetime = Field(examples=[TIME])
    status: int | None = Field(description="HTTP status of the answer", examples=[204])
    error: str | None = Field(
        description="Why there was none: `bad_url`, `blocked_address`, `timeout`, `tls_failed`, "
        "`connection_failed`, `bad_answer`"
    )
    took_ms: int
    answer: str = Field(description="The beginning of the answer's body")


class Delivery(BaseModel):
    message_id: str = Field(description="The `webhook-id` it is posted under", examples=["msg_69a412f8…"])
    type: Literal[WebhookEvent, "webhook_test"]
    status: Literal["pending", "delivered", "failed"]
    reason: str | None = Field(
        description="Why it failed: `attempts_exhausted`, `not_accepted` (a test, which has one attempt), "
        "`gone` (410), `webhook_disabled`, `webhook_removed`, `owner_removed`, `forbidden`"
    )
    attempts: list[DeliveryAttempt] = Field(description="The last ten")
    next_attempt_at: datetime | None
    created_at: datetime


class DeliveryWithBody(Delivery):
    body: str = Field(description="JSON, exactly as it is posted and signed")


class DeliveryPage(BaseModel):
    deliveries: list[Delivery]
    next_cursor: str | None


class ReplayFailed(Body):
    since: Moment = Field(examples=[TIME])
    cursor: str | None = Field(
        default=None, max_length=100, description="`next_cursor` of the call before", examples=[None]
    )


class Replayed(BaseModel):
    replayed: int = Field(examples=[100], description="Of those looked at; may be 0 while there are more")
    more: bool
    next_cursor: str | None = Field(examples=["msg_68e8e0a8q8Zr1N0aXc4Jm2Lp"])
