"""What a user may use: storage, minutes of video transcoded per month, transcodes at once.

Counted in the transactions that use something or give it back, so never twice; housekeeping counts anew
once a day. A limit is a user's own, else the settings'; 0: none.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.errors import ForbiddenError
from videosite.settings import get_settings
from videosite.store.tables import Job, Usage, User
from videosite.store.tables.base import IntegerAttribute
from videosite.store.transactions import commit

NOW = "now"
"""The period of what is in use at the moment."""
GIB = 1024**3
_OWN = ("quota_storage_bytes", "quota_minutes", "quota_parallel_jobs")


@dataclass(frozen=True)
class Limits:
    """0: no limit."""

    storage_bytes: int
    minutes: int
    parallel_jobs: int


def load(user_id: str, period: str = NOW) -> Usage:
    """What a user uses; an empty row before the first use."""
    try:
        return Usage.get(user_id, period, consistent_read=True)
    except Usage.DoesNotExist:
        return Usage(user_id, period)


def forget(user_id: str) -> None:
    """Remove what is counted for a user who is deleted."""
    with Usage.batch_write() as batch:
        for row in Usage.query(user_id, consistent_read=True):
            batch.delete(row)


def month(now_s: float) -> str:
    """The period that minutes are counted in.

    >>> month(0)
    '1970-01'
    """
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m")


def limits(user_id: str) -> Limits:
    """The limits that hold for a user."""
    try:
        # No more than these: a worker's role may read nothing else of a user.
        own: Any = User.get(user_id, attributes_to_get=["user_id", *_OWN])
    except User.DoesNotExist:
        own = User(user_id)
    settings = get_settings()

    def first(limit: int | None, default: int) -> int:
        return default if limit is None else limit

    return Limits(
        first(own.quota_storage_bytes, settings.quota_storage_bytes),
        first(own.quota_minutes, settings.quota_minutes),
        first(own.quota_parallel_jobs, settings.quota_parallel_jobs),
    )


def describe(user_id: str, now_s: float) -> dict[str, dict[str, float]]:
    """What a user uses of what they may; a limit of 0 is none."""
    most, now = limits(user_id), load(user_id)
    return {
        "storage_bytes": {"used": now.storage_bytes, "limit": most.storage_bytes},
        "minutes": {
            "used": round(load(user_id, month(now_s)).transcoded_s / 60, 1),
            "limit": most.minutes,
        },
        "parallel_jobs": {"used": len(now.running or ()), "limit": most.parallel_jobs},
    }


# --- storage ----------------------------------------------------------------------------------------


def add_storage(write: TransactWrite, user_id: str, size_bytes: int, limit_bytes: int) -> None:
    """Take storage as a part of a transaction, whose condition fails where the limit would be passed."""
    write.update(
        Usage(user_id, NOW),
        actions=_storage(size_bytes),
        condition=_fits(Usage.storage_bytes, size_bytes, limit_bytes),
    )


def give_back_storage(write: TransactWrite, user_id: str, size_bytes: int) -> None:
    """The reverse."""
    write.update(Usage(user_id, NOW), actions=_storage(-size_bytes))


def _storage(size_bytes: int) -> list[Action]:
    return [Usage.storage_bytes.add(size_bytes), Usage.stored_at_s.set(time.time())]


def storage_exceeded(size_bytes: int, limit_bytes: int) -> ForbiddenError:
    """Why a file was not taken."""
    return ForbiddenError(
        "quota_exceeded",
        f"Storage: this file of {size_bytes / GIB:.2f} GiB does not fit into your quota of "
        f"{limit_bytes / GIB:.2f} GiB. Delete something first.",
    )


# --- minutes ----------------------------------------------------------------------------------------


def add_minutes(write: TransactWrite, user_id: str, seconds: float, limit_minutes: int, now_s: float) -> None:
    """Take minutes of this month as a part of a transaction."""
    write.update(
        Usage(user_id, month(now_s)),
        actions=[Usage.transcoded_s.add(seconds)],
        condition=_fits(Usage.transcoded_s, seconds, limit_minutes * 60),
    )


def minutes_exceeded(limit_minutes: int) -> str:
    """Why a video is not transcoded."""
    return (
        f"Minutes: this video would pass your quota of {limit_minutes} minutes a month. "
        "Retry it next month, or ask for more."
    )


# --- transcodes at once -----------------------------------------------------------------------------


def slot(job: Job) -> str:
    """A job's name among those that run."""
    return f"{job.video_id}#{job.generation}"


def take_slot(job: Job) -> bool:
    """Count a job among its owner's running ones; False: they are as many as may be, or it was cancelled
    meanwhile. Safe to repeat."""
    limit = limits(job.owner_id).parallel_jobs
    name = slot(job)
    free: Condition = Usage.running.does_not_exist() | Usage.running.contains(name)
    free |= size(Usage.running) < (limit or 10**6)
    unchanged = (Job.run == job.run) & (Job.status == job.status)

    def fill(write: TransactWrite) -> None:
        # A place that an ended job takes is given back by nobody.
        write.condition_check(Job, job.video_id, job.item, condition=unchanged)
        write.update(Usage(job.owner_id, NOW), actions=[Usage.running.add({name})], condition=free)

    return not commit(fill)


def occupy(write: TransactWrite, job: Job) -> None:
    """Count a job whose media were lost, as a part of a transaction, whatever the limit."""
    write.update(Usage(job.owner_id, NOW), actions=[Usage.running.add({slot(job)})])


def release(write: TransactWrite, job: Job) -> None:
    """Count a job no more, as a part of a transaction."""
    write.update(Usage(job.owner_id, NOW), actions=[Usage.running.delete({slot(job)})])


def _fits(used: IntegerAttribute | NumberAttribute, amount: float, limit: float) -> Condition | None:
    """That so much more stays within a limit; None: there is none."""
    if not limit:
        return None
    left: Any = limit - amount
    fits: Condition = used <= left
    return fits | used.does_not_exist() if left >= 0 else fits
