"""What was missed: all of it or nothing."""

from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, store_messages
from videosite.realtime import history, replay
from videosite.realtime.messages import encode, system_message
from videosite.store.sockets import MAX_FRAME_BYTES
from videosite.store.tables import Message

pytestmark = pytest.mark.usefixtures("aws")


def ask(position: int | None, now_s: float = NOW_S) -> tuple[bool, list[int], int]:
    """Whether it was recovered, the numbers replayed, and the position after; checks the frames' form."""
    frames = list(replay.replay({"all": position}, now_s))
    assert [frame["more"] for frame in frames] == [True] * (len(frames) - 1) + [False]
    assert len({frame["recovered"] for frame in frames}) == 1
    for frame in frames:
        assert len(encode(frame)) <= MAX_FRAME_BYTES
        if frame["messages"]:
            assert frame["seq"] == frame["messages"][-1]["seq"]
    numbers = [message["seq"] for frame in frames for message in frame["messages"]]
    return frames[0]["recovered"], numbers, frames[-1]["seq"]


@pytest.mark.parametrize("missed", [0, 1, 10])
def test_what_was_missed_comes_in_order(missed: int) -> None:
    store_messages("all", 1, 13, NOW_S)
    assert ask(12 - missed) == (True, list(range(13 - missed, 13)), 12)


def test_a_channel_without_messages() -> None:
    assert ask(0) == (True, [], 0)
    assert ask(None) == (False, [], 0)


def test_without_a_position_only_the_newest_is_told() -> None:
    store_messages("all", 1, 4, NOW_S)
    assert ask(None) == (False, [], 3)


def test_a_position_that_was_never_given_out_is_not_believed() -> None:
    store_messages("all", 1, 4, NOW_S)
    assert ask(4) == (False, [], 3)


def test_after_retention_nothing_is_recovered_not_even_in_part() -> None:
    store_messages("all", 1, 3, NOW_S)
    store_messages("all", 3, 5, NOW_S + 3600)
    later_s = NOW_S + history.KEPT_S + 1
    assert ask(0, later_s) == (False, [], 4)
    assert ask(1, later_s) == (False, [], 4)
    assert ask(2, later_s) == (True, [3, 4], 4)


def test_a_hole_is_noticed() -> None:
    store_messages("all", 1, 6, NOW_S)
    Message("all", 3).delete()
    assert ask(1) == (False, [], 5)
    assert ask(3) == (True, [4, 5], 5)


def put_rows(channel: str, count: int, text: str = "text") -> None:
    """Store many at once."""
    with Message.batch_write() as batch:
        for seq in range(1, count + 1):
            frame: Any = system_message(f"e{seq}", text, "info", NOW_S, NOW_S + 600)
            body = {**frame, "channel": channel, "seq": seq}
            batch.save(Message(channel, seq, kind="message", body=body, expires_at_s=NOW_S + history.KEPT_S))
        batch.save(Message(channel, 0, kind="counter", last_seq=count))


def test_a_thousand() -> None:
    put_rows("all", 1001)
    assert ask(1) == (True, list(range(2, 1002)), 1001)


def test_frames_stay_below_the_limit_with_long_texts() -> None:
    put_rows("all", 30, "汉" * 2000)
    assert ask(0) == (True, list(range(1, 31)), 30)


def test_there_is_an_end_to_what_one_request_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MAX_MESSAGES", 5)
    store_messages("all", 1, 7, NOW_S)
    store_messages("admin", 101, 104, NOW_S)
    assert ask(0) == (False, [], 6)
    frames = list(replay.replay({"all": 2, "admin": 1}, NOW_S))
    assert [(frame["channel"], frame["recovered"]) for frame in frames] == [("all", True), ("admin", False)]
