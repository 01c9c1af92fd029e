"""Dead letters: looked at, sent back, deleted."""

import json
from collections.abc import Callable

import pytest

from tests.conftest import kept_client
from videosite.errors import NotFoundError
from videosite.store import letters, queues

pytestmark = pytest.mark.usefixtures("aws")

Messages = Callable[[str], list[str]]


def bury(name: str, *bodies: object) -> None:
    for body in bodies:
        queues.send_text(letters._letters_url(name), body if isinstance(body, str) else json.dumps(body))


def test_depths_of_all_queues() -> None:
    bury("transcode", {"task_id": "a"}, {"task_id": "b"})
    queues.send(kept_client("sqs").get_queue_url(QueueName="bulk")["QueueUrl"], {})
    found, dead = letters.depths()
    assert {depth.name: depth.waiting for depth in found} == {
        "ingest": 0, "urgent": 0, "bulk": 1, "publish": 0, "webhooks": 0, "accounts": 0,
    }  # fmt: skip
    assert {depth.name: depth.waiting for depth in dead} == {
        "ingest": 0, "transcode": 2, "publish": 0, "webhooks": 0, "accounts": 0, "stream": 0,
    }  # fmt: skip


def test_looking_leaves_them_where_they_are() -> None:
    bury("publish", *({"codec": str(number)} for number in range(15)), "no JSON")
    for _ in range(2):
        found = letters.look("publish", 100)
        assert len(found) == 16
        assert {"codec": "7"} in [letter.body for letter in found]
        assert "no JSON" in [letter.body for letter in found]
        assert all(letter.sent_at_s > 0 for letter in found)
    assert len(letters.look("publish", 3)) == 3


def test_letters_go_back_as_they_were(messages: Messages) -> None:
    bury("transcode", {"task_id": "a"}, {"task_id": "b"}, "no JSON")
    one = next(letter for letter in letters.look("transcode", 10) if letter.body == {"task_id": "a"})
    assert letters.redrive("transcode", one.message_id) == 1
    assert messages("bulk") == ['{"task_id": "a"}']
    with pytest.raises(NotFoundError, match="letter_not_found"):
        letters.redrive("transcode", one.message_id)
    assert letters.redrive("transcode") == 2
    assert sorted(messages("bulk")) == ["no JSON", '{"task_id": "b"}']
    assert letters.look("transcode", 10) == []
    assert letters.redrive("transcode") == 0


def test_nobody_sees_the_hash_of_a_password(messages: Messages) -> None:
    event = {"do": "register", "email": "eve@example.org", "password_hash": "$argon2id$"}
    bury("accounts", event)
    (letter,) = letters.look("accounts", 10)
    assert letter.body == {"do": "register", "email": "eve@example.org"}
    assert letters.redrive("accounts") == 1
    assert [json.loads(body) for body in messages("accounts")] == [event]


def test_letters_are_deleted_one_or_all() -> None:
    bury("ingest", *range(12))
    one = letters.look("ingest", 1)[0]
    assert letters.delete("ingest", one.message_id) == 1
    assert one.message_id not in [letter.message_id for letter in letters.look("ingest", 100)]
    assert letters.delete("ingest") == 11
    assert letters.look("ingest", 100) == []


def test_queues_that_are_none_and_letters_that_go_nowhere() -> None:
    bury("stream", {})
    for call in (letters.redrive, letters.delete, lambda name: letters.look(name, 1)):
        with pytest.raises(NotFoundError, match="queue_not_found"):
            call("bulk")
    with pytest.raises(NotFoundError, match="queue_not_found"):
        letters.redrive("stream")
    assert letters.delete("stream") == 1
