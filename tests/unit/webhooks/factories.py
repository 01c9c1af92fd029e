"""Webhooks, what is told, and who receives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.realtime.factories import NOW_S
from videosite.realtime import messages
from videosite.store.outgoing import Answer
from videosite.store.tables import Delivery, User, Webhook
from videosite.webhooks import deliveries, registry
from videosite.webhooks.events import event_of

URL = "https://hooks.example.org/in"


def make_user(user_id: str = "ada", role: str = "creator") -> None:
    User(user_id, email=f"{user_id}@example.org", role=role, created_at_s=1.0).save()


def make_webhook(owner_id: str = "ada", events: list[str] | None = None, url: str = URL) -> Webhook:
    return registry.add(owner_id, url, events, "", owner_id, NOW_S)[0]


def system_frame(number: int = 1, at_s: float = NOW_S) -> Any:
    return messages.system_message(f"system.{number}", f"Message {number}", "info", at_s, at_s + 600)


def start(webhook: Webhook, number: int = 1, at_s: float = NOW_S) -> Delivery:
    """A delivery of a system message."""
    return deliveries.start(webhook, event_of(system_frame(number, at_s)), at_s)


def reload(delivery: Delivery) -> Delivery:
    found = deliveries.load(delivery.webhook_id, delivery.message_id)
    assert found is not None
    return found


def message_of(delivery: Delivery) -> dict[str, Any]:
    """The queue message of a delivery as it stands."""
    return {
        "owner_id": delivery.owner_id,
        "webhook_id": delivery.webhook_id,
        "message_id": delivery.message_id,
        "tries": delivery.tries,
    }


def said(status: int | None, error: str | None = None, body: str = "", retry_after_s: float = 0) -> Answer:
    return Answer(status, error, body, 12, retry_after_s)


@dataclass
class Receiver:
    """Stands for an address: keeps what was posted, gives its answers in turn, then 200."""

    answers: list[Answer] = field(default_factory=list)
    posts: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], loopback: bool) -> Answer:
        self.posts.append((url, body, headers))
        return self.answers.pop(0) if self.answers else said(200)
