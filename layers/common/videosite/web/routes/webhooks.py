"""Webhooks: one's own, for one's own events, and the installation's, for everybody's."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from videosite.accounts import audit
from videosite.accounts.audit import Actor
from videosite.accounts.tokens import Claims
from videosite.pipeline.snapshot import iso_time
from videosite.store.tables import Delivery, Webhook
from videosite.web import schemas
from videosite.web.auth import Allowed, By
from videosite.web.conditional import IfMatch, etag, require_match
from videosite.web.declared import raises, sends
from videosite.web.idempotency import IDEMPOTENT, IdempotentRoute
from videosite.web.limits import limited
from videosite.web.routes import ROOT
from videosite.web.values import Whole
from videosite.webhooks import deliveries, registry
from videosite.webhooks.events import GLOBAL

router = APIRouter(prefix=ROOT, tags=["webhooks"], route_class=IdempotentRoute)

Manager = Annotated[Claims, Depends(Allowed("webhooks.manage"))]
GlobalManager = Annotated[Claims, Depends(Allowed("webhooks.manage_global"))]
MessageId = Annotated[str, Path(max_length=100)]


@raises("webhook_not_found")
def managed(claims: Manager, webhook_id: Annotated[str, Path(max_length=100)]) -> Webhook:
    """The webhook of the path, if the caller may manage it: an own one, and for admins a global one.

    Raises:
        NotFoundError: `webhook_not_found`.
    """
    return registry.find(webhook_id, claims.user_id, claims.role)


Managed = Annotated[Webhook, Depends(managed)]


@router.get("/webhooks", response_model=schemas.webhooks.Webhooks)
def list_webhooks(claims: Manager) -> dict[str, Any]:
    """One's own webhooks, the oldest first."""
    return _list(claims.user_id)


@router.post(
    "/webhooks",
    status_code=201,
    dependencies=[IDEMPOTENT],
    response_model=schemas.webhooks.WebhookWithSecret,
)
@raises("bad_url", "bad_events", "too_many_webhooks")
def create_webhook(body: schemas.webhooks.NewWebhook, claims: Manager, by: By) -> dict[str, Any]:
    """Have what concerns one's own videos, and system messages, posted to an address. The answer holds the
    secret that signs what is posted; it is shown only here."""
    return _add(claims.user_id, body, by)


@router.get("/admin/webhooks", response_model=schemas.webhooks.Webhooks)
def list_global_webhooks(_: GlobalManager) -> dict[str, Any]:
    """The webhooks that get everybody's events, the oldest first."""
    return _list(GLOBAL)


@router.post(
    "/admin/webhooks",
    status_code=201,
    dependencies=[IDEMPOTENT],
    response_model=schemas.webhooks.WebhookWithSecret,
)
@raises("bad_url", "bad_events", "too_many_webhooks")
def create_global_webhook(body: schemas.webhooks.NewWebhook, _: GlobalManager, by: By) -> dict[str, Any]:
    """Have everybody's events posted to an address. It belongs to all admins, and stays when the one who
    made it is gone."""
    return _add(GLOBAL, body, by)


@router.get("/webhooks/{webhook_id}", response_model=schemas.webhooks.Webhook)
@sends("ETag")
def get_webhook(webhook: Managed, response: Response) -> dict[str, Any]:
    """One webhook: an own one, or for admins a global one. So it is with all routes below."""
    response.headers["ETag"] = etag(webhook.updated_at_s)
    return _webhook(webhook)


@router.patch("/webhooks/{webhook_id}", response_model=schemas.webhooks.Webhook)
@raises("bad_url", "bad_events")
@sends("ETag")
def change_webhook(
    body: schemas.webhooks.WebhookChange,
    webhook: Managed,
    by: By,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change what is given. `enabled: true` switches on again what was switched off because it failed."""
    require_match(if_match, webhook.updated_at_s)
    before = _settings(webhook)
    registry.change(
        webhook,
        time.time(),
        body.url,
        body.events,
        body.description,
        body.enabled,
        only_as_seen=if_match is not None,
    )
    old, new = audit.changes(before, _settings(webhook))
    audit.record(by, "webhook.change", f"webhook#{webhook.webhook_id}", before=old, after=new)
    response.headers["ETag"] = etag(webhook.updated_at_s)
    return _webhook(webhook)


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_webhook(webhook: Managed, by: By, if_match: IfMatch = None) -> None:
    """Post nothing there any more."""
    require_match(if_match, webhook.updated_at_s)
    registry.remove(webhook)
    audit.record(by, "webhook.remove", f"webhook#{webhook.webhook_id}", before=_settings(webhook))


@router.post(
    "/webhooks/{webhook_id}/secret",
    response_model=schemas.webhooks.WebhookSecret,
)
@raises("changed_meanwhile")
def rotate_webhook_secret(webhook: Managed, by: By) -> dict[str, str]:
    """Make a new secret, shown only here. For a day messages are signed with the old one, too."""
    secret = registry.rotate(webhook, time.time())
    audit.record(by, "webhook.rotate_secret", f"webhook#{webhook.webhook_id}")
    return {"secret": secret}


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    dependencies=[limited("webhook_test", burst=20, interval_s=3)],
    response_model=schemas.webhooks.Delivery,
)
@raises("webhook_disabled")
def test_webhook(webhook: Managed) -> dict[str, Any]:
    """Post an event of type `webhook_test` there, once, whatever types it asked for. Ask for the delivery to
    see what came of it."""
    return _delivery(deliveries.try_out(webhook, time.time()))


# --- what was delivered -----------------------------------------------------------------------------


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=schemas.webhooks.DeliveryPage,
)
@raises("bad_cursor")
def list_deliveries(
    webhook: Managed,
    status: Literal["pending", "delivered", "failed"] | None = None,
    limit: Annotated[int, Query(ge=1, le=100), Whole] = 20,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """What was posted there in the last seven days, or will be, newest first. A page of one status may be
    short and still have a next one."""
    page = deliveries.list_page(webhook.webhook_id, status, limit, cursor, time.time())
    return {"deliveries": [_delivery(one) for one in page.deliveries], "next_cursor": page.next_cursor}


@router.get(
    "/webhooks/{webhook_id}/deliveries/{message_id}",
    response_model=schemas.webhooks.DeliveryWithBody,
)
@raises("delivery_not_found")
def get_delivery(webhook: Managed, message_id: MessageId) -> dict[str, Any]:
    """One delivery, with what is posted."""
    delivery = deliveries.find(webhook, message_id)
    return {**_delivery(delivery), "body": delivery.body}


@router.post(
    "/webhooks/{webhook_id}/deliveries/{message_id}/replay",
    status_code=202,
    dependencies=[limited("webhook_replay", burst=20, interval_s=3)],
    response_model=schemas.webhooks.Delivery,
)
@raises("delivery_not_found", "webhook_disabled")
def replay_delivery(webhook: Managed, message_id: MessageId) -> dict[str, Any]:
    """Post it (again) now, under the same id and with as many retries as a new one."""
    delivery = deliveries.find(webhook, message_id)
    deliveries.replay(webhook, delivery, time.time())
    return _delivery(delivery)


@router.post(
    "/webhooks/{webhook_id}/replay-failed",
    status_code=202,
    dependencies=[limited("webhook_replay", burst=20, interval_s=3)],
    response_model=schemas.webhooks.Replayed,
)
@raises("webhook_disabled", "bad_cursor")
def replay_failed_deliveries(webhook: Managed, body: schemas.webhooks.ReplayFailed) -> dict[str, Any]:
    """Post again what failed of the events since a time, a hundred of them at once, the oldest first. Call
    it with `next_cursor` until there are no `more`."""
    count, after = deliveries.replay_failed(webhook, body.since.timestamp(), body.cursor, time.time())
    return {"replayed": count, "more": after is not None, "next_cursor": after}


# --- how it is shown --------------------------------------------------------------------------------


def _list(owner_id: str) -> dict[str, Any]:
    return {"webhooks": [_webhook(one) for one in registry.list_all(owner_id)]}


def _add(owner_id: str, body: schemas.webhooks.NewWebhook, by: Actor) -> dict[str, Any]:
    webhook, secret = registry.add(owner_id, body.url, body.events, body.description, by.user_id, time.time())
    audit.record(by, "webhook.create", f"webhook#{webhook.webhook_id}", after=_settings(webhook))
    return {**_webhook(webhook), "secret": secret}


def _settings(one: Webhook) -> dict[str, Any]:
    """What the audit log keeps of a webhook: of its address the host, since the rest may hold keys."""
    return {
        "owner_id": one.owner_id,
        "host": registry.host_of(one),
        "events": sorted(one.events) if one.events else None,
        "enabled": one.enabled,
    }


def _webhook(one: Webhook) -> dict[str, Any]:
    return {
        "webhook_id": one.webhook_id,
        "scope": "global" if one.owner_id == GLOBAL else "own",
        "url": one.url,
        "description": one.description,
        "events": sorted(one.events) if one.events else None,
        "enabled": one.enabled,
        "disabled_reason": one.disabled_reason,
        "failing_since": _maybe_time(one.failing_since_s),
        "secret_rotated_at": _maybe_time(one.rotated_at_s),
        "created_by": one.created_by,
        "created_at": iso_time(one.created_at_s),
        "updated_at": iso_time(one.updated_at_s),
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "type": one.type,
        "status": one.status,
        "reason": one.reason,
        "attempts": [{**attempt, "at": iso_time(attempt["at_s"])} for attempt in one.attempts],
        "next_attempt_at": _maybe_time(one.next_attempt_at_s),
        "created_at": iso_time(one.created_at_s),
    }


def _maybe_time(seconds: float | None) -> str | None:
    return None if seconds is None else iso_time(seconds)
