"""One round of housekeeping, each minute."""

import time
from collections.abc import Callable, Mapping

from videosite.housekeeping import (
    deletion,
    endings,
    leftovers,
    media,
    orphans,
    quotas,
    rekey,
    sidecars,
    sockets,
    uploads,
    views,
    webhooks,
    work,
)
from videosite.log import logger
from videosite.realtime import announcements

STEPS: Mapping[str, Callable[[float], int]] = {
    "tasks": work.revive_tasks,
    "jobs": work.revive_jobs,
    "endings": endings.tell,
    "expired": uploads.expire,
    "uploads": uploads.report,
    "abandoned": uploads.abort_abandoned,
    "orphans": orphans.remove,
    "restored": media.restore,
    "announced": announcements.say_due,
    "webhooks": webhooks.revive,
    "quotas": quotas.repair,
    "views": views.show,
    "leftovers": leftovers.remove,
    "moved": rekey.move,
    "deleted": deletion.remove,
    # After everything that changes what they say.
    "sidecars": sidecars.write,
    "compared": sidecars.compare,
    "counted": sockets.recount,
    # Last: after a mass loss it takes its minute, and API Gateway may hang.
    "sockets": sockets.tidy,
}
"""Kind of loss → what repairs it: (now in seconds) → how many."""


def sweep(now_s: float | None = None) -> dict[str, int]:
    """Look at what is overdue; returns how many of each kind were repaired.

    Raises:
        ExceptionGroup: what went wrong in some steps, after all of them had their turn.
    """
    now_s = time.time() if now_s is None else now_s
    counts: dict[str, int] = {}
    failures: list[Exception] = []
    for kind, repair in STEPS.items():
        try:
            counts[kind] = repair(now_s)
        except Exception as error:
            logger.exception("step failed", extra={"kind": kind})
            failures.append(error)
    logger.info("swept", extra=counts)
    if failures:
        raise ExceptionGroup("housekeeping", failures)
    return counts
