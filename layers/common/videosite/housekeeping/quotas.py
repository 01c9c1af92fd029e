"""What users use, counted anew: a counter that a crash or an older version left wrong is put right."""

from functools import partial

from pynamodb.expressions.update import Action

from videosite.housekeeping.rounds import next_page
from videosite.housekeeping.rows import each
from videosite.log import logger
from videosite.pipeline import jobs
from videosite.pipeline.quotas import NOW
from videosite.store.tables import Usage, Video
from videosite.store.transactions import applied

PAGE = 5
"""Users per minute: all videos of each are read."""


def repair(now_s: float) -> int:
    """Compare what is counted with what is there; returns how many users were put right."""
    return each(next_page("usage", now_s, _list_page), partial(_repair))


def _list_page(after: str | None) -> tuple[list[Usage], str | None]:
    start = {"user_id": {"S": after}, "period": {"S": NOW}} if after else None
    found = Usage.scan(
        filter_condition=Usage.period == NOW,
        limit=PAGE, page_size=PAGE * 10, last_evaluated_key=start, consistent_read=True,
    )  # fmt: skip
    rows = list(found)
    return rows, rows[-1].user_id if found.last_evaluated_key and rows else None


def _repair(used: Usage) -> bool:
    stored = sum(
        video.source_size_bytes
        for video in Video.batch_get([row.video_id for row in Video.by_owner.query(used.user_id)])
        if video.status != "deleting"
    )
    ended = {name for name in used.running or () if not _runs(name)}
    actions: list[Action] = []
    if stored != used.storage_bytes:
        actions.append(Usage.storage_bytes.set(stored))
    if ended:
        actions.append(Usage.running.delete(ended))
    if not actions:
        return False
    logger.warning("usage put right", extra={"user_id": used.user_id, "stored": stored, "ended": len(ended)})
    # Unless something was added or given back while it was counted: tomorrow, then.
    same = (Usage.storage_bytes == used.storage_bytes) | Usage.storage_bytes.does_not_exist()
    return applied(lambda: used.update(actions, condition=same))


def _runs(name: str) -> bool:
    video_id, generation = (int(part) for part in name.split("#"))
    job = jobs.load(video_id, generation)
    return job is not None and job.status in jobs.OPEN
