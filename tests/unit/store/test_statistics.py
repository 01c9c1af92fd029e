"""Counters per hour and day."""

from datetime import UTC, datetime

import pytest
from pynamodb.exceptions import UpdateError

from videosite.store import statistics
from videosite.store.statistics import HOURS_KEPT_S, count, series
from videosite.store.tables import Statistic

pytestmark = pytest.mark.usefixtures("aws")

START = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)


def test_amounts_add_up_per_hour_and_day() -> None:
    at_s = START.timestamp()
    for after_s, amount in ((0, 1), (60, 2), (3600, 4), (7200, 8)):
        count("views", amount, at_s + after_s)
    count("uploads", 100, at_s)
    end = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert [(moment.hour, amount) for moment, amount in series("views", "hour", START, end)] == [
        (22, 3), (23, 4), (0, 8), (1, 0),
    ]  # fmt: skip
    assert [(moment.day, amount) for moment, amount in series("views", "day", START, end)] == [
        (30, 7),
        (1, 8),
    ]


def test_hours_end_and_days_stay() -> None:
    count("views", 1, 1000.0)
    kept = {row.bucket[0]: row.expires_at_s for row in Statistic.scan()}
    assert kept == {"h": 1000 + HOURS_KEPT_S, "d": None}


def test_a_counter_never_stops_what_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UpdateError("busy")

    monkeypatch.setattr(Statistic, "update", fail)
    count("views", 1, 0.0)
    assert set(statistics.METRICS) >= {"views", "uploads"}
