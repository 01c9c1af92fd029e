"""Counters per hour and day, written by the flows themselves.

Each is an ADD without a condition, after what it counts has happened: a crash in between loses one, and no
counter ever stops what it counts.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from pynamodb.exceptions import PynamoDBException

from videosite.log import logger
from videosite.store.tables import Statistic

Step = Literal["hour", "day"]

METRICS = (
    "uploads",
    "uploaded_bytes",
    "transcodes",
    "transcoded_s",
    "transcodes_failed",
    "published_bytes",
    "plays",
    "views",
    "source_downloads",
    "source_download_bytes",
    "videos_deleted",
    "deleted_bytes",
)
"""Bytes uploaded and deleted are those of sources."""
HOURS_KEPT_S = 90 * 86_400
MOST_BUCKETS = 1000
_FORMATS = {"hour": "h%Y-%m-%dT%H", "day": "d%Y-%m-%d"}
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def count(metric: str, amount: float, now_s: float) -> None:
    """Add to a metric, in the hour and on the day of `now_s`."""
    now = datetime.fromtimestamp(now_s, UTC)
    try:
        Statistic(metric, now.strftime(_FORMATS["hour"])).update(
            [Statistic.amount.add(amount), Statistic.expires_at_s.set(int(now_s) + HOURS_KEPT_S)]
        )
        Statistic(metric, now.strftime(_FORMATS["day"])).update([Statistic.amount.add(amount)])
    except PynamoDBException:
        logger.exception("not counted", extra={"metric": metric})


def series(metric: str, step: Step, first: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """(start, amount) of each hour or day from the one of `first` to the one of `end`, empty ones too."""
    shape = _FORMATS[step]
    found = Statistic.query(metric, Statistic.bucket.between(first.strftime(shape), end.strftime(shape)))
    amounts = {row.bucket: row.amount for row in found}
    moment = first.replace(minute=0, second=0, microsecond=0)
    if step == "day":
        moment = moment.replace(hour=0)
    while moment <= end:
        yield moment, amounts.get(moment.strftime(shape), 0)
        moment += _STEPS[step]
