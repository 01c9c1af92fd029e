import time
from types import SimpleNamespace
from typing import Any

import pytest
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from videosite.errors import RetryableError
from videosite.store import transactions
from videosite.store.tables import Ticket
from videosite.store.transactions import commit

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
    attempts: list[None] = []
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def end(_: TransactWrite) -> None:
        attempts.append(None)
        error = errors[min(len(attempts), len(errors)) - 1]
        if error:
            raise error

    monkeypatch.setattr(TransactWrite, "_commit", end)
    return attempts


def test_contention_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = cancel_with(monkeypatch, CancelledError("None", "TransactionConflict"), None)
    assert commit(lambda write: write.save(make_ticket("a"))) == frozenset()
    assert len(attempts) == 2


def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = cancel_with(monkeypatch, CancelledError("ThrottlingError"))
    with pytest.raises(RetryableError, match="table_busy"):
        commit(lambda write: write.save(make_ticket("a")))
    assert len(attempts) == transactions.ATTEMPTS


@pytest.mark.parametrize("codes", [(), ("ValidationError",), ("ItemCollectionSizeLimitExceeded", "None")])
def test_mistakes_are_not_hidden(monkeypatch: pytest.MonkeyPatch, codes: tuple[str, ...]) -> None:
    attempts = cancel_with(monkeypatch, CancelledError(*codes))
    with pytest.raises(CancelledError):
        commit(lambda write: write.save(make_ticket("a")))
    assert len(attempts) == 1


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    for _ in range(100):
        assert list(transactions.attempts(4)) == [0, 1, 2, 3]
    first, second, third = (pauses[n::3] for n in range(3))
    for number, found in enumerate((first, second, third), 1):
        limit_s = transactions.FIRST_PAUSE_S * 2**number
        assert limit_s / 2 < max(found) <= limit_s
        assert min(found) < limit_s / 2
