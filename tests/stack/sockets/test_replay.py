"""What was missed, and what operators say to who is there and who comes."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site, Socket
from tests.stack.sockets.steps import say
from videosite.realtime import history, messages
from videosite.store.tables import Message

KEPT = 1000


@pytest.fixture(scope="module")
def reader(admin: Site) -> Iterator[Site]:
    """A user nobody else talks to."""
    site = admin.make_user("viewer", "reader")
    yield site
    site.close()


@pytest.fixture(scope="module")
def channel(stack: RunningStack, reader: Site) -> str:
    """The reader's channel with a thousand messages. All but the first are put as `history` puts them,
    many at a time."""
    name = f"user#{reader.get('users/me')['user_id']}"
    now_s = time.time()
    say(stack, name, "text 1")
    with inside(stack):
        with Message.batch_write() as batch:
            for seq in range(2, KEPT + 1):
                frame = messages.system_message(f"e{seq}", f"text {seq}", "info", now_s, now_s + 600)
                body = messages.addressed(frame, name, seq)
                row = Message(
                    name, seq, kind="message", event_id=f"e{seq}", body=body,
                    expires_at_s=now_s + history.KEPT_S,
                )  # fmt: skip
                batch.save(row)
        Message(name, history.COUNTER_SEQ).update([Message.last_seq.set(KEPT)])
    return name


def replay(socket: Socket, channel: str, position: int | None) -> tuple[list[int], int, bool]:
    """Numbers of the messages missed since a position, where to go on from, whether that is all."""
    frame = socket.ask({"action": "resume", "positions": {channel: position}}, "resumed")
    found = [message["seq"] for message in frame["messages"]]
    while frame["more"]:
        assert frame["recovered"]
        frame = socket.until("resumed")
        found += [message["seq"] for message in frame["messages"]]
    return found, frame["seq"], frame["recovered"]


@pytest.mark.parametrize("missed", [0, 1, 10, KEPT])
def test_all_that_was_missed_is_replayed_in_order(reader: Site, channel: str, missed: int) -> None:
    with reader.socket() as socket:
        found = replay(socket, channel, KEPT - missed)
    assert found == (list(range(KEPT - missed + 1, KEPT + 1)), KEPT, True)


def test_a_message_stored_while_one_asks_is_not_lost(stack: RunningStack, reader: Site, channel: str) -> None:
    """It comes by itself, and it is in the replay if that was read later."""
    with reader.socket() as socket:
        last = replay(socket, channel, None)[1]
        socket.send({"action": "resume", "positions": {channel: 0}})
        say(stack, channel, "meanwhile")
        frames: list[dict[str, Any]] = []
        # Others come as well: those stored before that their stream is late with, and what is said to all.
        while "end" not in map(kind_of, frames) or ("meanwhile", last + 1) not in map(said, frames):
            frames.append(socket.receive())
    replayed = [message["seq"] for frame in frames for message in frame.get("messages", ())]
    assert replayed in (list(range(1, last + 1)), list(range(1, last + 2)))


def said(frame: dict[str, Any]) -> tuple[str, int] | None:
    """Text and number of a message that came by itself."""
    return (frame["message"], frame["seq"]) if frame["type"] == "system_message" else None


def kind_of(frame: dict[str, Any]) -> str:
    return "end" if frame["type"] == "resumed" and not frame["more"] else str(frame["type"])


def test_what_is_older_than_a_week_is_not_there_and_that_is_said(stack: RunningStack, admin: Site) -> None:
    site = admin.make_user("viewer", "returning")
    name = f"user#{site.get('users/me')['user_id']}"
    say(stack, name, "1", "2", age_s=history.KEPT_S + 1)
    say(stack, name, "3", "4")
    with site.socket() as socket:
        for position in (None, 0, 1, 5):
            assert replay(socket, name, position) == ([], 4, False)
        assert replay(socket, name, 2) == ([3, 4], 4, True)
    site.close()


def test_what_was_said_meanwhile_is_replayed_and_can_be_read(admin: Site, creator: Site) -> None:
    with creator.socket() as socket:
        position = replay(socket, "all", None)[1]
    texts = [f"Maintenance {number}" for number in range(3)]
    said = [admin.announce(text, audience="all") for text in texts]
    try:
        with creator.socket() as socket:
            frame = socket.ask({"action": "resume", "positions": {"all": position}}, "resumed")
            assert frame["recovered"] is True
            assert [message["message"] for message in frame["messages"]] == texts
            assert frame["seq"] == position + 3
            unread = creator.get("notifications")["unread"]
            ids = [message["id"] for message in frame["messages"][:2]]
            assert socket.ask({"action": "read", "ids": ids}, "read")["unread"] == unread - 2
        listed = creator.get("notifications")["notifications"][:3]
        assert [(item["message"], item["read"]) for item in listed] == [
            (texts[2], False),
            (texts[1], True),
            (texts[0], True),
        ]
        creator.post("notifications/read-all")
        assert creator.get("notifications")["unread"] == 0
    finally:
        admin.withdraw(*said)


def test_a_system_message_reaches_who_is_there_and_who_comes(admin: Site, viewer: Site) -> None:
    with viewer.socket() as socket, admin.socket("ws/admin") as console:
        said = admin.announce("Hello", level="warning")
        try:
            live = [one.until("system_message", 15) for one in (socket, console)]
            with viewer.socket() as late:
                greeted = late.until("system_message", 15)
        finally:
            admin.withdraw(said)
    assert {(frame["message"], frame["level"]) for frame in (*live, greeted)} == {("Hello", "warning")}
    assert len({frame["id"] for frame in (*live, greeted)}) == 1
    with viewer.socket() as after:
        after.drain(1)
        assert after.frames == []


def test_a_message_to_admins_is_theirs_alone(admin: Site, viewer: Site) -> None:
    with viewer.socket() as socket, admin.socket("ws/admin") as console:
        said = admin.announce("Disks", audience="admins")
        assert console.until("system_message", 15)["message"] == "Disks"
        admin.withdraw(said)
        socket.drain(0.5)
        assert socket.frames == []
    assert "Disks" in {item.get("message") for item in admin.get("notifications")["notifications"]}
    assert "Disks" not in {item.get("message") for item in viewer.get("notifications")["notifications"]}
