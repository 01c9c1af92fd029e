"""One round of housekeeping, each minute."""

import time

from videosite.housekeeping import endings, uploads, work
from videosite.log import logger


def sweep(now_s: float | None = None) -> dict[str, int]:
    """Look at what is overdue; returns how many of each kind were repaired."""
    now_s = time.time() if now_s is None else now_s
    counts = {
        "tasks": work.revive_tasks(now_s),
        "jobs": work.revive_jobs(now_s),
        "endings": endings.tell(now_s),
        "uploads": uploads.report_silent(now_s),
    }
    logger.info("swept", extra=counts)
    return counts
