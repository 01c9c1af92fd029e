"""The jobs table changed → what people are told.

The stream only says which rows changed: their state is read again, so that many changes are one message
and an old change never tells of an old state.
"""

from collections.abc import Iterable

from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.realtime import history
from videosite.realtime.notifications import NotificationService, complete_event
from videosite.realtime.snapshots import snapshot
from videosite.realtime.streams import Record
from videosite.store.tables import Job, Video

ENDED = ("completed", "failed", "cancelled")


def report_changes(
    records: Iterable[Record], now_s: float, service: NotificationService | None = None
) -> list[str]:
    """Tell of every transcode the records touch, once each.

    Returns the sequence numbers to hand out again: the first one of each transcode that could not be
    told of.
    """
    service = service or NotificationService()
    failed = []
    for (video_id, generation), sequence_number in touched(records).items():
        try:
            report(video_id, generation, now_s, service)
        except Exception:
            # One transcode's trouble must not keep the others waiting.
            logger.exception("not told", extra={"video_id": video_id, "generation": generation})
            failed.append(sequence_number)
    return failed


def touched(records: Iterable[Record]) -> dict[tuple[int, int], str]:
    """(video id, generation) of the jobs and progress items among the records → first sequence number."""
    found: dict[tuple[int, int], str] = {}
    for record in records:
        try:
            keys = record["dynamodb"]["Keys"]
            kind, _, generation = keys["item"]["S"].partition("#")
            key = int(keys["video_id"]["N"]), int(generation)
        except (KeyError, TypeError, ValueError):
            logger.error("no record of the jobs table", extra={"event_id": str(record.get("eventID"))[:64]})
            continue
        if kind in ("job", "progress") and record.get("eventName") != "REMOVE":
            found.setdefault(key, record["dynamodb"]["SequenceNumber"])
    return found


def report(video_id: int, generation: int, now_s: float, service: NotificationService) -> bool:
    """Tell how a transcode stands now: codecs published since, then its end or its progress.

    Returns whether something was told that is told once only.

    Raises:
        RetryableError: `table_busy`.
    """
    job = jobs.load(video_id, generation)
    video = _load_video(video_id)
    # A newer generation speaks for the video; a video being deleted has nothing to say.
    if job is None or video is None or video.active_generation != generation or video.status == "deleting":
        return False
    progress = jobs.load_progress(video_id, generation)
    frame = snapshot(video, job, progress)
    unsaid = unsaid_codecs(job)
    if job.status == "completed" and unsaid:
        # Before the end is stored, and so never after it: clients' bars reach 100.
        service.notify_transcode_progress(job, frame, now_s)
    told = False
    for codec in unsaid:
        final = job.status == "completed" and codec == unsaid[-1]
        told = service.notify_transcode_complete(job, codec, final, now_s) or told
    if job.status == "failed":
        told = service.notify_transcode_failed(job, now_s) or told
    elif job.status != "completed":
        told = service.notify_transcode_progress(job, frame, now_s) or told
    return told


def unsaid_codecs(job: Job) -> list[str]:
    """Published codecs nobody was told of, in order of the plan.

    All published and not ended means that the end is a moment away: the last codec waits for it, since
    its message says `final`.
    """
    published = job.published.as_dict()
    if not published or job.plan is None:
        return []
    codecs = Plan.from_dict(job.plan).codecs
    if job.status not in ENDED and set(codecs) <= set(published):
        return []
    events = {complete_event(job, codec): codec for codec in codecs if codec in published}
    said = history.stored(events)
    return [codec for event, codec in events.items() if event not in said]


def _load_video(video_id: int) -> Video | None:
    try:
        return Video.get(video_id, consistent_read=True)
    except Video.DoesNotExist:
        return None
