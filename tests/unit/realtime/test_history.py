"""Stored messages: numbered without gaps, each event once, on all of its channels or none."""

import time
from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, stored_messages
from videosite.errors import RetryableError
from videosite.realtime import history
from videosite.realtime.messages import SystemMessage, system_message
from videosite.store.tables import Message

pytestmark = pytest.mark.usefixtures("aws")


def event(event_id: str) -> SystemMessage:
    return system_message(event_id, f"text of {event_id}", "info", NOW_S, NOW_S + 600)


def test_each_channel_counts_for_itself() -> None:
    assert history.append(event("e1"), ["admin", "all"], NOW_S)
    assert history.append(event("e2"), ["admin"], NOW_S)
    assert history.append(event("e3"), ["admin", "all"], NOW_S)
    numbered = {
        channel: [(body["seq"], body["id"], body["channel"]) for body in stored_messages(channel)]
        for channel in ("admin", "all")
    }
    assert numbered == {
        "admin": [(1, "e1", "admin"), (2, "e2", "admin"), (3, "e3", "admin")],
        "all": [(1, "e1", "all"), (2, "e3", "all")],
    }


def test_an_event_is_stored_once() -> None:
    assert history.append(event("e1"), ["admin"], NOW_S)
    assert not history.append(event("e1"), ["admin"], NOW_S)
    assert len(stored_messages("admin")) == 1
    assert history.stored(["e1", "e2"]) == {"e1"}
    assert history.stored([]) == set()


def test_everything_but_the_counter_goes_after_a_week() -> None:
    history.append(event("e1"), ["admin"], NOW_S)
    expiry = {row.kind: row.expires_at_s for row in Message.scan()}
    assert expiry == {"counter": None, "event": NOW_S + 604_800, "message": NOW_S + 604_800}


def interrupt(monkeypatch: pytest.MonkeyPatch, meanwhile: list[tuple[str, list[str]]]) -> None:
    """Append other events after each read, before the write that rests on it."""
    read = history._read

    def read_then_wait(event_id: str, channels: list[str]) -> dict[tuple[str, int], Message]:
        rows = read(event_id, channels)
        if meanwhile:
            history.append(event(meanwhile[0][0]), meanwhile.pop(0)[1], NOW_S)
        return rows

    monkeypatch.setattr(history, "_read", read_then_wait)


def test_of_two_at_once_both_get_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each of the nested ones interrupts the one before it.
    interrupt(monkeypatch, [("inner", ["admin"]), ("innermost", ["admin"])])
    assert history.append(event("outer"), ["all", "admin"], NOW_S)
    bodies = stored_messages("admin")
    assert sorted(body["id"] for body in bodies) == ["inner", "innermost", "outer"]
    assert [body["seq"] for body in bodies] == [1, 2, 3]
    assert [body["seq"] for body in stored_messages("all")] == [1]


def test_the_same_event_at_once_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, [("e1", ["admin"])])
    assert not history.append(event("e1"), ["admin"], NOW_S)
    assert len(stored_messages("admin")) == 1


def test_a_channel_that_never_rests_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Any] = []

    def lose(*args: object) -> frozenset[int]:
        writes.append(args)
        return frozenset({2})

    monkeypatch.setattr(history, "_write", lose)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(RetryableError) as caught:
        history.append(event("e1"), ["admin"], NOW_S)
    assert caught.value.code == "table_busy"
    assert len(writes) == history.ATTEMPTS
