"""How transcodes stand, and steering them."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from videosite.accounts.tokens import Claims
from videosite.library import transcodes, videos
from videosite.pipeline import control, snapshot
from videosite.pipeline.snapshot import iso_time
from videosite.realtime.changes import tell_cancelled, tell_end
from videosite.web import schemas
from videosite.web.auth import Allowed, By
from videosite.web.declared import raises
from videosite.web.idempotency import IDEMPOTENT, IdempotentRoute
from videosite.web.routes import ROOT
from videosite.web.routes.videos import Codec, Cursor, Limit, Owner, OwnVideo, Staff, VideoId, note
from videosite.web.values import Moment, Whole

router = APIRouter(prefix=ROOT, tags=["transcodes"], route_class=IdempotentRoute)

DAY_S = 86_400
Rendition = Annotated[str, Path(max_length=100, examples=["h264-720p"])]
Generation = Annotated[
    int, Path(ge=1, le=99_999, description="1 for a video's first transcode", examples=[1]), Whole
]
Manager = Annotated[Claims, Depends(Allowed("videos.manage_any"))]


@router.get(
    "/videos/{video_id}/transcode-status",
    response_model=schemas.transcodes.TranscodeStatus,
)
def get_transcode_status(video: OwnVideo) -> dict[str, Any]:
    """How the transcode of one's video stands, per rendition."""
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/cancel",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises("not_running")
def cancel_transcode(video: OwnVideo, by: By) -> dict[str, Any]:
    """Stop a transcode. Workers notice within seconds."""
    try:
        control.cancel(video.video_id)
    finally:
        # Also if there is nothing to cancel: a call before this one may have been cut short here.
        tell_cancelled(video.video_id, time.time())
    note(by, "video.cancel", video)
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/retry",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises("not_failed", "nothing_uploaded", "not_ended")
def retry_transcode(video: OwnVideo, by: By) -> dict[str, Any]:
    """Take a failed or cancelled transcode up again; what is done already is kept."""
    tell_end(video.video_id, video.active_generation, time.time())
    control.retry(video.video_id)
    note(by, "video.retry", video)
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/renditions/{rendition}/retry",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises(
    "rendition_not_found",
    "not_ended",
    "nothing_missing",
    "source_gone",
    "not_failed",
    "nothing_uploaded",
)
def retry_rendition(video: OwnVideo, rendition: Rendition, by: By) -> dict[str, Any]:
    """Make what is missing of one rendition; the video plays on. A transcode that failed goes on whole."""
    tell_end(video.video_id, video.active_generation, time.time())
    control.retry_rendition(video.video_id, rendition)
    note(by, "video.retry", video, {"rendition": rendition})
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/transcode",
    status_code=202,
    dependencies=[IDEMPOTENT],
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises("nothing_uploaded", "not_ended", "source_gone")
def transcode_anew(
    video: OwnVideo, by: By, body: schemas.transcodes.Retranscode | None = None
) -> dict[str, Any]:
    """Transcode a video again from its upload, by another ladder perhaps. What there is plays until the new
    renditions do."""
    wanted = body or schemas.transcodes.Retranscode()
    tell_end(video.video_id, video.active_generation, time.time())
    control.transcode_anew(video.video_id, wanted.ladder, wanted.normalize)
    note(by, "video.transcode", video, wanted.model_dump())
    return snapshot.load_status(video.video_id)


# --- staff ------------------------------------------------------------------------------------------


@router.get(
    "/admin/videos/{video_id}/transcode-status",
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises("video_not_found")
def get_any_transcode_status(video_id: VideoId, _: Staff) -> dict[str, Any]:
    """How the transcode of any video stands, per rendition."""
    return snapshot.load_status(video_id)


@router.put(
    "/admin/videos/{video_id}/priority",
    response_model=schemas.transcodes.TranscodeStatus,
)
@raises("video_not_found", "not_running")
def set_priority(
    video_id: VideoId, body: schemas.transcodes.PriorityChange, claims: Manager, by: By
) -> dict[str, Any]:
    """Have what is left of a transcode done sooner or later than others'."""
    video = videos.load_owned(video_id, claims.user_id, manages_all=True)
    control.prioritize(video.video_id, body.priority)
    note(by, "video.prioritize", video, body.model_dump())
    return snapshot.load_status(video_id)


@router.get("/admin/jobs", response_model=schemas.transcodes.JobPage)
@raises("bad_cursor")
def list_jobs(
    _: Staff,
    state: Annotated[
        Literal["waiting", "processing", "completed", "failed", "cancelled"] | None,
        Query(description="`waiting`: for another of the owner's transcodes to end"),
    ] = None,
    type_: Codec = None,
    owner: Owner = None,
    since: Annotated[Moment | None, Query(description="Made then or later")] = None,
    until: Annotated[Moment | None, Query(description="Made before")] = None,
    q: Annotated[
        str | None, Query(max_length=200, description="A part of the title, or the video's id")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Transcodes, newest first: one for each generation of a video. A filtered page may be short and still
    have a next one."""
    wanted = transcodes.Wanted(
        state=state,
        codec=type_,
        owner_id=owner,
        since_s=since.timestamp() if since else None,
        until_s=until.timestamp() if until else None,
        words=q,
    )
    page = transcodes.find(wanted, limit, cursor)
    return {"jobs": transcodes.describe(page.jobs), "next_cursor": page.next_cursor}


@router.get("/admin/jobs/summary", response_model=schemas.transcodes.JobSummary)
def summarize_jobs(
    _: Staff,
    since: Annotated[Moment | None, Query(description="None: a day ago")] = None,
) -> dict[str, Any]:
    """How many transcodes wait and are under way now, and how those ended that were made since a time."""
    since_s = since.timestamp() if since else time.time() - DAY_S
    return {**transcodes.summarize(since_s), "since": iso_time(since_s)}


@router.get("/admin/jobs/{video_id}/{generation}", response_model=schemas.transcodes.JobWithTasks)
@raises("job_not_found")
def get_job(video_id: VideoId, generation: Generation, _: Staff) -> dict[str, Any]:
    """A transcode with its tasks: when each ran, how often, at what cost, and why it failed."""
    return transcodes.describe_one(video_id, generation)
