"""One attempt at one delivery, and what follows from it."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from videosite.accounts import standing
from videosite.accounts.permissions import has_permission
from videosite.log import logger
from videosite.realtime import history, messages
from videosite.realtime.channels import ADMIN, ADMIN_NOTICES, user_channel
from videosite.settings import get_settings
from videosite.store import outgoing
from videosite.store.outgoing import Answer
from videosite.store.tables import Delivery, Webhook
from videosite.webhooks import backoff, deliveries, registry, routing, signing
from videosite.webhooks.events import GLOBAL, TEST

Post = Callable[[str, bytes, Mapping[str, str], bool], Answer]

KEPT_CHARACTERS = 256
"""Of a receiver's answer."""
GONE = 410
"""Standard Webhooks: the receiver wants nothing any more."""
NOTICE_VALID_S = 7 * 24 * 3600


def handle(body: Mapping[str, Any], now_s: float | None = None, post: Post | None = None) -> None:
    """Follow one message of the queue: make an attempt that is due, or start deliveries to a page of
    webhooks."""
    now_s = time.time() if now_s is None else now_s
    if "spread" in body:
        routing.spread(now_s=now_s, **body["spread"])
        return
    delivery = deliveries.load(body["webhook_id"], body["message_id"])
    if delivery is None or delivery.status != "pending" or delivery.tries != body["tries"]:
        logger.info("dropped", extra={"webhook_id": body["webhook_id"], "message_id": body["message_id"]})
    elif not deliveries.is_due(delivery, now_s):
        deliveries.wake(delivery, (delivery.next_attempt_at_s or 0) - now_s)
    else:
        _attempt(delivery, now_s, post or outgoing.post)


def _attempt(delivery: Delivery, now_s: float, post: Post) -> None:
    webhook = registry.load(delivery.owner_id, delivery.webhook_id)
    reason = _reason_against(webhook)
    if webhook is None or reason:
        deliveries.record(delivery, None, "failed", reason)
        return
    signed = signing.headers(
        registry.secrets_of(webhook, now_s), delivery.message_id, int(now_s), delivery.body
    )
    sent = {**signed, "Content-Type": "application/json", "User-Agent": "VideoSite-Webhooks/1"}
    answer = post(webhook.url, delivery.body.encode(), sent, get_settings().webhook_loopback)
    _conclude(webhook, delivery, answer, now_s)


def _reason_against(webhook: Webhook | None) -> str | None:
    """Why nothing is sent there; None: it is."""
    if webhook is None:
        return "webhook_removed"
    if webhook.owner_id != GLOBAL:
        owner = standing.load(webhook.owner_id)
        if owner is None:
            registry.remove_all(webhook.owner_id)
            return "owner_removed"
        if owner.state != "active" or not has_permission(owner.role, "webhooks.manage"):
            return "forbidden"
    return None if webhook.enabled else "webhook_disabled"


def _conclude(webhook: Webhook, delivery: Delivery, answer: Answer, now_s: float) -> None:
    """Store what came of an attempt; then what it means for the next one, and for the webhook."""
    accepted = answer.status is not None and 200 <= answer.status < 300
    failed = delivery.tries + 1 - delivery.first_try
    delay_s = None
    if not accepted and answer.status != GONE and delivery.type != TEST:
        delay_s = backoff.delay_s(failed, answer.retry_after_s)
    attempt = {
        "at_s": now_s,
        "status": answer.status,
        "error": answer.error,
        "took_ms": answer.took_ms,
        "answer": answer.body[:KEPT_CHARACTERS],
    }
    extra = {"webhook_id": webhook.webhook_id, "message_id": delivery.message_id, "attempt": failed}
    extra |= {"status": answer.status, "error": answer.error, "took_ms": answer.took_ms}
    logger.info("accepted" if accepted else "not accepted", extra=extra)
    if accepted:
        deliveries.record(delivery, attempt, "delivered")
        registry.note_success(webhook)
        return
    if delivery.type != TEST:
        registry.note_failure(webhook, now_s)
    if delay_s is not None:
        if deliveries.record(delivery, attempt, "pending", None, now_s + delay_s):
            deliveries.wake(delivery, delay_s)
        return
    if answer.status == GONE:
        deliveries.record(delivery, attempt, "failed", "gone")
        _switch_off(webhook, "gone", now_s)
        return
    deliveries.record(
        delivery, attempt, "failed", "not_accepted" if delivery.type == TEST else "attempts_exhausted"
    )
    _switch_off(webhook, "failing", now_s)


def _switch_off(webhook: Webhook, reason: str, now_s: float) -> None:
    """Disable a webhook that is gone, or that has failed for long, and tell its owner, once, however many
    attempts find it so."""
    # Read again: during this attempt another one may have been accepted.
    found = registry.load(webhook.owner_id, webhook.webhook_id)
    if found is None or not found.enabled:
        return
    if reason == "failing" and not registry.has_failed_long(found, now_s):
        return
    event_id = f"{found.webhook_id}.disabled.{found.failing_since_s or now_s}"
    frame = messages.webhook_disabled(event_id, registry.host_of(found), now_s, now_s + NOTICE_VALID_S)
    to = [ADMIN, ADMIN_NOTICES] if found.owner_id == GLOBAL else [user_channel(found.owner_id)]
    # Told first: one that is off already would never be told of.
    history.append(frame, to, now_s)
    registry.disable(found, reason, now_s)
    logger.warning("webhook disabled", extra={"webhook_id": found.webhook_id, "reason": reason})
