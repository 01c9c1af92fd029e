"""A channel with many sockets: each shard is posted to by an invocation of its own."""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from tests.functions.conftest import Gateway, gateway  # noqa: F401 - a fixture
from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import RetryableError
from videosite.realtime import broadcast, channels, fanout
from videosite.realtime.broadcast import BROADCAST_S, listeners_here, post_shard
from videosite.realtime.fanout import BUDGET_S, Patience
from videosite.settings import get_settings
from videosite.store import posting
from videosite.store.sockets import Outcome
from videosite.store.tables import Subscription

FRAMES = [b'{"seq":1}', '{"seq":2,"message":"维护"}'.encode()]


@pytest.fixture(autouse=True)
def _few_are_many(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(broadcast, "DIRECT", 20)
    monkeypatch.setattr(fanout, "STORED", Patience((0.0, 0.0, 0.0)))
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


def send(invoke: Any) -> dict[Outcome, int]:
    return broadcast.broadcast("all", FRAMES, invoke)


class Clock:
    """Stands for `time`, in the caller and in what it calls."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        for module in (broadcast, fanout):
            patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now_s))

    def passes(self, seconds: float) -> Callable[..., None]:
        def tick(*_: object) -> None:
            self.now_s += seconds

        return tick


def test_few_are_posted_to_here() -> None:
    names = sit(20)
    assert sorted(listeners_here("all", NOW_S) or ()) == names
    sit(21)
    assert listeners_here("all", NOW_S) is None


def test_of_many_each_shard_is_a_call_and_everybody_hears_it_in_order(gateway: Gateway) -> None:  # noqa: F811
    names = sit(50)
    functions = Functions()
    assert send(functions) == {Outcome.SENT: 50}
    assert sorted(event["shard"] for event in functions.events) == sorted(channels.shards("all"))
    for name in names:
        assert [frame["seq"] for frame in gateway.to(name)] == [1, 2]
    assert gateway.to(names[0])[1]["message"] == "维护"


def test_a_channel_of_one_shard_is_posted_to_here() -> None:
    for number in range(30):
        open_socket(f"c{number:03}=", "ada")
    assert len(listeners_here("user#ada", NOW_S) or ()) == 30


def test_a_shard_with_more_than_a_call_posts_to_is_gone_on_with(
    gateway: Gateway,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcast, "PER_CALL", 2)
    names = sit(50)
    functions = Functions()
    assert send(functions) == {Outcome.SENT: 50}
    assert len(functions.events) > channels.ALL_SHARDS
    for name in names:
        assert [frame["seq"] for frame in gateway.to(name)] == [1, 2]


def test_what_a_call_had_no_time_for_is_for_the_next(
    gateway: Gateway,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(posting, "IN_FLIGHT", 1)
    # Two sockets of two frames each, then the time is over.
    gateway.taken = clock.passes(BUDGET_S / 3.5)
    names = [f"c{number:03}=" for number in range(5)]
    event = {"channel": "all", "shard": "all#0", "frames": [b64encode(frame).decode() for frame in FRAMES]}
    for name in names:
        Subscription("all#0", name, expires_at_s=NOW_S + 60).save()
    answer: dict[str, Any] = {"after": None, "done": False}
    heard = []
    while not answer["done"]:
        answer = post_shard({**event, "after": answer["after"], "budget_s": BUDGET_S}, NOW_S)
        assert answer["outcomes"] == {"sent": 2} or answer["done"]
        heard.append(answer["after"])
    assert heard == [names[1], names[3], names[4]]
    assert [len(gateway.to(name)) for name in names] == [2] * 5


def test_each_call_has_its_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the caller took before: what it has left is the broadcast's."""
    sit(30)
    clock = Clock(monkeypatch)
    functions = Functions()
    clock.now_s += 1e6
    send(functions)
    assert {event["budget_s"] for event in functions.events} == {BUDGET_S}


def test_a_broadcast_ends_and_says_that_some_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    sit(30)
    clock = Clock(monkeypatch)
    lock = threading.Lock()
    budgets = []

    def invoke(_: str, event: Mapping[str, Any]) -> Any:
        with lock:
            budgets.append(event["budget_s"])
            clock.now_s += BROADCAST_S / 20
        return {"outcomes": {"sent": 1}, "after": "c", "done": False}

    outcomes = send(invoke)
    assert outcomes[Outcome.LEFT] == channels.ALL_SHARDS
    assert min(budgets) < BUDGET_S
    assert all(budget > 0 for budget in budgets)


def test_a_call_that_fails_is_a_failure_after_all_were_made() -> None:
    sit(30)
    functions = Functions()

    def invoke(name: str, event: Mapping[str, Any]) -> Any:
        if event["shard"] == "all#3":
            raise RetryableError("invocation_failed", "It did not answer.")
        return functions(name, event)

    with pytest.raises(RetryableError):
        send(invoke)
    assert len(functions.events) == channels.ALL_SHARDS - 1
