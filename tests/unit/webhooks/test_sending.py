"""Attempts, and what follows from their answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, stored_messages
from tests.unit.webhooks.factories import Receiver, make_user, make_webhook, message_of, reload, said, start
from videosite.log import logger
from videosite.store import queues
from videosite.store.tables import Delivery, User, Webhook
from videosite.webhooks import backoff, deliveries, registry, sending, signing
from videosite.webhooks.events import GLOBAL

pytestmark = pytest.mark.usefixtures("aws")

Messages = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def _ada(aws: None) -> None:
    make_user()


def go(delivery: Delivery, receiver: Receiver, at_s: float = NOW_S) -> Delivery:
    """Follow a delivery's message as it stands; returns how it stands then."""
    sending.handle(message_of(reload(delivery)), at_s, receiver)
    return reload(delivery)


def run_out(delivery: Delivery, receiver: Receiver, at_s: float = NOW_S) -> float:
    """Follow its messages, each when it is due, until there are none; returns the time of the last."""
    while (now := reload(delivery)).status == "pending":
        at_s = max(at_s, now.next_attempt_at_s or 0)
        go(delivery, receiver, at_s)
    return at_s


def test_one_that_is_accepted() -> None:
    webhook, secret = registry.add("ada", "https://hooks.example.org/in?key=1", None, "", "ada", NOW_S)
    delivery = start(webhook)
    receiver = Receiver([said(204)])
    done = go(delivery, receiver)
    ((url, body, headers),) = receiver.posts
    assert url == webhook.url
    assert json.loads(body)["message"] == "Message 1"
    assert headers["webhook-id"] == delivery.message_id
    signed = signing.headers([secret], delivery.message_id, int(NOW_S), body.decode())
    assert signed.items() <= headers.items()
    assert done.status == "delivered"
    assert [done.next_attempt_at_s, done.watch] == [None, None]
    (attempt,) = done.attempts
    assert (attempt["status"], attempt["error"], attempt["took_ms"]) == (204, None, 12)


def test_one_that_fails_comes_again_later(messages: Messages) -> None:
    delivery = start(make_webhook())
    messages("webhooks")
    receiver = Receiver([said(500, body="x" * 1000), said(None, "timeout")])
    failed = go(delivery, receiver)
    assert failed.status == "pending"
    assert failed.next_attempt_at_s is not None
    assert failed.next_attempt_at_s > NOW_S
    assert len(failed.attempts[0]["answer"]) == sending.KEPT_CHARACTERS
    again = go(delivery, receiver, failed.next_attempt_at_s)
    assert [one["error"] for one in again.attempts] == [None, "timeout"]
    assert (again.next_attempt_at_s or 0) - failed.next_attempt_at_s > failed.next_attempt_at_s - NOW_S
    done = go(delivery, receiver, again.next_attempt_at_s or 0)
    assert (done.status, done.tries) == ("delivered", 3)
    assert {headers["webhook-id"] for _, _, headers in receiver.posts} == {delivery.message_id}


def test_its_message_waits_in_the_queue(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    delivery = start(make_webhook())
    monkeypatch.setattr(queues, "send", lambda url, body, delay_s, group: delays.append(delay_s))
    failed = go(delivery, Receiver([said(500)]))
    assert delays == [pytest.approx((failed.next_attempt_at_s or 0) - NOW_S, abs=1e-3)]
    # Too early: it is only delayed anew.
    receiver = Receiver()
    go(delivery, receiver, NOW_S - 60)
    assert receiver.posts == []
    assert delays[1] == pytest.approx(delays[0] + 60, abs=1e-3)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 429, 500, 503])
def test_only_2xx_is_accepted(status: int) -> None:
    assert go(start(make_webhook()), Receiver([said(status)])).status == "pending"


def test_a_message_that_comes_twice_or_late_does_nothing() -> None:
    delivery = start(make_webhook())
    first = message_of(delivery)
    receiver = Receiver([said(500)])
    sending.handle(first, NOW_S, receiver)
    sending.handle(first, NOW_S + 3600, receiver)
    assert len(receiver.posts) == 1
    run_out(delivery, receiver)
    sending.handle(message_of(reload(delivery)), NOW_S + 7200, receiver)
    assert len(receiver.posts) == 2
    sending.handle({**first, "message_id": "msg_unknown"}, NOW_S, receiver)


def test_two_attempts_at_once_count_as_one() -> None:
    """Both post; what came of it is stored once, and one message follows."""
    delivery = start(make_webhook())
    inner = Receiver([said(500)])

    class Meanwhile(Receiver):
        def __call__(self, *arguments: Any) -> Any:
            sending.handle(message_of(reload(delivery)), NOW_S, inner)
            return said(200)

    sending.handle(message_of(delivery), NOW_S, Meanwhile())
    after = reload(delivery)
    assert (after.tries, after.status) == (1, "pending")


def test_it_is_given_up_in_the_end() -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    receiver = Receiver([said(500)] * 99)
    last_s = run_out(delivery, receiver)
    assert len(receiver.posts) == len(backoff.DELAYS_S) + 1
    failed = reload(delivery)
    assert (failed.status, failed.reason) == ("failed", "attempts_exhausted")
    assert sum(backoff.DELAYS_S) * (1 - backoff.JITTER) < last_s - NOW_S
    assert registry.find(webhook.webhook_id, "ada", "creator").enabled  # it was not for long


@pytest.mark.parametrize(
    ("owner_id", "channels"), [("ada", ["user#ada"]), (GLOBAL, ["admin", "notice#admins"])]
)
def test_after_long_failure_it_is_switched_off_and_its_owner_told(owner_id: str, channels: list[str]) -> None:
    webhook = make_webhook(owner_id)
    registry.note_failure(webhook, NOW_S - registry.FAILING_S)
    for number in (1, 2):
        run_out(start(webhook, number), Receiver([said(503)] * 99))
    found = registry.load(owner_id, webhook.webhook_id)
    assert found is not None
    assert (found.enabled, found.disabled_reason) == (False, "failing")
    for channel in channels:
        (frame,) = stored_messages(channel)
        assert (frame["type"], frame["code"], frame["level"]) == (
            "system_message",
            "webhook_disabled",
            "warning",
        )
        assert frame["params"] == {"host": "hooks.example.org"}
        assert "hooks.example.org" in frame["text"]["en"]


def test_a_success_in_between_keeps_it_on() -> None:
    webhook = make_webhook()
    registry.note_failure(webhook, NOW_S - registry.FAILING_S)
    go(start(webhook, 1), Receiver())
    run_out(start(webhook, 2), Receiver([said(503)] * 99))
    assert registry.find(webhook.webhook_id, "ada", "creator").enabled


def test_a_success_during_the_last_attempt_keeps_it_on() -> None:
    """That attempt began with what the row said before."""
    webhook = make_webhook()
    registry.note_failure(webhook, NOW_S - registry.FAILING_S)
    accepted, last = start(webhook, 1), start(webhook, 2)
    receiver = Receiver([said(503)] * len(backoff.DELAYS_S))
    for _ in backoff.DELAYS_S:
        at_s = reload(last).next_attempt_at_s or 0
        go(last, receiver, at_s)

    class Meanwhile(Receiver):
        def __call__(self, *arguments: Any) -> Any:
            go(accepted, Receiver())
            return said(503)

    assert go(last, Meanwhile(), reload(last).next_attempt_at_s or 0).reason == "attempts_exhausted"
    assert registry.find(webhook.webhook_id, "ada", "creator").enabled
    assert stored_messages("user#ada") == []


def test_what_was_accepted_since_it_was_read_keeps_it_on() -> None:
    webhook = make_webhook()
    registry.note_failure(webhook, NOW_S - registry.FAILING_S)
    read = registry.find(webhook.webhook_id, "ada", "creator")
    registry.note_success(webhook)
    assert not registry.disable(read, "failing", NOW_S)
    assert registry.disable(read, "gone", NOW_S)


def test_gone_switches_it_off_at_once() -> None:
    webhook = make_webhook()
    receiver = Receiver([said(410)])
    done, other = start(webhook, 1), start(webhook, 2)
    assert (go(done, receiver).reason, go(other, receiver).reason) == ("gone", "webhook_disabled")
    assert len(receiver.posts) == 1
    assert len(stored_messages("user#ada")) == 1
    assert registry.find(webhook.webhook_id, "ada", "creator").disabled_reason == "gone"


def test_a_removed_webhook_gets_nothing() -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    registry.remove(webhook)
    receiver = Receiver()
    assert go(delivery, receiver).reason == "webhook_removed"
    assert receiver.posts == []


def test_with_a_user_go_the_webhooks() -> None:
    delivery = start(make_webhook())
    make_webhook()
    User("ada").delete()
    receiver = Receiver()
    assert go(delivery, receiver).reason == "owner_removed"
    assert receiver.posts == []
    assert list(Webhook.scan()) == []


def test_who_may_have_none_any_more_gets_nothing() -> None:
    delivery = start(make_webhook())
    make_user(role="viewer")
    receiver = Receiver()
    assert go(delivery, receiver).reason == "forbidden"
    assert receiver.posts == []


def test_the_suspended_get_nothing() -> None:
    delivery = start(make_webhook())
    User("ada").update([User.state.set("suspended")])
    receiver = Receiver()
    assert go(delivery, receiver).reason == "forbidden"
    assert receiver.posts == []


def test_a_test_is_tried_once_and_says_nothing_of_the_webhook() -> None:
    webhook = make_webhook(events=["transcode_failed"])
    delivery = deliveries.try_out(webhook, NOW_S)
    receiver = Receiver([said(500)])
    assert go(delivery, receiver).reason == "not_accepted"
    assert json.loads(receiver.posts[0][1])["type"] == "webhook_test"
    assert registry.find(webhook.webhook_id, "ada", "creator").failing_since_s is None


def test_both_secrets_sign_while_one_is_rotated() -> None:
    webhook = make_webhook()
    registry.rotate(webhook, NOW_S)
    receiver = Receiver()
    go(start(webhook), receiver)
    assert len(receiver.posts[0][2]["webhook-signature"].split()) == 2


def test_neither_address_nor_secret_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    for level in ("info", "warning"):
        monkeypatch.setattr(logger, level, lambda *args, **values: lines.append(repr((args, values))))
    webhook, secret = registry.add("ada", "https://hooks.example.org/key-1", None, "", "ada", NOW_S)
    go(start(webhook), Receiver([said(410)]))
    assert lines
    assert not [line for line in lines if "key-1" in line or secret in line]
