"""The log, and sending again."""

import json
from collections.abc import Callable

import pytest

from tests.conftest import kept_client
from tests.unit.realtime.factories import NOW_S
from tests.unit.webhooks.factories import Receiver, make_user, make_webhook, message_of, reload, said, start
from videosite.errors import BadInputError, ConflictError, NotFoundError
from videosite.housekeeping import webhooks as housekeeping
from videosite.settings import require
from videosite.store.tables import Delivery, Webhook
from videosite.webhooks import backoff, deliveries, registry, sending

pytestmark = pytest.mark.usefixtures("aws")

Messages = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def _ada(aws: None) -> None:
    make_user()


def fail(delivery: Delivery) -> None:
    """Let it be given up."""
    deliveries.record(reload(delivery), None, "failed", "attempts_exhausted")


def test_started_twice_there_is_one(messages: Messages) -> None:
    webhook = make_webhook()
    start(webhook)
    start(webhook)
    assert Delivery.count(webhook.webhook_id) == 1
    # The first may have died before its message was sent.
    assert len(messages("webhooks")) == 2
    sending.handle(message_of(start(webhook)), NOW_S, Receiver())
    messages("webhooks")
    start(webhook)
    assert messages("webhooks") == []


def test_each_owners_messages_are_a_group_of_their_own() -> None:
    """Of those that wait, SQS hands out those of quiet groups first."""
    for owner in ("ada", "bob"):
        start(make_webhook(owner))
    found = kept_client("sqs").receive_message(
        QueueUrl=require("webhooks_queue_url"),
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["MessageGroupId"],
    )["Messages"]
    groups = {json.loads(it["Body"])["owner_id"]: it["Attributes"]["MessageGroupId"] for it in found}
    assert groups == {"ada": "ada", "bob": "bob"}


def test_pages_the_newest_first() -> None:
    webhook = make_webhook()
    ids = [start(webhook, number, NOW_S + number).message_id for number in range(5)]
    start(make_webhook("bob"), 9)
    first = deliveries.list_page(webhook.webhook_id, None, 3, None, NOW_S)
    assert [one.message_id for one in first.deliveries] == ids[:1:-1]
    rest = deliveries.list_page(webhook.webhook_id, None, 3, first.next_cursor, NOW_S)
    assert [one.message_id for one in rest.deliveries] == ids[1::-1]
    assert rest.next_cursor is None
    assert (
        deliveries.list_page(webhook.webhook_id, None, 9, None, NOW_S + deliveries.KEPT_S + 9).deliveries
        == []
    )
    with pytest.raises(BadInputError):
        deliveries.list_page(webhook.webhook_id, None, 3, "x", NOW_S)


def test_only_those_of_a_status() -> None:
    webhook = make_webhook()
    made = [start(webhook, number, NOW_S + number) for number in range(4)]
    fail(made[0])
    fail(made[2])
    page = deliveries.list_page(webhook.webhook_id, "failed", 1, None, NOW_S)
    assert [one.message_id for one in page.deliveries] == [made[2].message_id]
    page = deliveries.list_page(webhook.webhook_id, "failed", 1, page.next_cursor, NOW_S)
    assert [one.message_id for one in page.deliveries] == [made[0].message_id]
    assert page.next_cursor is None


def test_one_call_reads_so_many_rows_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a busy week few have failed; a call that looked for them to the end would run out of time."""
    monkeypatch.setattr(deliveries, "MOST_READ", 4)
    webhook = make_webhook()
    made = [start(webhook, number, NOW_S + 60 * number) for number in range(10)]
    fail(made[0])
    fail(made[9])
    pages: list[list[str]] = []
    cursor: str | None = None
    for _ in range(3):
        page = deliveries.list_page(webhook.webhook_id, "failed", 20, cursor, NOW_S)
        pages.append([one.message_id for one in page.deliveries])
        cursor = page.next_cursor
    assert (pages, cursor) == ([[made[9].message_id], [], [made[0].message_id]], None)
    replayed: list[int] = []
    for _ in range(3):
        count, cursor = deliveries.replay_failed(webhook, NOW_S, cursor, NOW_S)
        replayed.append(count)
    assert (replayed, cursor) == ([1, 0, 1], None)


def test_of_the_attempts_the_newest_are_kept() -> None:
    delivery = start(make_webhook())
    for number in range(deliveries.KEPT_ATTEMPTS + 3):
        deliveries.record(reload(delivery), {"status": number}, "pending")
    numbers = [one["status"] for one in reload(delivery).attempts]
    assert numbers == list(range(3, deliveries.KEPT_ATTEMPTS + 3))


def test_one_is_sent_again_as_it_was_with_all_its_retries() -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    receiver = Receiver([said(500)] * 99)
    for _ in range(2):
        while (now := reload(delivery)).status == "pending":
            sending.handle(message_of(now), now.next_attempt_at_s, receiver)
        deliveries.replay(webhook, reload(delivery), NOW_S + 1e6)
    assert len(receiver.posts) == 2 * (len(backoff.DELAYS_S) + 1)
    assert len({body for _, body, _ in receiver.posts}) == 1


def test_one_that_is_sent_again_late_does_not_expire_before_its_last_attempt() -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    fail(delivery)
    replayed_s = NOW_S + deliveries.KEPT_S - 60
    deliveries.replay(webhook, reload(delivery), replayed_s)
    assert reload(delivery).expires_at_s == replayed_s + deliveries.KEPT_S


def test_one_that_was_delivered_may_be_sent_again(messages: Messages) -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    receiver = Receiver()
    for _ in range(2):
        sending.handle(message_of(reload(delivery)), NOW_S, receiver)
        deliveries.replay(webhook, reload(delivery), NOW_S)
    assert len(receiver.posts) == 2


def test_all_that_failed_since_a_time(messages: Messages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "REPLAYED_AT_ONCE", 2)
    webhook = make_webhook()
    made = [start(webhook, number, NOW_S + 60 * number) for number in range(6)]
    for delivery in (made[0], made[2], made[3], made[5]):
        fail(delivery)
    messages("webhooks")
    since_s = NOW_S + 60
    count, after = deliveries.replay_failed(webhook, since_s, None, NOW_S)
    assert (count, after) == (2, made[3].message_id)
    assert deliveries.replay_failed(webhook, since_s, after, NOW_S) == (1, None)
    assert deliveries.replay_failed(webhook, since_s, None, NOW_S) == (0, None)
    assert [reload(one).status for one in made] == ["failed", *["pending"] * 5]
    assert len(messages("webhooks")) == 3


def test_nothing_is_sent_to_one_that_is_switched_off() -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    fail(delivery)
    registry.change(webhook, NOW_S, enabled=False)
    for call in (
        lambda: deliveries.replay(webhook, reload(delivery), NOW_S),
        lambda: deliveries.replay_failed(webhook, 0, None, NOW_S),
        lambda: deliveries.try_out(webhook, NOW_S),
    ):
        with pytest.raises(ConflictError):
            call()


def test_unknown_ones_are_not_found() -> None:
    webhook = make_webhook()
    other = start(make_webhook("bob"))
    with pytest.raises(NotFoundError):
        deliveries.find(webhook, other.message_id)


# --- housekeeping -----------------------------------------------------------------------------------


def test_a_lost_message_is_sent_again(messages: Messages) -> None:
    webhook = make_webhook()
    delivery, done = start(webhook, 1), start(webhook, 2)
    sending.handle(message_of(done), NOW_S, Receiver())
    messages("webhooks")
    assert housekeeping.revive(NOW_S + deliveries.OVERDUE_S - 1) == 0
    assert housekeeping.revive(NOW_S + deliveries.OVERDUE_S + 1) == 1
    assert [delivery.message_id in body for body in messages("webhooks")] == [True]
    assert housekeeping.revive(NOW_S + deliveries.OVERDUE_S + 2) == 0


def test_open_deliveries_are_spread_over_the_index_and_all_found(messages: Messages) -> None:
    webhook = make_webhook()
    made = [start(webhook, number) for number in range(30)]
    deliveries.record(reload(made[0]), None, "pending", None, NOW_S)
    messages("webhooks")
    keys = {reload(delivery).watch for delivery in made}
    assert 8 < len(keys) <= deliveries.WATCH_SHARDS
    assert housekeeping.revive(NOW_S + deliveries.OVERDUE_S + 1) == 30


def test_what_waits_for_its_time_is_left_alone(messages: Messages) -> None:
    delivery = start(make_webhook())
    deliveries.record(delivery, None, "pending", None, NOW_S + 7200)
    messages("webhooks")
    assert housekeeping.revive(NOW_S + 7000) == 0
    assert housekeeping.revive(NOW_S + 7200 + deliveries.OVERDUE_S + 1) == 1


def test_deliveries_of_removed_webhooks_end(messages: Messages) -> None:
    webhook = make_webhook()
    delivery = start(webhook)
    Webhook(webhook.owner_id, webhook.webhook_id).delete()
    housekeeping.revive(NOW_S + 1e4)
    sending.handle(message_of(reload(delivery)), NOW_S + 1e4, Receiver())
    assert reload(delivery).status == "failed"
    assert housekeeping.revive(NOW_S + 2e4) == 0
