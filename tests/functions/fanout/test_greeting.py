"""Who comes is told what is valid now."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import connection_record, stream_event
from tests.unit.realtime.factories import open_socket
from videosite.realtime import announcements, greeting
from videosite.realtime.announcements import announce
from videosite.realtime.fanout import Patience
from videosite.store.sockets import Outcome

fanout = handler("fanout")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "HANDSHAKE", Patience((0.0,) * 4, greeting.HANDSHAKE.again))


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
    outcomes: list[Outcome] = []

    def taken(_: str, outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 2:
            gateway.statuses["c1="] = 200

    gateway.taken = taken
    come(("c1=", "ada", "user"))
    assert heard(gateway, "c1=") == [text]
    assert outcomes == [Outcome.GONE, Outcome.GONE, Outcome.SENT]


def test_one_that_is_slow_holds_nobody_up(gateway: Gateway) -> None:
    """It takes its greeting when all the others have theirs, which can only come past it."""
    text = say()
    names = [f"c{number}=" for number in range(20)]
    gateway.slow["c0="] = asyncio.Event()

    def taken(*_: object) -> None:
        if len(gateway.frames) == len(names) - 1:
            gateway.slow["c0="].set()

    gateway.taken = taken
    come(*((name, "ada", "user") for name in names))
    assert [heard(gateway, name) for name in names] == [[text]] * len(names)


def test_one_that_is_gone_is_given_up(gateway: Gateway, log: Callable[[], list[dict[str, Any]]]) -> None:
    text = say()
    gateway.statuses["c1="] = 410
    log()
    come(("c1=", "ada", "user"), ("c2=", "ada", "user"))
    assert (heard(gateway, "c1="), heard(gateway, "c2=")) == ([], [text])
    assert [(line["message"], line["count"]) for line in log() if "count" in line] == [("not greeted", 1)]


def test_a_fault_is_no_reason_to_come_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "valid_frames", lambda _: 1 / 0)
    come(("c1=", "ada", "user"))
    assert gateway.frames == []
