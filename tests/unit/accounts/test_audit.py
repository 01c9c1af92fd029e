"""The audit log: kept, found, paged, part of the change it tells of."""

from typing import Any

import pytest
from pynamodb.transactions import TransactWrite

from videosite.accounts import audit
from videosite.accounts.audit import Actor, Filter
from videosite.errors import BadInputError
from videosite.store.tables import AuditEntry, User
from videosite.store.transactions import commit

NOW_S = 1_800_000_000.0
DAY_S = 86_400.0
ADA, BOB = Actor("ada", "192.0.2.1", "request-1"), Actor("bob")


@pytest.fixture(autouse=True)
def _installation(aws: None) -> None:
    """Tables."""


def found(now_s: float = NOW_S, **wanted: Any) -> list[tuple[str, str, str]]:
    page = audit.list_page(Filter(**wanted), 100, None, now_s)
    assert page.next_cursor is None
    return [(entry.actor_id, entry.action, entry.target) for entry in page.entries]


def test_an_entry_says_who_did_what_from_where() -> None:
    audit.record(
        ADA, "user.suspend", "user#bob", NOW_S, before={"state": "active"}, after={"state": "suspended"}
    )
    (entry,) = AuditEntry.scan()
    assert (entry.actor_id, entry.address, entry.request_id) == ("ada", "192.0.2.1", "request-1")
    assert (entry.action, entry.target, entry.at_s) == ("user.suspend", "user#bob", NOW_S)
    assert (entry.before, entry.after) == ({"state": "active"}, {"state": "suspended"})
    assert entry.expires_at_s == NOW_S + 400 * DAY_S


def test_entries_are_found_by_all_that_is_asked_for() -> None:
    for days, actor, action, target in [
        (100, ADA, "user.suspend", "user#eve"),
        (2, BOB, "user.suspend", "user#eve"),
        (1, ADA, "user.restore", "user#eve"),
        (0, ADA, "user.suspend", "user#tom"),
    ]:
        audit.record(actor, action, target, NOW_S - days * DAY_S)
    assert (len(found()), len(found(actor_id="ada")), len(found(target="user#eve"))) == (4, 3, 3)
    assert found(actor_id="ada", action="user.suspend") == [
        ("ada", "user.suspend", "user#tom"),
        ("ada", "user.suspend", "user#eve"),
    ]
    assert found(actor_id="ada", action="user.suspend", target="user#eve") == [
        ("ada", "user.suspend", "user#eve")
    ]
    assert len(found(since_s=NOW_S - 2 * DAY_S)) == 3
    assert len(found(since_s=NOW_S - 2 * DAY_S, until_s=NOW_S)) == 2
    assert found(action="user.delete") == []
    assert found(since_s=NOW_S + DAY_S) == []


def test_what_is_older_than_kept_is_not_shown() -> None:
    audit.record(ADA, "user.suspend", "user#eve", NOW_S)
    assert found(NOW_S + 399 * DAY_S) != []
    assert found(NOW_S + 401 * DAY_S) == []


@pytest.mark.parametrize("wanted", [Filter(), Filter(actor_id="ada")])
def test_pages_follow_each_other_over_months(wanted: Filter) -> None:
    for number in range(7):
        audit.record(ADA, "user.suspend", f"user#{number}", NOW_S - number * 20 * DAY_S)
    targets, cursor = [], None
    while True:
        page = audit.list_page(wanted, 3, cursor, NOW_S)
        targets += [entry.target for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert targets == [f"user#{number}" for number in range(7)]


def test_a_page_looks_at_so_many_entries_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST_READ", 2)
    for number in range(5):
        audit.record(ADA, "user.restore" if number == 4 else "user.suspend", f"user#{number}", NOW_S - number)
    pages: list[list[str]] = []
    cursor = None
    while cursor or not pages:
        page = audit.list_page(Filter(actor_id="ada", action="user.restore"), 3, cursor, NOW_S)
        pages.append([entry.target for entry in page.entries])
        cursor = page.next_cursor
    assert pages == [[], [], ["user#4"]]


@pytest.mark.parametrize("cursor", ["", "x", "g" * 23, "0" * 24])
def test_a_cursor_is_one_of_ours(cursor: str) -> None:
    with pytest.raises(BadInputError) as caught:
        audit.list_page(Filter(), 3, cursor, NOW_S)
    assert caught.value.code == "bad_cursor"


def test_no_change_without_its_entry_and_no_entry_without_its_change() -> None:
    def save(name: str) -> bool:
        user = User(name, email=f"{name}@example.org", created_at_s=1.0)

        def save_both(write: TransactWrite) -> None:
            write.save(user, condition=User.user_id.does_not_exist())
            audit.record(ADA, "user.create", f"user#{name}", NOW_S, write=write)

        return not commit(save_both)

    assert [save("eve"), save("eve")] == [True, False]
    assert found() == [("ada", "user.create", "user#eve")]


def test_changes_are_what_differs() -> None:
    assert audit.changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == (
        {"b": 2, "c": None},
        {"b": 3, "c": 4},
    )
