"""How a transcode stands, as clients see it: the answer of `transcode-status` and of progress messages."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from videosite.media.cost import rendition_usd
from videosite.media.loudness import gains_db, stored
from videosite.media.plan import Plan
from videosite.media.progress import group_fraction, progress_fraction
from videosite.media.quality import summarize
from videosite.pipeline import jobs, tasks
from videosite.store.tables import Job, Progress, Video

Spent = Mapping[str, Mapping[str, float]]
"""Group → {cpu_s, gb_s, usd}."""

PLANNED = 10
"""Bands of the percentage: 0 accepted, 10 planned, 10-80 encoding, 80-99 publishing, 100 completed."""
ENCODED = 80
COMPLETED = 100


def load_status(video_id: int) -> dict[str, Any]:
    """`transcode_status` of a video's newest job, from the tables.

    Raises:
        NotFoundError: `video_not_found`.
    """
    video = jobs.load_video(video_id)
    job = jobs.load(video_id, video.active_generation)
    progress = jobs.load_progress(video_id, video.active_generation) if job else None
    # One that did not end well published no sum, or not the last one.
    spent = tasks.spent(job) if job and job.status in ("failed", "cancelled") else {}
    document = transcode_status(video, job, progress, spent)
    available = jobs.load_availability(video_id, video.active_generation) if job else None
    tags = available.codecs.as_dict() if available else {}
    for rendition in document["renditions"]:
        rendition["codec_tag"] = tags.get(rendition["name"])
    waiting = job is not None and job.waiting and job.status == "accepted"
    if waiting:
        document["message"] = "Waiting for another of your transcodes to end"
    return document | {
        "ladder": job.ladder if job else video.ladder,
        "priority": job.priority if job else "normal",
        "waiting": waiting,
    }


def transcode_status(
    video: Video, job: Job | None, progress: Progress | None, spent: Spent | None = None
) -> dict[str, Any]:
    """The status document: status, progress 0-100, message, error and one entry per rendition.

    `spent` goes before what the job says itself.
    """
    if job is None:
        return {
            "video_id": video.video_id,
            "status": video.status,
            "progress": 0,
            "message": _MESSAGES.get(video.status, ""),
            "error": None,
            "generation": 0,
            "renditions": [],
            "audio": [],
            "subtitles": [],
            "cost": None,
            "updated_at": iso_time(video.updated_at_s),
        }
    plan = Plan.from_dict(job.plan) if job.plan else None
    parts = progress.parts.as_dict() if progress else {}
    spent = job.spent.as_dict() | (spent or {})
    updated_at_s = max(job.updated_at_s, progress.updated_at_s if progress else 0)
    return {
        "video_id": job.video_id,
        "status": public_status(job),
        "progress": percent(job, plan, parts),
        "message": _MESSAGES[job.status],
        "error": job_error(job),
        "generation": job.generation,
        "renditions": _renditions(job, plan, parts, spent, updated_at_s) if plan else [],
        "audio": _audio(job, plan) if plan else [],
        "subtitles": _subtitles(job, plan) if plan else [],
        "cost": _cost(plan, spent) if plan else None,
        "updated_at": iso_time(updated_at_s),
    }


def _cost(plan: Plan, spent: Spent) -> dict[str, float] | None:
    """All groups together, or None while nothing is known."""
    groups = list(spent.values())
    if not groups:
        return None
    total = {name: round(sum(group[name] for group in groups), 6) for name in ("cpu_s", "gb_s", "usd")}
    return {**total, "usd_per_minute": round(total["usd"] * 60 / float(plan.duration_s), 6)}


_MESSAGES = {
    "pending": "Waiting for the upload",
    "accepted": "Reading the file",
    "planned": "Preparing the transcode",
    "processing": "Transcoding",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "deleting": "Being deleted",
}


def public_status(job: Job) -> str:
    """accepted and planned are details: people see processing."""
    return "processing" if job.status in jobs.OPEN else job.status


def percent(job: Job, plan: Plan | None, parts: Mapping[str, int]) -> int:
    """Whole percent, only growing within a run."""
    if job.status == "completed":
        return COMPLETED
    if plan is None:
        return 0
    if job.status == "planned" or not job.total_tasks:
        return PLANNED
    if all(left == 0 for left in job.open_tasks.as_dict().values()):
        published = len(job.published.as_dict()) / max(1, len(plan.codecs))
        return ENCODED + int((COMPLETED - 1 - ENCODED) * published)
    return PLANNED + int((ENCODED - PLANNED) * min(1.0, progress_fraction(plan, parts)))


def job_error(job: Job | None) -> dict[str, str] | None:
    """Why a job failed, or None."""
    if job is None or not job.error_code:
        return None
    return {"code": job.error_code, "message": job.error_message or ""}


def _renditions(
    job: Job, plan: Plan, parts: Mapping[str, int], spent: Spent, updated_at_s: float
) -> list[dict[str, Any]]:
    entries = []
    sizes = job.sizes.as_dict()
    usd = {group: one["usd"] for group, one in spent.items()}
    for rendition in plan.renditions:
        fraction = min(1.0, group_fraction(plan, rendition.codec, parts))
        published = jobs.is_published(job, rendition.codec)
        gave_up = job.status in ("failed", "cancelled")
        speed, eta_s = (None, None) if gave_up else _speed(job, plan, rendition.codec, fraction, updated_at_s)
        size_bytes = sizes.get(rendition.name)
        quality = summarize(plan, rendition, job.vmaf.as_dict())
        entries.append(
            {
                "name": rendition.name,
                "codec": rendition.codec,
                "resolution": f"{rendition.width}x{rendition.height}",
                "status": _rendition_status(job, rendition.codec, fraction),
                "progress": 100 if published else int(99 * fraction),
                "attempts": 1 + job.retries.as_dict().get(rendition.codec, 0),
                "error": None if published else job_error(job),
                "speed": speed,
                "eta_s": eta_s,
                "vmaf": quality and quality["mean"],
                "vmaf_detail": quality,
                "bitrate_kbps": size_bytes and round(size_bytes * 8 / 1000 / float(plan.duration_s)),
                "peak_kbps": job.peaks.as_dict().get(rendition.name),
                "size_bytes": size_bytes,
                "cost_usd": rendition_usd(plan, rendition.name, usd),
            }
        )
    return entries


def _audio(job: Job, plan: Plan) -> list[dict[str, Any]]:
    """One entry per audio rendition, the default first."""
    sizes = job.sizes.as_dict()
    loudness = stored(job.loudness.as_dict())
    gains = gains_db(loudness) if plan.normalize else {}
    return [
        {
            "name": rendition.name,
            "language": rendition.language,
            "label": rendition.label,
            "channels": rendition.channels,
            "size_bytes": sizes.get(rendition.name),
            "loudness": {**asdict(loudness[rendition.name]), "gain_db": gains.get(rendition.name, 0.0)}
            if rendition.name in loudness
            else None,
        }
        for rendition in (plan.audio.renditions if plan.audio else ())
    ]


def _subtitles(job: Job, plan: Plan) -> list[dict[str, Any]]:
    """One entry per subtitle track that has text."""
    sizes = job.subtitles.as_dict()
    return [
        {
            "name": track.name,
            "language": track.language,
            "label": track.label,
            "forced": track.forced,
            "size_bytes": sizes[track.name],
        }
        for track in plan.subtitles
        if track.name in sizes
    ]


def _rendition_status(job: Job, codec: str, fraction: float) -> str:
    if jobs.is_published(job, codec):
        return "completed"
    if job.status in ("failed", "cancelled"):
        return job.status
    return "processing" if fraction > 0 else "pending"


def _speed(
    job: Job, plan: Plan, codec: str, fraction: float, updated_at_s: float
) -> tuple[float | None, float | None]:
    """(times realtime, seconds left) of a codec over all its workers, or Nones before it began."""
    if took_s := job.took_s.as_dict().get(codec):
        return round(float(plan.duration_s) / took_s, 2), 0.0
    elapsed_s = updated_at_s - (job.started_at_s or updated_at_s)
    if elapsed_s <= 0 or fraction <= 0:
        return None, None
    eta_s = 0.0 if fraction >= 1 else elapsed_s * (1 - fraction) / fraction
    return round(float(plan.duration_s) * fraction / elapsed_s, 2), round(eta_s, 1)


def iso_time(seconds: float) -> str:
    """Unix seconds as RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
