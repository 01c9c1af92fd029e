"""One round of housekeeping, each minute."""

import time

from videosite.housekeeping import endings, media, orphans, uploads, work
from videosite.log import logger


def sweep(now_s: float | None = None) -> dict[str, int]:
    """Look at what is overdue; returns how many of each kind were repaired."""
    now_s = time.time() if now_s is None else now_s
    waiting = uploads.due(now_s)
    counts = {
        "tasks": work.revive_tasks(now_s),
        "jobs": work.revive_jobs(now_s),
        "endings": endings.tell(now_s),
        "uploads": uploads.report(waiting, now_s),
        "expired": uploads.expire(waiting, now_s),
        "abandoned": uploads.abort_abandoned(now_s),
        "orphans": orphans.remove(now_s),
        "restored": media.restore(now_s),
    }
    logger.info("swept", extra=counts)
    return counts
