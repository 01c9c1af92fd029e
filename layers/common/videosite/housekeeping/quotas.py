"""What users use, counted anew: a counter that a crash or an older version left wrong is put right."""

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
SETTLED_S = 60.0
"""The index of videos by their owner is behind the table by less."""


def repair(now_s: float) -> int:
    """Compare what is counted with what is there; returns how many users were put right."""
    return each(next_page("usage", now_s, _list_page), lambda used: _repair(used, now_s))


def _list_page(after: str | None) -> tuple[list[Usage], str | None]:
    start = None
    if after:
        period, _, user_id = after.partition(" ")
        start = {"user_id": {"S": user_id}, "period": {"S": period}}
    found = Usage.scan(limit=PAGE, page_size=PAGE, last_evaluated_key=start, consistent_read=True)
    rows = list(found)
    last = found.last_evaluated_key
    used = [row for row in rows if row.period == NOW]
    return used, f"{last['period']['S']} {last['user_id']['S']}" if last else None


def _repair(used: Usage, now_s: float) -> bool:
    # The index may not have the newest video yet: tomorrow, then.
    stored = _stored(used.user_id) if used.stored_at_s < now_s - SETTLED_S else used.storage_bytes
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


def _stored(user_id: str) -> int:
    ids = [row.video_id for row in Video.by_owner.query(user_id)]
    found = Video.batch_get(ids, consistent_read=True)
    return sum(video.source_size_bytes for video in found if video.status != "deleting")


def _runs(name: str) -> bool:
    video_id, generation = (int(part) for part in name.split("#"))
    job = jobs.load(video_id, generation)
    return job is not None and job.status in jobs.OPEN
