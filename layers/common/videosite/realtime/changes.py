"""The jobs table changed → what people are told.

The stream only says which rows changed: their state is read again, so that many changes are one message
and an old change never tells of an old state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import jobs
from videosite.realtime import history
from videosite.realtime.messages import TranscodeProgress
from videosite.realtime.notifications import NotificationService, complete_event
from videosite.realtime.snapshots import snapshot
from videosite.realtime.streams import Record
from videosite.store.tables import Job, Video


@dataclass(frozen=True)
class Standing:
    """How a transcode stands, and what of it nobody was told."""

    job: Job
    frame: TranscodeProgress
    unsaid: Mapping[str, bool]
    """Published codec → whether its message is the last."""

    @property
    def moves(self) -> bool:
        """Whether its snapshot is posted. At its completion, too, before that is stored and so never after
        it: clients' bars reach 100."""
        return self.job.status in jobs.OPEN or (self.job.status == "completed" and bool(self.unsaid))


def report_changes(
    records: Iterable[Record], now_s: float, service: NotificationService | None = None
) -> list[str]:
    """Tell of every transcode the records touch, once each.

    Returns the sequence numbers to hand out again: the first one of each transcode that could not be
    told of.
    """
    service = service or NotificationService()
    changed = touched(records)
    found: dict[tuple[int, int], Standing] = {}
    failed = set()
    # One transcode's trouble must not keep the others waiting.
    for key in changed:
        try:
            if standing := look(*key, now_s):
                found[key] = standing
        except Exception:
            logger.exception("not looked up", extra={"video_id": key[0], "generation": key[1]})
            failed.add(key)
    try:
        show(found.values(), now_s, service)
    except Exception:
        logger.exception("snapshots not posted", extra={"count": len(found)})
        failed |= {key for key, standing in found.items() if standing.moves}
    for key, standing in found.items():
        try:
            tell(standing, now_s, service)
        except Exception:
            logger.exception("not told", extra={"video_id": key[0], "generation": key[1]})
            failed.add(key)
    return [number for key, number in changed.items() if key in failed]


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
    """Tell how one transcode stands now; returns whether something was told that is told once only.

    Raises:
        RetryableError: `table_busy`.
    """
    standing = look(video_id, generation, now_s)
    if standing is None:
        return False
    show([standing], now_s, service)
    return tell(standing, now_s, service)


def look(video_id: int, generation: int, now_s: float) -> Standing | None:
    """How a transcode stands; None where nothing is to be said of it."""
    job = jobs.load(video_id, generation)
    video = _load_video(video_id)
    # A newer generation speaks for the video; a video being deleted has nothing to say.
    if job is None or video is None or video.active_generation != generation or video.status == "deleting":
        return None
    # What was told is remembered for so long. A row may change later, as when a score is added.
    if job.status in jobs.ENDED and job.updated_at_s <= now_s - history.KEPT_S:
        return None
    progress = jobs.load_progress(video_id, generation)
    return Standing(job, snapshot(video, job, progress), unsaid_codecs(job, now_s))


def show(standings: Iterable[Standing], now_s: float, service: NotificationService) -> None:
    """Post the snapshots of transcodes that move, all at once."""
    service.notify_transcode_progress([(it.job, it.frame) for it in standings if it.moves], now_s)


def tell(standing: Standing, now_s: float, service: NotificationService) -> bool:
    """Store what is told once: codecs published since, and the end. True if something was new.

    Raises:
        RetryableError: `table_busy`.
    """
    job = standing.job
    told = [
        service.notify_transcode_complete(job, codec, final, now_s)
        for codec, final in standing.unsaid.items()
    ]
    if job.status == "failed":
        told.append(service.notify_transcode_failed(job, now_s))
    elif job.status == "cancelled":
        told.append(service.notify_transcode_cancelled(standing.frame, job.owner_id, now_s))
    return any(told)


def unsaid_codecs(job: Job, now_s: float) -> dict[str, bool]:
    """Published codecs nobody was told of, in the order of their publication → whether it is the last one,
    whose message says `final`.

    All published and not ended means that the end is a moment away, for which the last codec waits. What was
    published longer ago than is remembered what was told, was told.
    """
    published = job.published.as_dict()
    if not published or job.plan is None:
        return {}
    codecs = Plan.from_dict(job.plan).codecs
    if job.status in jobs.OPEN and set(codecs) <= set(published):
        return {}
    times = job.published_at_s.as_dict()
    at_s = {codec: times.get(codec, job.created_at_s) for codec in codecs if codec in published}
    order = sorted(at_s, key=lambda codec: at_s[codec])
    last = order[-1] if job.status == "completed" else None
    events = {
        complete_event(job, codec, codec == last): codec
        for codec in order
        if codec == last or at_s[codec] > now_s - history.KEPT_S
    }
    said = history.stored(events)
    return {codec: codec == last for event, codec in events.items() if event not in said}


def tell_end(video_id: int, generation: int, now_s: float) -> None:
    """Tell how a transcode ended that is about to be taken up or made anew: who reads its row for the
    stream's record may find the next run there.

    Raises:
        RetryableError: `table_busy`.
    """
    if standing := look(video_id, generation, now_s):
        tell(standing, now_s, NotificationService())


def tell_cancelled(video_id: int, now_s: float) -> None:
    """Tell that a video was cancelled before it had a job, whose change would tell of it; if it was.

    Raises:
        RetryableError: `table_busy`.
    """
    video = _load_video(video_id)
    if video is None or video.active_generation or video.status != "cancelled":
        return
    # What was told is remembered for so long.
    if video.updated_at_s > now_s - history.KEPT_S:
        NotificationService().notify_transcode_cancelled(snapshot(video, None, None), video.owner_id, now_s)


def _load_video(video_id: int) -> Video | None:
    try:
        return Video.get(video_id, consistent_read=True)
    except Video.DoesNotExist:
        return None
