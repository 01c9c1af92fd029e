"""A user's notifications, and which of them are read."""

import pytest

from tests.unit.realtime.factories import NOW_S, store_messages
from videosite.errors import BadInputError
from videosite.realtime import history, notices
from videosite.realtime.messages import system_message
from videosite.store.tables import ReadMarks

pytestmark = pytest.mark.usefixtures("aws")

ADA = ("ada", "creator")


def listed(who: tuple[str, str] = ADA, limit: int = 2, now_s: float = NOW_S + 60) -> list[tuple[str, bool]]:
    """Ids in the list and whether they are read, over all pages."""
    found: list[tuple[str, bool]] = []
    cursor = None
    while not found or cursor:
        page = notices.list_page(*who, limit, cursor, now_s)
        assert len(page.notifications) <= limit
        found += [(frame["id"], frame["read"]) for frame in page.notifications]
        cursor = page.next_cursor
        if not page.notifications:
            break
    return found


def unread(who: tuple[str, str] = ADA, now_s: float = NOW_S + 60) -> int:
    return notices.unread(*who, now_s)


def test_newest_first_from_all_of_ones_channels() -> None:
    for number, channel in enumerate(["user#ada", "all", "user#bob", "user#ada", "all", "admin"]):
        store_messages(channel, number, number + 1, NOW_S + number)
    for limit in (1, 2, 3, 4, 9):
        assert [id_ for id_, _ in listed(limit=limit)] == ["e4", "e3", "e1", "e0"]


def test_within_a_channel_the_numbers_decide() -> None:
    """A message may be stored after one with a later time; paging must not lose it."""
    for number, time_s in enumerate([30, 0, 20]):
        frame = system_message(f"e{number}", "text", "info", NOW_S + time_s, NOW_S + 600)
        history.append(frame, ["all"], NOW_S)
    assert [id_ for id_, _ in listed(limit=1)] == ["e2", "e1", "e0"]


def test_admins_have_what_was_said_to_admins() -> None:
    frame = system_message("m1", "text", "info", NOW_S, NOW_S + 600)
    history.append(frame, ["admin", "notice#admins"], NOW_S)
    assert listed(("root", "admin")) == [("m1", False)]
    assert listed() == []
    assert unread() == 0


def test_reading() -> None:
    store_messages("user#ada", 1, 4, NOW_S)
    store_messages("all", 4, 6, NOW_S + 1)
    assert unread() == 5
    for _ in range(2):
        assert notices.mark_read(*ADA, ["e2", "e5"], NOW_S) == 3
    assert dict(listed()) == {"e1": False, "e2": True, "e3": False, "e4": False, "e5": True}
    assert unread(("bob", "creator")) == 2
    for _ in range(2):
        assert notices.mark_all_read(*ADA, NOW_S) == 0
    store_messages("user#ada", 6, 7, NOW_S)
    assert unread() == 1


def test_what_is_not_ones_own_changes_nothing() -> None:
    store_messages("user#bob", 1, 2, NOW_S)
    assert notices.mark_read(*ADA, ["e1", "nothing"], NOW_S) == 0
    assert unread(("bob", "creator")) == 1
    assert ReadMarks.get("read#ada", 0).marks.keys() == {"user#ada", "all"}


def test_after_a_week_they_are_gone_from_list_and_count() -> None:
    store_messages("user#ada", 1, 3, NOW_S)
    store_messages("user#ada", 3, 4, NOW_S + 3600)
    later_s = NOW_S + history.KEPT_S + 1
    assert (listed(now_s=later_s), unread(now_s=later_s)) == ([("e3", False)], 1)
    assert notices.mark_read(*ADA, ["e3"], later_s) == 0


def test_two_changes_at_once_both_count(monkeypatch: pytest.MonkeyPatch) -> None:
    store_messages("user#ada", 1, 4, NOW_S)
    load = notices._load
    others = ["e2"]

    def changed_meanwhile(user_id: str) -> ReadMarks:
        row = load(user_id)
        if others:
            notices.mark_read(*ADA, [others.pop()], NOW_S)
        return row

    monkeypatch.setattr(notices, "_load", changed_meanwhile)
    assert notices.mark_read(*ADA, ["e3"], NOW_S) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "7",
        "[]",
        '{"all": "x"}',
        '{"all": null}',
        '{"all": 0}',
        '{"all": true}',
        '{"user#ada": 1e999}',
        f'{{"user#ada": {10**60}}}',
        '{"user#ada": 1.5}',
        "[" * 150,
    ],
    ids=lambda value: value[:24],
)
def test_a_cursor_that_is_none(cursor: str) -> None:
    with pytest.raises(BadInputError, match="bad_cursor"):
        notices.list_page(*ADA, 2, cursor, NOW_S)


def test_a_cursor_opens_no_other_channel() -> None:
    store_messages("user#bob", 1, 4, NOW_S)
    assert notices.list_page(*ADA, 2, '{"user#bob": 3}', NOW_S).notifications == []
