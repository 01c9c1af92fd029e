"""The webhooks' two functions: stored messages become deliveries, deliveries become posts."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import handler
from tests.functions.events import message_record, queue_event, stream_event
from tests.unit.webhooks.factories import Receiver, make_user, make_webhook, said
from videosite.realtime import history, messages
from videosite.store import outgoing
from videosite.store.tables import Delivery, Message
from videosite.webhooks import registry, routing
from videosite.webhooks.events import GLOBAL

route, deliver = handler("webhooks", "route"), handler("webhooks", "deliver")

pytestmark = pytest.mark.usefixtures("aws")

Take = Callable[[str], list[str]]
ALL_WELL: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """What all webhooks lead to."""
    found = Receiver()
    monkeypatch.setattr(outgoing, "post", found)
    return found


def store(event_id: str, *channels: str) -> None:
    frame = messages.system_message(event_id, f"message {event_id}", "info", time.time(), time.time() + 600)
    assert history.append(frame, channels, time.time())


def stream() -> dict[str, Any]:
    """Everything stored so far: counters and dedupe items too."""
    return stream_event(*[message_record(row) for row in Message.scan()])


def work_off(take: Take) -> None:
    """Hand the queue's messages over until there are none."""
    while bodies := take("webhooks"):
        for body in bodies:
            assert deliver(queue_event(body), None) == ALL_WELL


def posted(receiver: Receiver) -> list[tuple[str, str]]:
    return sorted((url, json.loads(body)["id"]) for url, body, _ in receiver.posts)


def test_each_owner_gets_theirs_once(messages: Take, receiver: Receiver) -> None:
    for user_id in ("ada", "bob"):
        make_user(user_id)
        make_webhook(user_id, url=f"https://{user_id}.example.org/")
    make_webhook(GLOBAL, url="https://global.example.org/")
    make_webhook("ada", events=["transcode_failed"], url="https://picky.example.org/")
    store("1", "user#ada", "video#7")
    store("2", "admin", "notice#admins")
    store("3", "all")
    for _ in range(2):  # the stream may hand everything out again
        assert route(stream(), None) == ALL_WELL
    work_off(messages)
    ada, bob, everyone = (f"https://{name}.example.org/" for name in ("ada", "bob", "global"))
    assert posted(receiver) == sorted(
        [(ada, "1"), (everyone, "1"), (everyone, "2"), (ada, "3"), (bob, "3"), (everyone, "3")]
    )


def test_a_message_to_all_goes_page_by_page(
    messages: Take, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "PAGE", 2)
    names = [f"user{number}" for number in range(5)]
    for name in names:
        make_user(name)
        make_webhook(name, url=f"https://{name}.example.org/")
    store("1", "all")
    route(stream(), None)
    work_off(messages)
    assert [url for url, _ in posted(receiver)] == [f"https://{name}.example.org/" for name in names]


def test_what_cannot_be_routed_comes_again(monkeypatch: pytest.MonkeyPatch, messages: Take) -> None:
    make_webhook()
    store("1", "user#ada")
    store("2", "user#bob")
    with monkeypatch.context() as patch:
        patch.setattr(registry, "list_all", lambda owner_id: 1 / 0 if owner_id == "ada" else [])
        failed = route(stream(), None)
    rows = {row.channel: message_record(row) for row in Message.scan() if row.kind == "message"}
    number = rows["user#ada"]["dynamodb"]["SequenceNumber"]
    assert failed == {"batchItemFailures": [{"itemIdentifier": number}]}
    route(stream(), None)
    assert Delivery.count() == 1


def test_a_fault_of_ours_brings_the_message_back(messages: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user()
    make_webhook()
    store("1", "user#ada")
    route(stream(), None)
    (body,) = messages("webhooks")
    with monkeypatch.context() as patch:
        patch.setattr(registry, "secrets_of", lambda *_: 1 / 0)
        assert deliver(queue_event(body), None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    (row,) = Delivery.scan()
    assert (row.status, row.tries) == ("pending", 0)


def test_a_receivers_fault_does_not(messages: Take, receiver: Receiver) -> None:
    receiver.answers = [said(None, "timeout")]
    make_user()
    make_webhook()
    store("1", "user#ada")
    route(stream(), None)
    (body,) = messages("webhooks")
    assert deliver(queue_event(body), None) == ALL_WELL
    (row,) = Delivery.scan()
    assert (row.status, row.tries) == ("pending", 1)


@pytest.mark.parametrize("record", [{}, {"eventName": "INSERT"}, {"eventName": "REMOVE", "dynamodb": {}}])
def test_other_records_are_passed_over(record: dict[str, Any]) -> None:
    assert route({"Records": [record]}, None) == ALL_WELL
