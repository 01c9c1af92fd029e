"""Posting: who gets what, and what happens to sockets that are gone, slow or closed to us."""

import asyncio
import time
from collections import Counter

import pytest

from tests.unit.realtime.factories import NOW_S, open_socket
from videosite.realtime import fanout
from videosite.realtime.connections import HANDSHAKE_S, ConnectionManager
from videosite.realtime.fanout import ATTEMPTS, Post, send_newest, send_stored
from videosite.store import posting
from videosite.store.sockets import Outcome
from videosite.store.tables import SocketConnection, Subscription

pytestmark = pytest.mark.usefixtures("aws")

LONG_AGO_S = NOW_S - HANDSHAKE_S - 1


class Sockets:
    """What sockets got, and what each answers: its outcomes in turn, then SENT."""

    def __init__(self, **answers: list[Outcome]) -> None:
        self.got: dict[str, list[bytes]] = {}
        self.answers = answers

    async def __call__(self, connection_id: str, data: bytes) -> Outcome:
        left = self.answers.get(connection_id, [])
        outcome = left.pop(0) if left else Outcome.SENT
        if outcome is Outcome.SENT:
            self.got.setdefault(connection_id, []).append(data)
        return outcome


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "PAUSE_S", 0)


def send(
    frames: list[bytes], post: Post, channel: str = "user#ada", until_s: float | None = None
) -> Counter[Outcome]:
    listeners = ConnectionManager().listeners(channel, NOW_S)
    return send_stored(channel, frames, listeners, NOW_S, until_s or time.monotonic() + 20, post)


def test_only_the_channels_sockets_hear_it() -> None:
    open_socket("ada1", "ada")
    open_socket("ada2", "ada")
    open_socket("bob", "bob")
    open_socket("root", "root", "admin", "admin")
    post = Sockets()
    assert send([b"1", b"2"], post) == {Outcome.SENT: 2}
    assert post.got == {"ada1": [b"1", b"2"], "ada2": [b"1", b"2"]}


def test_everybody_hears_all() -> None:
    names = {f"c{number}" for number in range(40)}
    for name in names:
        open_socket(name, f"user {name}")
    post = Sockets()
    assert send([b"1"], post, "all") == {Outcome.SENT: 40}
    assert set(post.got) == names
    assert sum(1 for _ in Subscription.query("all#0")) < 40  # spread over shards


def test_a_socket_in_several_channels_gets_a_snapshot_once() -> None:
    connection = open_socket("ada", "ada")
    ConnectionManager().subscribe(connection, "video#7", NOW_S)
    open_socket("root", "root", "admin", "admin")
    post = Sockets()
    send_newest({"type": "transcode_progress"}, ["video#7", "user#ada", "admin"], NOW_S, post)
    assert post.got == {
        "ada": [b'{"type":"transcode_progress","channel":"video#7"}'],
        "root": [b'{"type":"transcode_progress","channel":"admin"}'],
    }


def test_a_socket_that_is_gone_is_forgotten_and_the_others_get_theirs() -> None:
    open_socket("gone", "ada", at_s=LONG_AGO_S)
    open_socket("here", "ada", at_s=LONG_AGO_S)
    post = Sockets(gone=[Outcome.GONE])
    assert send([b"1", b"2"], post) == {Outcome.GONE: 1, Outcome.SENT: 1}
    assert post.got == {"here": [b"1", b"2"]}
    assert [row.connection_id for row in SocketConnection.scan()] == ["here"]
    assert {row.connection_id for row in Subscription.scan()} == {"here"}


def test_a_socket_that_is_being_opened_is_not_forgotten() -> None:
    open_socket("new", "ada", at_s=NOW_S - 1)
    assert send([b"1"], Sockets(new=[Outcome.GONE])) == {Outcome.GONE: 1}
    assert SocketConnection.get("new")
    assert ConnectionManager().listeners("user#ada", NOW_S) == ["new"]


def test_a_subscription_whose_connection_is_gone_goes_too() -> None:
    open_socket("left", "ada", at_s=LONG_AGO_S)
    SocketConnection("left").delete()
    send([b"1"], Sockets(left=[Outcome.GONE]))
    assert ConnectionManager().listeners("user#ada", NOW_S) == []


def test_a_stored_message_is_tried_again_where_it_was_refused_and_in_order() -> None:
    open_socket("slow", "ada")
    open_socket("fast", "ada")
    post = Sockets(slow=[Outcome.SENT, Outcome.LATER])
    assert send([b"1", b"2", b"3"], post) == {Outcome.SENT: 2}
    assert post.got == {"slow": [b"1", b"2", b"3"], "fast": [b"1", b"2", b"3"]}


def test_a_socket_that_stays_slow_is_left_with_a_gap_at_the_end() -> None:
    open_socket("slow", "ada")
    post = Sockets(slow=[Outcome.SENT, *[Outcome.LATER] * ATTEMPTS])
    assert send([b"1", b"2", b"3"], post) == {Outcome.LATER: 1}
    assert post.got == {"slow": [b"1"]}
    assert SocketConnection.get("slow")


def test_a_snapshot_is_not_tried_again() -> None:
    open_socket("slow", "ada")
    post = Sockets(slow=[Outcome.LATER])
    assert send_newest({"type": "x"}, ["user#ada"], NOW_S, post) == {Outcome.LATER: 1}
    assert post.got == {}


def test_a_frame_that_is_refused_does_not_hold_up_the_next() -> None:
    open_socket("c", "ada")
    post = Sockets(c=[Outcome.REFUSED])
    assert send([b"too large", b"2"], post) == {Outcome.REFUSED: 1}
    assert post.got == {"c": [b"2"]}


def test_posting_ends_in_time() -> None:
    open_socket("c", "ada")
    post = Sockets()
    assert send([b"1"], post, until_s=time.monotonic() - 1) == {Outcome.LATER: 1}
    assert post.got == {}


def test_a_slow_socket_delays_no_other() -> None:
    for number in range(40):
        open_socket(f"c{number}", "ada")
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

    assert send_newest({}, ["user#ada"], NOW_S, post) == {Outcome.SENT: 40}


def test_where_nobody_listens_nothing_is_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "run", None)
    assert send_newest({}, ["user#ada"], NOW_S) == {}
    assert send([b"1"], Sockets()) == {}
