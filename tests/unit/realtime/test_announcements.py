"""System messages: now or later, once, and to those who come while they are valid."""

from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, stored_messages
from videosite.errors import BadInputError, NotFoundError
from videosite.realtime import announcements
from videosite.realtime.announcements import VALID_S, announce, list_all, say, say_due, valid_frames
from videosite.store.tables import Announcement, Message

pytestmark = pytest.mark.usefixtures("aws")


def say_something(
    audience: Any = "all",
    user_id: str | None = None,
    starts: float | None = None,
    ends: float | None = None,
) -> Announcement:
    return announce("Hello", "warning", audience, user_id, starts, ends, NOW_S)


@pytest.mark.parametrize(
    ("audience", "user_id", "channel"),
    [("all", None, "all"), ("admins", None, "admin"), ("user", "ada", "user#ada")],
)
def test_who_hears_it(audience: str, user_id: str | None, channel: str) -> None:
    announcement = say_something(audience, user_id)
    (body,) = stored_messages(channel)
    assert (body["type"], body["message"], body["level"]) == ("system_message", "Hello", "warning")
    assert (body["timestamp"], body["expires_at"]) == ("2025-10-10T10:30:00Z", "2025-10-11T10:30:00Z")
    for other in {"all", "admin", "user#ada"} - {channel}:
        assert stored_messages(other) == []
    assert len(stored_messages("notice#admins")) == (audience == "admins")
    (frame,) = valid_frames(NOW_S)
    assert (frame["channel"], frame["id"]) == (channel, body["id"])
    assert Announcement.get(announcements.KEY, announcement.seq).sent


def test_what_starts_later_is_said_then_and_once() -> None:
    say_something(starts=NOW_S + 600, ends=NOW_S + 900)
    assert say_due(NOW_S + 599) == 0
    assert (stored_messages("all"), valid_frames(NOW_S + 599)) == ([], [])
    assert say_due(NOW_S + 600) == 1
    assert say_due(NOW_S + 660) == 0
    assert len(stored_messages("all")) == 1
    assert len(valid_frames(NOW_S + 600)) == 1


def test_saying_may_be_repeated() -> None:
    announcement = say_something()
    Announcement(announcements.KEY, announcement.seq).update([Announcement.sent.set(False)])
    assert say_due(NOW_S + 60) == 1
    say(announcement, NOW_S + 60)
    assert len(stored_messages("all")) == 1


def test_with_the_same_key_it_is_said_once_even_when_that_is_long_ago() -> None:
    """The message and its dedupe item are gone after a week, the announcement is valid for three months."""
    ends_s = NOW_S + 80 * 86_400
    for at_s in (NOW_S, NOW_S + 8 * 86_400):
        announce("Hello", "warning", "all", None, None, ends_s, at_s, key="once")
        for row in Message.scan(Message.kind.is_in("event", "message")):
            row.delete()
    assert Message.get("all", 0).last_seq == 1


def test_who_comes_after_its_end_is_not_told() -> None:
    say_something()
    assert len(valid_frames(NOW_S + VALID_S - 1)) == 1
    assert valid_frames(NOW_S + VALID_S) == []
    assert len(list_all(NOW_S + VALID_S)) == 1
    assert list_all(NOW_S + VALID_S + announcements.KEPT_S) == []


def test_what_nobody_could_say_in_time_is_not_said() -> None:
    say_something(starts=NOW_S + 600, ends=NOW_S + 900)
    assert say_due(NOW_S + 900) == 0


def test_one_that_is_withdrawn_is_not_said_any_more() -> None:
    announcement = say_something(starts=NOW_S + 600)
    announcements.withdraw(announcement.seq)
    assert (say_due(NOW_S + 700), list_all(NOW_S)) == (0, [])
    with pytest.raises(NotFoundError):
        announcements.withdraw(announcement.seq)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(None, NOW_S - 1), (NOW_S - 100, NOW_S), (NOW_S + 10, NOW_S + 10), (None, NOW_S + 91 * 86400)],
)
def test_bad_schedules(starts: float | None, ends: float | None) -> None:
    with pytest.raises(BadInputError, match="bad_schedule"):
        say_something(starts=starts, ends=ends)
    assert Announcement.count() == 0


@pytest.mark.parametrize(("audience", "user_id"), [("user", None), ("all", "ada"), ("admins", "ada")])
def test_bad_audiences(audience: str, user_id: str | None) -> None:
    with pytest.raises(BadInputError, match="bad_audience"):
        say_something(audience, user_id)
