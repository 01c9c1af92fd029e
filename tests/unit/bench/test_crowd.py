"""The soak's client: it must notice what a server does wrong, or the soak proves nothing."""

import asyncio
from typing import Any

import pytest

from tests.stack.crowd import Listener


class Client(Listener):
    """One that has just come, with nothing to send to; `asked`: channels it asked again for."""

    def __init__(self) -> None:
        super().__init__("http://localhost", "ada")
        self.asked: list[str] = []

    async def _ask(self, channels: Any) -> None:
        self.asked += channels
        self._asking.update(channels)

    def take(self, *frames: dict[str, Any]) -> None:
        for frame in frames:
            asyncio.run(self._take(frame))


def live(seq: int) -> dict[str, Any]:
    return {"type": "system_message", "id": f"e{seq}", "channel": "all", "seq": seq}


def resumed(*seqs: int, seq: int, recovered: bool = True, more: bool = False) -> dict[str, Any]:
    state = {"type": "resumed", "channel": "all", "seq": seq, "recovered": recovered, "more": more}
    return {**state, "messages": [{"seq": number} for number in seqs]}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.take(resumed(seq=4, recovered=False))
    assert client.first["all"] == 4
    return client


def test_messages_are_taken_once_and_in_order(client: Client) -> None:
    client.take(live(5), live(6), live(6), live(5), live(7))
    assert (client.heard["all"], client.asked, client.faults) == ([5, 6, 7], [], [])


def test_a_gap_is_asked_for_and_filled(client: Client) -> None:
    client.take(live(5), live(8), live(9))
    assert (client.heard["all"], client.asked) == ([5], ["all"])
    client.take(resumed(6, seq=6, more=True), resumed(7, 8, seq=8))
    assert (client.heard["all"], client.asked, client.faults) == ([5, 6, 7, 8, 9], ["all"], [])


def test_what_comes_out_of_order_is_a_fault(client: Client) -> None:
    client.take(live(6), live(5))
    assert client.faults == ["all: 5 after 6"]


def test_what_cannot_be_recovered_is_a_fault(client: Client) -> None:
    client.take(live(5), resumed(seq=9, recovered=False), live(10))
    assert client.faults == ["all: not recovered after 5"]
    assert client.heard["all"] == [10]


def test_what_is_missing_at_the_end_is_seen(client: Client) -> None:
    user = client.channels[0]
    client.take(live(5), {**resumed(seq=0, recovered=False), "channel": user})
    assert client.is_complete({"all": 5, user: 0})
    assert not client.is_complete({"all": 6, user: 0})
    assert client.is_complete({"all": 4, user: 0}), "more has come since it was looked at"
