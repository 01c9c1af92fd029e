"""Playing a video, also while it is being transcoded: addresses, and the lists that are rendered.

Master and MPD are rendered for each request, growing media playlists (`live.m3u8`) too; everything
else under `/m/` is an object. A list is a function of the job's plan, which never changes and is
cached, and of its availability item, so a poll of a growing playlist costs one read.
"""

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from videosite.errors import NotFoundError
from videosite.library import captions, media_token
from videosite.media import dash, hls
from videosite.media.images import THUMBNAILS, custom_file, image_prefix
from videosite.media.plan import Plan
from videosite.media.subtitles import TextTrack
from videosite.pipeline import jobs
from videosite.pipeline.availability import ready_prefix
from videosite.pipeline.snapshot import iso_time
from videosite.settings import get_settings, require
from videosite.store.secrets import get_secret
from videosite.store.tables import Availability, Job, Video, job_item

HLS_TYPE = "application/vnd.apple.mpegurl"
DASH_TYPE = "application/dash+xml"

LIFE_S = {"public": 365 * 86_400, "unlisted": 7 * 86_400, "private": 7 * 86_400}
"""How long an address works, at least."""
ROUNDING_S = {"public": 30 * 86_400, "unlisted": 3_600, "private": 3_600}
"""Expiries are rounded up to these, so that viewers who ask at different times share cached lists."""

PICTURES_LIFE_S = 7 * 86_400
"""Pictures keep their keys when visibility narrows, so no address of one may work for a year."""

GROWING_AGE_S = 1
SETTLED_AGE_S = 60
STATUS_AGE_S = 10
"""How soon a growing playlist notices that its job failed or was cancelled."""


@dataclass(frozen=True)
class Asset:
    """One generation of a video's media: what never changes of it."""

    video_id: int
    generation: int
    asset_key: str
    plan: Plan


@dataclass(frozen=True)
class Rendered:
    """A list as it is sent. `max_age_s`: how long caches may keep it."""

    text: str
    content_type: str
    max_age_s: int


# --- addresses --------------------------------------------------------------------------------------


def addresses(video: Video, job: Job, now_s: float) -> dict[str, str]:
    """Where a video plays: `hls`, `dash` and `token_expires_at`."""
    expires_at_s = _expiry_s(video.visibility, now_s)
    base = address_of(f"videos/{video.video_id}/{job.asset_key}/", expires_at_s)
    return {
        "hls": f"{base}master.m3u8",
        "dash": f"{base}manifest.mpd",
        "token_expires_at": iso_time(expires_at_s),
    }


def image_addresses(video: Video, job: Job | None, now_s: float) -> dict[str, Any]:
    """Where the pictures are: `poster_url`, `thumbnails` by size, `storyboard_url` (WebVTT) and
    `preview_url` (animated), each None while it is not there."""
    files = set(job.images.as_dict()) if job else set()
    chosen = video.thumbnail_version
    shown = files or chosen
    expires_at_s = _rounded_up(now_s + PICTURES_LIFE_S, ROUNDING_S["unlisted"])
    path = address_of(image_prefix(video.video_id), expires_at_s) if shown else ""

    def address(file: str) -> str | None:
        # Pictures are replaced in place: the query makes caches see a new one.
        return f"{path}{file}?v={job.generation}" if job and file in files else None

    def still(name: str) -> str | None:
        return f"{path}{custom_file(chosen, name)}" if chosen else address(f"{name}.jpg")

    thumbnails = {name: still(name) for name in THUMBNAILS}
    return {
        "poster_url": still("poster"),
        "thumbnails": thumbnails if all(thumbnails.values()) else None,
        "storyboard_url": address("storyboard.vtt"),
        "preview_url": address("preview.webp"),
    }


def _expiry_s(visibility: str, now_s: float) -> int:
    return _rounded_up(now_s + LIFE_S[visibility], ROUNDING_S[visibility])


def _rounded_up(at_s: float, step_s: int) -> int:
    return math.ceil(at_s / step_s) * step_s


def public_address(scope: str, now_s: float) -> str:
    """`address_of`, for as long as public media have."""
    return address_of(scope, _expiry_s("public", now_s))


def address_of(scope: str, expires_at_s: int) -> str:
    """The address of a key, or of all that start with a scope: then their rest follows."""
    token = media_token.sign(scope, expires_at_s, get_secret(require("media_secret_arn")))
    return f"{get_settings().public_url}/m/{token}/{scope}"


def check_token(token: str, path: str, now_s: float) -> None:
    """Whether a token opens a path; see `media_token.verify`."""
    media_token.verify(token, path, get_secret(require("media_secret_arn")), now_s)


# --- what can be played -----------------------------------------------------------------------------


def can_start(job: Job, plan: Plan, available: Availability | None) -> bool:
    """Whether a player would find a segment in every variant and in the sound."""
    if job.published.as_dict():
        return True
    groups = [group for group in plan.groups if group in (plan.codecs[0], "audio")]
    return job.status == "processing" and all(_ready(available, group) for group in groups)


def _ready(available: Availability | None, group: str) -> int:
    return ready_prefix(getattr(available, group).as_dict()) if available else 0


@lru_cache(maxsize=128)
def find_asset(video_id: int, asset_key: str) -> Asset:
    """The generation of a video that an address names.

    Raises:
        NotFoundError: `media_not_found`, or `not_ready` before it was planned.
    """
    found = Job.query(
        video_id,
        # Not begins_with: MiniStack refuses it inside the parentheses PynamoDB writes (measured, 1.5.33).
        Job.item.between("job#", "job#~"),
        filter_condition=Job.asset_key == asset_key,
        consistent_read=True,
    )
    for job in found:
        if job.plan is None:
            raise not_ready()
        return Asset(video_id, job.generation, asset_key, Plan.from_dict(job.plan))
    raise media_not_found()


def media_not_found() -> NotFoundError:
    """The address names no media of ours."""
    return NotFoundError("media_not_found", "There is no such media.")


def not_ready() -> NotFoundError:
    """A list with nothing in it would make players give up, so there is none yet."""
    return NotFoundError("not_ready", "The first seconds are being transcoded; ask again in a moment.")


# --- lists ------------------------------------------------------------------------------------------


def render_master(asset: Asset) -> Rendered:
    """The HLS master: H.264 alone while that grows, afterwards each codec that is complete.

    Raises:
        NotFoundError: `not_ready`, a variant or the sound has no segment yet.
    """
    job, available, codecs = _playable(asset)
    live = not job.published.as_dict()
    text = hls.master_playlist(
        asset.plan,
        codecs,
        available.codecs.as_dict(),
        live=live,
        subtitles=_subtitles(asset.plan, job),
        measured=_measured(asset.plan, job),
    )
    return Rendered(text, HLS_TYPE, _age_s(asset, job))


def render_manifest(asset: Asset) -> Rendered:
    """The DASH manifest, over the same segments and codecs as the HLS master.

    Raises:
        NotFoundError: `not_ready`.
    """
    job, available, codecs = _playable(asset)
    plan = asset.plan
    ready = {name: _ready(available, group) for group in plan.groups for name in plan.renditions_of(group)}
    text = dash.manifest(
        plan,
        codecs,
        available.codecs.as_dict(),
        ready,
        ended=bool(job.published.as_dict()),
        # A player takes a segment for available when the clock has passed its end, so the clock starts
        # a whole video early: a transcode may be faster than playing.
        start_time=iso_time(job.created_at_s - float(plan.duration_s)),
        now=iso_time(time.time()),
        subtitles=_subtitles(plan, job),
        measured=_measured(plan, job),
    )
    return Rendered(text, DASH_TYPE, _age_s(asset, job))


def _playable(asset: Asset) -> tuple[Job, Availability, list[str]]:
    """A job that has something to play, and the video codecs to list."""
    job = jobs.load(asset.video_id, asset.generation)
    available = jobs.load_availability(asset.video_id, asset.generation)
    if job is None:
        raise media_not_found()
    _check_place(job, asset.asset_key)
    published = job.published.as_dict()
    codecs = [codec for codec in asset.plan.codecs if codec in published] or [asset.plan.codecs[0]]
    groups = [group for group in asset.plan.groups if group in (*codecs, "audio")]
    if available is None or not all(_ready(available, group) for group in groups):
        raise not_ready()
    return job, available, codecs


def _check_place(job: Job, asset_key: str) -> None:
    """A job's media may have moved to other addresses since their asset was found, or be gone."""
    if job.asset_key != asset_key or job.media_removed:
        raise media_not_found()


def _measured(plan: Plan, job: Job) -> dict[str, hls.BitRate]:
    """Bit rates of what is published (RFC 8216, 4.3.4.2, asks for the measured ones)."""
    peaks_kbps = job.peaks.as_dict()
    return {
        name: hls.BitRate(peaks_kbps[name] * 1000, math.ceil(size_bytes * 8 / plan.duration_s))
        for name, size_bytes in job.sizes.as_dict().items()
        if name in peaks_kbps
    }


def _subtitles(plan: Plan, job: Job) -> list[TextTrack]:
    """The tracks to list, once there is something to play for good: those with text, and uploaded ones."""
    if not job.published.as_dict():
        return []
    with_text = job.subtitles.as_dict()
    return captions.listed(job.video_id, [track for track in plan.subtitles if track.name in with_text])


def render_caption(asset: Asset, file: str) -> Rendered:
    """Playlist or WebVTT of an uploaded track, as the lists name it.

    Raises:
        NotFoundError: `subtitle_not_found`; `media_not_found`.
    """
    _playable(asset)  # its media may have moved to other addresses since the asset was found
    return Rendered(*captions.render(asset.video_id, asset.plan, file), SETTLED_AGE_S)


def _age_s(asset: Asset, job: Job) -> int:
    return SETTLED_AGE_S if set(asset.plan.codecs) <= set(job.published.as_dict()) else GROWING_AGE_S


def render_growing(asset: Asset, rendition: str, now_s: float | None = None) -> Rendered:
    """The media playlist of a rendition as far as it is ready; it ends when the transcode does.

    Raises:
        NotFoundError: `media_not_found` for an unknown rendition, and for media that have moved or are gone;
            `not_ready` before its first segment.
    """
    group = _group_of(asset.plan, rendition)
    available = jobs.load_availability(asset.video_id, asset.generation)
    ready = _ready(available, group)
    if not ready:
        raise not_ready()
    complete = ready >= asset.plan.segments_of(rendition)
    now_s = time.time() if now_s is None else now_s
    gave_up = _gave_up(asset.video_id, asset.generation, asset.asset_key, int(now_s // STATUS_AGE_S))
    text = hls.media_playlist(asset.plan, rendition, ready, ended=complete or gave_up, kind="EVENT")
    return Rendered(text, HLS_TYPE, SETTLED_AGE_S if complete else GROWING_AGE_S)


def _group_of(plan: Plan, rendition: str) -> str:
    for group in plan.groups:
        if rendition in plan.renditions_of(group):
            return group
    raise media_not_found()


@lru_cache(maxsize=256)
def _gave_up(video_id: int, generation: int, asset_key: str, _window: int) -> bool:
    """Whether a job ended without finishing; asked once per `STATUS_AGE_S` and video.

    Raises:
        NotFoundError: `media_not_found`, its media are elsewhere or gone.
    """
    asked = ["status", "asset_key", "media_removed"]
    try:
        job: Any = Job.get(video_id, job_item(generation), attributes_to_get=asked)
    except Job.DoesNotExist:
        raise media_not_found() from None
    _check_place(job, asset_key)
    return job.status in ("failed", "cancelled")
