import time
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from videosite.errors import RetryableError
from videosite.store import attempts
from videosite.store.faults import is_passing
from videosite.store.tables import Ticket, base
from videosite.store.transactions import applied, commit

pytestmark = pytest.mark.usefixtures("aws")


class CancelledError(TransactWriteError):
    """A cancelled transaction, by the codes of its reasons."""

    def __init__(self, *codes: str) -> None:
        super().__init__("cancelled")
        self.codes = codes

    @property
    def cancellation_reasons(self) -> Any:
        return [None if code == "None" else SimpleNamespace(code=code) for code in self.codes]


def make_ticket(key: str) -> Ticket:
    return Ticket(key, user_id="ada", role="viewer", until_s=1.0, expires_at_s=1.0)


def test_a_committed_transaction_failed_nothing() -> None:
    assert commit(lambda write: write.save(make_ticket("a"))) == frozenset()
    assert Ticket.count() == 1


def test_failed_conditions_are_named_and_nothing_is_written() -> None:
    make_ticket("b").save()

    def fill(write: TransactWrite) -> None:
        for key in "abc":
            write.save(make_ticket(key), condition=Ticket.ticket_id.does_not_exist())

    assert commit(fill) == {1}
    assert Ticket.count() == 1


def cancel_with(monkeypatch: pytest.MonkeyPatch, *errors: Exception | None) -> list[None]:
    """Make the next commits fail; returns a list that grows with each attempt."""
    tries: list[None] = []
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def end(_: TransactWrite) -> None:
        tries.append(None)
        error = errors[min(len(tries), len(errors)) - 1]
        if error:
            raise error

    monkeypatch.setattr(TransactWrite, "_commit", end)
    return tries


def test_contention_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = cancel_with(monkeypatch, CancelledError("None", "TransactionConflict"), None)
    assert commit(lambda write: write.save(make_ticket("a"))) == frozenset()
    assert len(tries) == 2


def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = cancel_with(monkeypatch, CancelledError("ThrottlingError"))
    with pytest.raises(RetryableError, match="table_busy"):
        commit(lambda write: write.save(make_ticket("a")))
    assert len(tries) == attempts.MOST


@pytest.mark.parametrize("codes", [(), ("ValidationError",), ("ItemCollectionSizeLimitExceeded", "None")])
def test_mistakes_are_not_hidden(monkeypatch: pytest.MonkeyPatch, codes: tuple[str, ...]) -> None:
    tries = cancel_with(monkeypatch, CancelledError(*codes))
    with pytest.raises(CancelledError):
        commit(lambda write: write.save(make_ticket("a")))
    assert len(tries) == 1


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    for _ in range(100):
        assert list(attempts.attempts()) == [0, 1, 2, 3]
    first, second, third = (pauses[n::3] for n in range(3))
    for number, found in enumerate((first, second, third), 1):
        limit_s = attempts.FIRST_PAUSE_S * 2**number
        assert limit_s / 2 < max(found) <= limit_s
        assert min(found) < limit_s / 2


@pytest.fixture
def conflicts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many of the next updates DynamoDB refuses since a transaction is at the item, and how many came."""
    left_and_seen = [0, 0]
    client: Any = base.shared_connection().client
    call = client._make_api_call
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def refuse(operation: str, arguments: Any) -> Any:
        if operation == "UpdateItem":
            left_and_seen[1] += 1
            if left_and_seen[0]:
                left_and_seen[0] -= 1
                told: Any = {"Error": {"Code": "TransactionConflictException", "Message": "…"}}
                raise ClientError(told, operation)
        return call(operation, arguments)

    monkeypatch.setattr(client, "_make_api_call", refuse)
    return left_and_seen


def mark(key: str) -> bool:
    return applied(lambda: Ticket(key).update([Ticket.role.set("admin")], Ticket.ticket_id.exists()))


def test_a_plain_write_that_meets_a_transaction_is_tried_again(conflicts: list[int]) -> None:
    make_ticket("a").save()
    conflicts[0] = 2
    assert mark("a")
    assert Ticket.get("a").role == "admin"
    assert not mark("b")
    assert conflicts == [0, 4]


def test_but_not_for_ever_either_and_that_passes(conflicts: list[int]) -> None:
    conflicts[0] = 100
    with pytest.raises(UpdateError) as error:
        mark("a")
    assert conflicts[1] == attempts.MOST
    assert is_passing(error.value)
