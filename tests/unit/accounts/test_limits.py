"""Token buckets."""

from collections.abc import Callable

import pytest

from videosite.accounts.limits import Rate, give_back, network_of, take
from videosite.errors import TooManyError
from videosite.store.tables import Limit
from videosite.store.transactions import applied

RATE = Rate(burst=3, interval_s=10.0)


@pytest.fixture(autouse=True)
def _installation(aws: None) -> None:
    """Tables."""


def refused(now_s: float, bucket: str = "a", rate: Rate = RATE) -> float | None:
    """When to come again; None: it was let through."""
    try:
        take(bucket, rate, now_s)
    except TooManyError as error:
        return error.retry_after_s if error.code == "rate_limited" else -1.0
    return None


def test_a_burst_then_one_every_so_often() -> None:
    assert [refused(100.0) for _ in range(4)] == [None, None, None, 10.0]
    assert refused(105.0) == 5.0
    assert [refused(110.0), refused(110.0)] == [None, 10.0]
    assert [refused(1000.0) for _ in range(4)] == [None, None, None, 10.0]


def test_buckets_are_apart() -> None:
    for _ in range(3):
        take("a", RATE, 100.0)
    assert refused(100.0, "b") is None


def test_one_at_a_time() -> None:
    rate = Rate(burst=1, interval_s=5.0)
    assert [refused(100.0, rate=rate), refused(104.0, rate=rate), refused(105.0, rate=rate)] == [
        None,
        1.0,
        None,
    ]


def test_what_is_given_back_can_be_taken_again() -> None:
    for _ in range(3):
        take("a", RATE, 100.0)
    give_back("a", RATE)
    assert [refused(100.0), refused(100.0)] == [None, 10.0]
    give_back("nothing", RATE)
    assert Limit.count() == 1


def test_rows_go_when_the_bucket_is_full_for_sure() -> None:
    take("a", RATE, 100.0)
    take("a", RATE, 100.0)
    (row,) = Limit.scan()
    assert row.full_at_s == 120.0
    assert row.expires_at_s > row.full_at_s


def test_the_last_place_goes_to_one_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other takes it between the two writes."""
    take("a", RATE, 100.0)
    take("a", RATE, 100.0)
    calls = []

    def other_first(write: Callable[[], object]) -> bool:
        calls.append(write)
        if len(calls) == 2:
            monkeypatch.setattr("videosite.accounts.limits.applied", applied)
            take("a", RATE, 100.0)
        return applied(write)

    monkeypatch.setattr("videosite.accounts.limits.applied", other_first)
    assert refused(100.0) == 10.0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("203.0.113.9, 10.0.0.1", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
