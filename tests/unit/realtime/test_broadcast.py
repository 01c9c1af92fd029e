"""A channel with many sockets: each shard is posted to by an invocation of its own."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.functions.conftest import Gateway, gateway  # noqa: F401 - a fixture
from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import RetryableError
from videosite.realtime import broadcast, channels, fanout
from videosite.realtime.broadcast import post_shard
from videosite.settings import get_settings
from videosite.store.sockets import Outcome

FRAMES = [b'{"seq":1}', '{"seq":2,"message":"维护"}'.encode()]


@pytest.fixture(autouse=True)
def _few_are_many(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(broadcast, "DIRECT", 20)
    monkeypatch.setattr(fanout, "PAUSE_S", 0)
    monkeypatch.setenv("VIDEOSITE_SHARD_FUNCTION", "shard")
    get_settings.cache_clear()


class Functions:
    """Stands for Lambda: runs what is invoked, on JSON as Lambda would."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def __call__(self, name: str, event: Mapping[str, Any]) -> Any:
        assert name == "shard"
        with self._lock:  # moto and the sockets' loop are of one thread
            self.events.append(json.loads(json.dumps(event)))
            return json.loads(json.dumps(post_shard(self.events[-1], NOW_S)))


def sit(count: int) -> list[str]:
    names = [f"c{number:03}=" for number in range(count)]
    for number, name in enumerate(names):
        open_socket(name, f"user{number}")
    return names


def send(channel: str, invoke: Any) -> dict[Outcome, int]:
    return broadcast.broadcast(channel, FRAMES, NOW_S, time.monotonic() + 20, invoke)


def test_few_are_posted_to_here(gateway: Gateway) -> None:  # noqa: F811
    names = sit(20)
    functions = Functions()
    assert send("all", functions) == {Outcome.SENT: 20}
    assert functions.events == []
    assert sorted({to for to, _ in gateway.frames}) == names


def test_of_many_each_shard_is_a_call_and_everybody_hears_it_in_order(gateway: Gateway) -> None:  # noqa: F811
    names = sit(50)
    functions = Functions()
    assert send("all", functions) == {Outcome.SENT: 50}
    assert sorted(event["shard"] for event in functions.events) == sorted(channels.shards("all"))
    for name in names:
        assert [frame["seq"] for frame in gateway.to(name)] == [1, 2]
    assert gateway.to(names[0])[1]["message"] == "维护"


def test_a_channel_of_one_shard_is_posted_to_here(gateway: Gateway) -> None:  # noqa: F811
    for number in range(30):
        open_socket(f"c{number:03}=", "ada")
    functions = Functions()
    assert send("user#ada", functions) == {Outcome.SENT: 30}
    assert functions.events == []


def test_a_call_that_fails_is_a_failure_after_all_were_made() -> None:
    sit(30)
    functions = Functions()

    def invoke(name: str, event: Mapping[str, Any]) -> Any:
        if event["shard"] == "all#3":
            raise RetryableError("invocation_failed", "It did not answer.")
        return functions(name, event)

    with pytest.raises(RetryableError):
        send("all", invoke)
    assert len(functions.events) == channels.ALL_SHARDS - 1


def test_a_call_ends_when_its_caller_does(gateway: Gateway) -> None:  # noqa: F811
    sit(30)
    functions = Functions()
    outcomes = broadcast.broadcast("all", FRAMES, NOW_S, time.monotonic() - 1, functions)
    assert outcomes == {Outcome.LATER: 30}
    assert gateway.frames == []
