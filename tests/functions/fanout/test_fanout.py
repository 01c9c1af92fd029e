"""The messages table's stream: stored messages reach their channel's sockets, in order."""

import asyncio
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import message_record, stream_event
from tests.unit.realtime.factories import open_socket
from videosite.realtime import broadcast, delivery, history, messages
from videosite.realtime import fanout as fanout_module
from videosite.realtime.connections import ConnectionManager
from videosite.realtime.fanout import Patience
from videosite.store import posting
from videosite.store.sockets import Outcome
from videosite.store.tables import Message, SocketConnection, Subscription

fanout = handler("fanout")

ALL_WELL: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout_module, "STORED", Patience((0.0, 0.0, 0.0)))


def store(event_id: str, *channels: str) -> None:
    """Store a message on some channels."""
    frame = messages.system_message(event_id, f"message {event_id}", "info", time.time(), time.time() + 600)
    assert history.append(frame, channels, time.time())


def records() -> list[dict[str, Any]]:
    """The stream's records of everything stored so far, counters and dedupe items among them."""
    return [message_record(row) for row in Message.scan()]


def sit(connection_id: str, user_id: str = "ada", scope: str = "user", age_s: float = 60) -> None:
    """A socket that was opened some time ago."""
    open_socket(connection_id, user_id, scope, at_s=time.time() - age_s)


def test_a_message_goes_to_its_channel_and_nowhere_else(gateway: Gateway) -> None:
    sit("a1=")
    sit("a2=")
    sit("b1=", "bob")
    sit("e1=", "eve", "admin")
    store("1", "user#ada")
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert sorted(to for to, _ in gateway.frames) == ["a1=", "a2="]
    (frame,) = gateway.to("a1=")
    assert (frame["id"], frame["channel"], frame["seq"]) == ("1", "user#ada", 1)
    assert frame["message"] == "message 1"


def test_all_reaches_every_shard(gateway: Gateway) -> None:
    sockets = [f"{number:016x}" for number in range(40)]
    for number, connection_id in enumerate(sockets):
        sit(connection_id, f"user{number}", "admin" if number % 4 == 0 else "user")
    assert len({row.channel_shard for row in Subscription.scan() if row.channel_shard[:4] == "all#"}) > 8
    store("1", "all")
    fanout(stream_event(*records()), None)
    assert sorted(to for to, _ in gateway.frames) == sockets


def test_order_holds_however_the_records_come(gateway: Gateway) -> None:
    sit("a1=")
    for number in range(1, 13):
        store(str(number), "user#ada")
    fanout(stream_event(*reversed(records())), None)
    assert [frame["seq"] for frame in gateway.to("a1=")] == list(range(1, 13))


def test_counters_dedupe_items_and_removals_are_no_messages(gateway: Gateway) -> None:
    sit("a1=")
    store("1", "user#ada")
    (row,) = Message.query("user#ada", Message.seq > 0)
    others = [record for record in records() if record["dynamodb"]["NewImage"]["kind"]["S"] != "message"]
    batch = [*others, message_record(row, "REMOVE"), message_record(row, "MODIFY"), {}, {"dynamodb": None}]
    assert fanout(stream_event(*batch), None) == ALL_WELL
    assert gateway.frames == []


def test_a_record_twice_in_a_batch_is_sent_once(gateway: Gateway) -> None:
    sit("a1=")
    store("1", "user#ada")
    fanout(stream_event(*records(), *records()), None)
    assert len(gateway.frames) == 1


def test_a_batch_may_come_twice(gateway: Gateway) -> None:
    """Clients know the message by its id."""
    sit("a1=")
    store("1", "user#ada")
    for _ in range(2):
        assert fanout(stream_event(*records()), None) == ALL_WELL
    assert len({frame["id"] for frame in gateway.to("a1=")}) == 1


def test_one_event_has_one_id_on_every_channel(gateway: Gateway) -> None:
    sit("a1=")
    sit("e1=", "eve", "admin")
    store("7", "user#ada", "admin")
    fanout(stream_event(*records()), None)
    assert {frame["id"] for _, frame in gateway.frames} == {"7"}
    assert len(gateway.frames) == 2


def test_a_socket_that_is_gone_fails_nothing_and_is_forgotten(gateway: Gateway) -> None:
    sit("a1=")
    sit("a2=")
    gateway.statuses["a1="] = 410
    store("1", "user#ada")
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["a2="]
    assert [row.connection_id for row in SocketConnection.scan()] == ["a2="]
    assert {row.connection_id for row in Subscription.scan()} == {"a2="}


def test_a_socket_that_is_being_opened_is_kept(gateway: Gateway) -> None:
    """Its row is there before $connect has answered; until then a post gets 410."""
    sit("a1=", age_s=1)
    gateway.statuses["a1="] = 410
    store("1", "user#ada")
    fanout(stream_event(*records()), None)
    assert SocketConnection.count() == 1


def test_a_slow_socket_gets_the_rest_later(gateway: Gateway) -> None:
    sit("a1=")
    sit("a2=")
    gateway.throttled["a1="] = 2
    for number in (1, 2):
        store(str(number), "user#ada")
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert [frame["seq"] for frame in gateway.to("a1=")] == [1, 2]
    assert [frame["seq"] for frame in gateway.to("a2=")] == [1, 2]


@pytest.mark.parametrize("status", [403, 413, 429, 500])
def test_a_socket_that_takes_nothing_fails_nothing(gateway: Gateway, status: int) -> None:
    sit("a1=")
    sit("a2=")
    gateway.statuses["a1="] = status
    store("1", "user#ada")
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["a2="]
    assert SocketConnection.count() == 2


def test_a_socket_that_may_take_it_later_is_closed_and_resumes(gateway: Gateway) -> None:
    """Nothing follows that would show it the gap."""
    sit("a1=")
    sit("a2=")
    gateway.throttled["a1="] = len(fanout_module.STORED.pauses_s) + 1
    store("1", "user#ada")
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["a2="]
    assert gateway.closed == ["a1="]


def test_a_slow_channel_keeps_no_other_of_the_batch_waiting(gateway: Gateway) -> None:
    """Ada's sockets hang until all the others have got theirs, which can only come past them."""
    others = [f"b{number}=" for number in range(30)]
    for connection_id in ("a1=", "a2="):
        sit(connection_id)
        gateway.slow[connection_id] = asyncio.Event()
    store("1", "user#ada")
    for number, connection_id in enumerate(others):
        sit(connection_id, f"user{number}")
        store(f"b{number}", f"user#user{number}")

    def taken(connection_id: str, _: Outcome) -> None:
        if {to for to, _ in gateway.frames} >= set(others):
            for event in gateway.slow.values():
                event.set()

    gateway.taken = taken
    assert fanout(stream_event(*records()), None) == ALL_WELL
    assert {to for to, _ in gateway.frames} == {"a1=", "a2=", *others}


def test_channels_that_had_no_turn_in_time_come_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    for module in (delivery, fanout_module):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(posting, "IN_FLIGHT", 1)
    for number, user_id in enumerate(("ada", "bob", "eve")):
        sit(f"c{number}=", user_id)
        store(user_id, f"user#{user_id}")

    def taken(*_: object) -> None:
        clock[0] += fanout_module.BUDGET_S / 1.5

    gateway.taken = taken
    rows = sorted(Message.scan(), key=lambda row: row.channel)
    batch = [message_record(row, sequence_number=f"{row.channel}-{row.seq}") for row in rows]
    answer = fanout(stream_event(*batch), None)
    assert [to for to, _ in gateway.frames] == ["c0=", "c1="]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "user#eve-1"}]}


def test_a_broadcast_that_was_not_finished_comes_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit("a1=")
    monkeypatch.setattr(broadcast, "DIRECT", 0)
    store("1", "all")
    store("2", "user#ada")
    (row,) = Message.query("all", Message.seq > 0)
    for left, expected in ((0, []), (1, ["7"])):
        failed = delivery.deliver(
            [message_record(row, sequence_number="7"), *records()],
            time.time(),
            lambda *_, left=left: {Outcome.SENT: 1, Outcome.LEFT: left},
        )
        assert failed == expected
    assert {frame["channel"] for _, frame in gateway.frames} == {"user#ada"}


def test_a_channel_that_cannot_be_looked_up_comes_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit("a1=")
    sit("b1=", "bob")
    store("1", "user#ada")
    store("2", "user#ada")
    store("3", "user#bob")
    listeners = ConnectionManager.listeners_in

    def trouble(manager: ConnectionManager, shards: tuple[str, ...], now_s: float) -> Iterator[str]:
        if "user#ada#0" in shards:
            raise OSError("no table")
        return listeners(manager, shards, now_s)

    monkeypatch.setattr(ConnectionManager, "listeners_in", trouble)
    batch = [message_record(row, sequence_number=f"{row.channel}-{row.seq}") for row in Message.scan()]
    answer = fanout(stream_event(*batch), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "user#ada-1"}]}
    assert [to for to, _ in gateway.frames] == ["b1="]


def test_sockets_that_expired_are_not_posted_to(gateway: Gateway) -> None:
    sit("a1=", age_s=3 * 3600)
    store("1", "user#ada")
    fanout(stream_event(*records()), None)
    assert gateway.frames == []


def test_the_log_counts_and_does_not_quote(gateway: Gateway, log: Callable[[], list[dict[str, Any]]]) -> None:
    sit("a1=")
    store("1", "user#ada")
    log()
    fanout(stream_event(*records()), None)
    (delivered,) = log()
    assert (delivered["channel"], delivered["outcomes"]) == ("user#ada", {"sent": 1})
    assert "message 1" not in str(delivered)
