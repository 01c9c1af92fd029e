"""Who comes is told what is valid now."""

import time
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import connection_record, stream_event
from tests.unit.realtime.factories import open_socket
from videosite.realtime import announcements, greeting
from videosite.realtime.announcements import announce

fanout = handler("fanout")


def come(*sockets: tuple[str, str, str], name: str = "INSERT") -> None:
    """Open sockets (connection, user, scope) and hand the function what the stream shows of them."""
    rows = [open_socket(id_, user, scope, "admin", time.time()) for id_, user, scope in sockets]
    event = stream_event(*(connection_record(row, name) for row in rows))
    assert fanout(event, None) == {"batchItemFailures": []}


def say(audience: Any = "all", user_id: str | None = None, starts_in_s: float = 0, age_s: float = 0) -> str:
    """Announce something; returns its text."""
    text = f"for {audience} {user_id} {starts_in_s}"
    now_s = time.time() - age_s
    announce(text, "info", audience, user_id, now_s + starts_in_s, None, now_s)
    return text


def heard(gateway: Gateway, connection_id: str) -> list[str]:
    return [frame["message"] for frame in gateway.to(connection_id)]


def test_each_hears_what_is_for_them_in_order(gateway: Gateway) -> None:
    texts = [say(age_s=4), say("admins", age_s=3), say("user", "ada", age_s=2), say("user", "bob", age_s=1)]
    say(starts_in_s=600)
    come(("c1=", "ada", "user"), ("c2=", "bob", "user"), ("c3=", "root", "admin"))
    assert heard(gateway, "c1=") == [texts[0], texts[2]]
    assert heard(gateway, "c2=") == [texts[0], texts[3]]
    assert heard(gateway, "c3=") == [texts[0], texts[1]]
    assert gateway.to("c1=")[0]["id"] == f"system.{announcements.list_all(time.time())[-1].seq}"


def test_one_that_was_withdrawn_is_not_said(gateway: Gateway) -> None:
    say()
    announcements.withdraw(announcements.list_all(time.time())[0].seq)
    come(("c1=", "ada", "user"))
    assert gateway.frames == []


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_only_new_sockets_are_greeted(gateway: Gateway, name: str) -> None:
    say()
    come(("c1=", "ada", "user"), name=name)
    assert gateway.frames == []


def test_a_socket_that_is_still_being_opened_is_waited_for(gateway: Gateway) -> None:
    text = say()
    gateway.statuses["c1="] = 410
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 3:
            gateway.statuses["c1="] = 200

    row = open_socket("c1=", at_s=time.time())
    assert greeting.greet([connection_record(row)], time.time(), pause=pause) == []
    assert heard(gateway, "c1=") == [text]
    assert len(paused) == 3


def test_one_that_is_gone_holds_nobody_up(gateway: Gateway) -> None:
    text = say()
    gateway.statuses["c1="] = 410
    rows = [open_socket(name, at_s=time.time()) for name in ("c1=", "c2=")]
    records = [connection_record(row) for row in rows]
    assert greeting.greet(records, time.time(), pause=lambda _: None) == []
    assert (heard(gateway, "c1="), heard(gateway, "c2=")) == ([], [text])


def test_a_fault_is_no_reason_to_come_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "valid_frames", lambda _: 1 / 0)
    come(("c1=", "ada", "user"))
    assert gateway.frames == []
