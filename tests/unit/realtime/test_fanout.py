"""Posting: who gets what, and what happens to sockets that are gone, slow or closed to us."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.errors import RetryableError
from videosite.realtime import fanout
from videosite.realtime.connections import HANDSHAKE_S, ConnectionManager
from videosite.realtime.fanout import BUDGET_S, Parcel, Patience, send_newest, send_stored
from videosite.store import posting
from videosite.store.sockets import Outcome
from videosite.store.tables import SocketConnection, Subscription

pytestmark = pytest.mark.usefixtures("aws")

LONG_AGO_S = NOW_S - HANDSHAKE_S - 1
LATER = [Outcome.LATER] * 99


class Sockets:
    """What sockets got, what each answers (its outcomes in turn, then SENT), and which were closed."""

    def __init__(self, **answers: list[Outcome]) -> None:
        self.got: dict[str, list[bytes]] = {}
        self.closed: list[str] = []
        self.answers = answers
        self.now_s = 1000.0
        self.takes_s: dict[str, float] = {}
        """How long a post to a socket takes."""
        self.under_way = 0
        self.most_under_way = 0

    def monotonic(self) -> float:
        return self.now_s

    async def post(self, connection_id: str, data: bytes) -> Outcome:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        self.now_s += self.takes_s.get(connection_id, 0)
        left = self.answers.get(connection_id, [])
        outcome = left.pop(0) if left else Outcome.SENT
        if outcome is Outcome.SENT:
            self.got.setdefault(connection_id, []).append(data)
        return outcome

    async def hang_up(self, connection_id: str) -> Outcome:
        self.closed.append(connection_id)
        return Outcome.SENT


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(fanout, "STORED", Patience((0.0, 0.0, 0.0)))
    return monkeypatch


def stand_in(patch: pytest.MonkeyPatch, sockets: Sockets, in_flight: int = posting.IN_FLIGHT) -> None:
    patch.setattr(posting, "post", sockets.post)
    patch.setattr(posting, "hang_up", sockets.hang_up)
    patch.setattr(posting, "IN_FLIGHT", in_flight)
    patch.setattr(fanout, "time", SimpleNamespace(monotonic=sockets.monotonic))


def send(
    patch: pytest.MonkeyPatch,
    sockets: Sockets,
    frames: list[bytes],
    *channels: str,
    in_flight: int = posting.IN_FLIGHT,
) -> Counter[Outcome]:
    """Post frames to each of the channels; returns how many parcels there were of each outcome."""
    stand_in(patch, sockets, in_flight)
    parcels = [
        Parcel(connection_id, channel, tuple(frames))
        for channel in channels or ["user#ada"]
        for connection_id in ConnectionManager().listeners(channel, NOW_S)
    ]
    return Counter(send_stored(parcels, NOW_S, sockets.now_s + BUDGET_S))


def show(patch: pytest.MonkeyPatch, sockets: Sockets, *snapshots: Any) -> Counter[Outcome]:
    stand_in(patch, sockets)
    return send_newest(snapshots, NOW_S)


def test_only_the_channels_sockets_hear_it(patch: pytest.MonkeyPatch) -> None:
    open_socket("ada1", "ada")
    open_socket("ada2", "ada")
    open_socket("bob", "bob")
    open_socket("root", "root", "admin", "admin")
    sockets = Sockets()
    assert send(patch, sockets, [b"1", b"2"]) == {Outcome.SENT: 2}
    assert sockets.got == {"ada1": [b"1", b"2"], "ada2": [b"1", b"2"]}


def test_everybody_hears_all(patch: pytest.MonkeyPatch) -> None:
    names = {f"c{number}" for number in range(40)}
    for name in names:
        open_socket(name, f"user {name}")
    sockets = Sockets()
    assert send(patch, sockets, [b"1"], "all") == {Outcome.SENT: 40}
    assert set(sockets.got) == names
    assert sum(1 for _ in Subscription.query("all#0")) < 40  # spread over shards


def test_a_socket_in_several_channels_gets_a_snapshot_once(patch: pytest.MonkeyPatch) -> None:
    connection = open_socket("ada", "ada")
    ConnectionManager().subscribe(connection, "video#7", NOW_S)
    open_socket("root", "root", "admin", "admin")
    sockets = Sockets()
    show(patch, sockets, ({"type": "transcode_progress"}, ["video#7", "user#ada", "admin"]))
    assert sockets.got == {
        "ada": [b'{"type":"transcode_progress","channel":"video#7"}'],
        "root": [b'{"type":"transcode_progress","channel":"admin"}'],
    }


def test_several_snapshots_reach_a_socket_each(patch: pytest.MonkeyPatch) -> None:
    open_socket("root", "root", "admin", "admin")
    sockets = Sockets()
    assert show(patch, sockets, ({"n": 1}, ["admin"]), ({"n": 2}, ["admin"])) == {Outcome.SENT: 2}
    assert len(sockets.got["root"]) == 2


def test_a_socket_that_is_gone_is_forgotten_and_the_others_get_theirs(patch: pytest.MonkeyPatch) -> None:
    open_socket("gone", "ada", at_s=LONG_AGO_S)
    open_socket("here", "ada", at_s=LONG_AGO_S)
    sockets = Sockets(gone=[Outcome.GONE])
    assert send(patch, sockets, [b"1", b"2"]) == {Outcome.GONE: 1, Outcome.SENT: 1}
    assert sockets.got == {"here": [b"1", b"2"]}
    assert [row.connection_id for row in SocketConnection.scan()] == ["here"]
    assert {row.connection_id for row in Subscription.scan()} == {"here"}


def test_a_socket_that_is_being_opened_is_not_forgotten(patch: pytest.MonkeyPatch) -> None:
    open_socket("new", "ada", at_s=NOW_S - 1)
    assert send(patch, Sockets(new=[Outcome.GONE]), [b"1"]) == {Outcome.GONE: 1}
    assert SocketConnection.get("new")
    assert ConnectionManager().listeners("user#ada", NOW_S) == ["new"]


def test_a_subscription_whose_connection_is_gone_goes_too(patch: pytest.MonkeyPatch) -> None:
    open_socket("left", "ada", at_s=LONG_AGO_S)
    SocketConnection("left").delete()
    send(patch, Sockets(left=[Outcome.GONE]), [b"1"])
    assert ConnectionManager().listeners("user#ada", NOW_S) == []


def test_one_that_cannot_be_forgotten_undoes_nothing(patch: pytest.MonkeyPatch) -> None:
    for name in ("busy", "gone", "here"):
        open_socket(name, "ada", at_s=LONG_AGO_S)
    forget = ConnectionManager.forget_gone

    def busy(manager: ConnectionManager, connection_id: str, channel: str, now_s: float) -> bool:
        if connection_id == "busy":
            raise RetryableError("table_busy", "The tables are busy.")
        return forget(manager, connection_id, channel, now_s)

    patch.setattr(ConnectionManager, "forget_gone", busy)
    sockets = Sockets(busy=[Outcome.GONE], gone=[Outcome.GONE])
    assert send(patch, sockets, [b"1"]) == {Outcome.GONE: 2, Outcome.SENT: 1}
    assert {row.connection_id for row in SocketConnection.scan()} == {"busy", "here"}


def test_forgetting_ends_in_time(patch: pytest.MonkeyPatch) -> None:
    names = [f"gone{number}" for number in range(9)]
    for name in names:
        open_socket(name, "ada", at_s=LONG_AGO_S)
    sockets = Sockets(**{name: [Outcome.GONE] for name in names})
    forget = ConnectionManager.forget_gone

    def slowly(manager: ConnectionManager, *arguments: Any) -> bool:
        sockets.now_s += BUDGET_S / 3
        return forget(manager, *arguments)

    patch.setattr(ConnectionManager, "forget_gone", slowly)
    assert send(patch, sockets, [b"1"]) == {Outcome.GONE: 9}
    assert SocketConnection.count() == 9 - 4


def test_a_stored_message_is_tried_again_where_it_was_refused_and_in_order(patch: pytest.MonkeyPatch) -> None:
    open_socket("slow", "ada")
    open_socket("fast", "ada")
    sockets = Sockets(slow=[Outcome.SENT, Outcome.LATER])
    assert send(patch, sockets, [b"1", b"2", b"3"]) == {Outcome.SENT: 2}
    assert sockets.got == {"slow": [b"1", b"2", b"3"], "fast": [b"1", b"2", b"3"]}
    assert sockets.closed == []


def test_a_socket_that_stays_slow_is_closed_so_that_it_comes_back_and_resumes(
    patch: pytest.MonkeyPatch,
) -> None:
    connection = open_socket("slow", "ada")
    ConnectionManager().subscribe(connection, "video#7", NOW_S)
    open_socket("fast", "ada")
    sockets = Sockets(slow=[Outcome.SENT, *LATER])
    assert send(patch, sockets, [b"1", b"2"], "user#ada", "video#7") == {Outcome.LATER: 2, Outcome.SENT: 1}
    # Nothing after the gap, which would hide it.
    assert sockets.got == {"slow": [b"1"], "fast": [b"1", b"2"]}
    assert sockets.closed == ["slow"]


def test_where_very_many_take_nothing_only_some_are_closed(patch: pytest.MonkeyPatch) -> None:
    """The reason is not theirs, and their coming back would make it worse."""
    patch.setattr(fanout, "CLOSED_AT_ONCE", 3)
    names = [f"c{number}" for number in range(9)]
    for name in names:
        open_socket(name, "ada")
    sockets = Sockets(**{name: list(LATER) for name in names})
    assert send(patch, sockets, [b"1"]) == {Outcome.LATER: 9}
    assert len(sockets.closed) == 3


def test_a_snapshot_is_not_tried_again_and_closes_nothing(patch: pytest.MonkeyPatch) -> None:
    open_socket("slow", "ada")
    sockets = Sockets(slow=[Outcome.LATER])
    assert show(patch, sockets, ({"type": "x"}, ["user#ada"])) == {Outcome.LATER: 1}
    assert (sockets.got, sockets.closed) == ({}, [])


def test_a_frame_that_is_refused_does_not_hold_up_the_next(patch: pytest.MonkeyPatch) -> None:
    open_socket("c", "ada")
    sockets = Sockets(c=[Outcome.REFUSED])
    assert send(patch, sockets, [b"too large", b"2"]) == {Outcome.REFUSED: 1}
    assert sockets.got == {"c": [b"2"]}


def test_posting_ends_in_time_though_many_wait_for_their_turn(patch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        open_socket(name, "ada")
    sockets = Sockets()
    sockets.takes_s["a"] = BUDGET_S + 1
    assert send(patch, sockets, [b"1"], in_flight=1) == {Outcome.SENT: 1, Outcome.LEFT: 2}
    assert sockets.got == {"a": [b"1"]}
    assert sockets.closed == []


def test_who_did_not_get_all_in_time_is_not_taken_for_one_who_did(patch: pytest.MonkeyPatch) -> None:
    open_socket("a", "ada")
    sockets = Sockets()
    sockets.takes_s["a"] = BUDGET_S + 1
    assert send(patch, sockets, [b"1", b"2"]) == {Outcome.LATER: 1}


def test_no_more_are_under_way_than_there_are_connections(patch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        open_socket(f"c{number:02}", "ada")
    sockets = Sockets(c00=[Outcome.LATER], c39=[Outcome.LATER])
    assert send(patch, sockets, [b"1"], in_flight=7) == {Outcome.SENT: 40}
    assert sockets.most_under_way == 7


@pytest.mark.parametrize("stored", [True, False])
def test_a_slow_socket_delays_no_other_nor_other_channels(patch: pytest.MonkeyPatch, stored: bool) -> None:
    for number in range(40):
        open_socket(f"c{number}", "ada" if number < 20 else "bob")
    others = 0
    came = asyncio.Event()

    async def post(connection_id: str, _: bytes) -> Outcome:
        nonlocal others
        if connection_id == "c0":
            # Waits for all the others, which can only come past it.
            await asyncio.wait_for(came.wait(), 10)
            return Outcome.SENT
        others += 1
        if others == 39:
            came.set()
        return Outcome.SENT

    sockets = Sockets()
    patch.setattr(sockets, "post", post)
    if stored:
        assert send(patch, sockets, [b"1"], "user#ada", "user#bob") == {Outcome.SENT: 40}
    else:
        assert show(patch, sockets, ({}, ["user#ada"]), ({}, ["user#bob"])) == {Outcome.SENT: 40}


def test_who_pauses_keeps_no_place_from_others(patch: pytest.MonkeyPatch) -> None:
    open_socket("a-slow", "ada")
    open_socket("b", "ada")
    pauses: list[float] = []
    sockets = Sockets(**{"a-slow": [Outcome.LATER]})
    sleep = asyncio.sleep

    async def pause(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
            while "b" not in sockets.got:
                await sleep(0)
        await sleep(0)

    patch.setattr(fanout, "STORED", Patience((1.0,)))
    patch.setattr(asyncio, "sleep", pause)
    assert send(patch, sockets, [b"1"], in_flight=1) == {Outcome.SENT: 2}
    assert len(pauses) == 1
    assert 0.5 <= pauses[0] <= 1


def test_where_nobody_listens_nothing_is_made_ready(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "run", None)
    assert send_newest([({}, ["user#ada"])], NOW_S) == {}
    assert send(patch, Sockets(), [b"1"]) == {}
