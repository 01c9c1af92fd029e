"""Seeing videos, and steering their transcodes."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from videosite.accounts.permissions import has_permission
from videosite.accounts.tokens import Claims
from videosite.errors import UnauthorizedError
from videosite.library import videos
from videosite.pipeline import control, snapshot
from videosite.store.tables import Video
from videosite.web import schemas
from videosite.web.auth import Allowed, MaybeCaller, SignedIn
from videosite.web.openapi import problems
from videosite.web.routes import ROOT

router = APIRouter(prefix=ROOT, tags=["videos"])

VideoId = Annotated[int, Path(ge=1, lt=2**53, examples=[schemas.common.VIDEO_ID])]
Rendition = Annotated[str, Path(max_length=100, examples=["h264-720p"])]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]


def own_video(video_id: VideoId, claims: SignedIn) -> Video:
    """The video of a route, for its owner and those who manage everybody's."""
    return videos.load_owned(video_id, claims.user_id, has_permission(claims.role, "videos.manage_any"))


def may_read_any(claims: Claims | None) -> bool:
    """Whether a caller may see everybody's videos."""
    return claims is not None and has_permission(claims.role, "videos.read_any")


OwnVideo = Annotated[Video, Depends(own_video)]


def page_document(page: videos.Page) -> dict[str, Any]:
    """A page of videos as it is sent."""
    return {"videos": videos.describe(page.videos, time.time()), "next_cursor": page.next_cursor}


@router.get("/videos", response_model=schemas.videos.VideoPage, responses=problems(401))
def list_videos(
    claims: MaybeCaller,
    scope: Annotated[Literal["own", "public"], Query(description="Whose videos")] = "own",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """One's own videos, or everybody's public ones; newest first."""
    if scope == "public":
        return page_document(videos.list_public(limit, cursor))
    if claims is None:
        raise UnauthorizedError("not_signed_in", "Sign in to see your videos.")
    return page_document(videos.list_owned(claims.user_id, limit, cursor))


@router.get("/videos/{video_id}", response_model=schemas.videos.Video, responses=problems(404))
def get_video(video_id: VideoId, claims: MaybeCaller) -> dict[str, Any]:
    """A video: public ones for everybody, others for their owner and staff."""
    video = videos.load_visible(video_id, claims.user_id if claims else None, may_read_any(claims))
    (document,) = videos.describe([video], time.time())
    return document


@router.get(
    "/videos/{video_id}/transcode-status",
    response_model=schemas.transcodes.TranscodeStatus,
    responses=problems(401, 403, 404),
)
def get_transcode_status(video: OwnVideo) -> dict[str, Any]:
    """How the transcode of one's video stands, per rendition."""
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/cancel",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
    responses=problems(401, 403, 404, 409),
)
def cancel_transcode(video: OwnVideo) -> dict[str, Any]:
    """Stop a transcode. Workers notice within seconds."""
    control.cancel(video.video_id)
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/retry",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
    responses=problems(401, 403, 404, 409),
)
def retry_transcode(video: OwnVideo) -> dict[str, Any]:
    """Take a failed or cancelled transcode up again; what is done already is kept."""
    control.retry(video.video_id)
    return snapshot.load_status(video.video_id)


@router.post(
    "/videos/{video_id}/renditions/{rendition}/retry",
    status_code=202,
    response_model=schemas.transcodes.TranscodeStatus,
    responses=problems(401, 403, 404, 409),
)
def retry_rendition(video: OwnVideo, rendition: Rendition) -> dict[str, Any]:
    """Make what is missing of one rendition; the video plays on. A transcode that failed goes on whole."""
    control.retry_rendition(video.video_id, rendition)
    return snapshot.load_status(video.video_id)


# --- staff ------------------------------------------------------------------------------------------

Staff = Annotated[Claims, Depends(Allowed("videos.read_any"))]


@router.get("/admin/videos", response_model=schemas.videos.VideoPage, responses=problems(401, 403))
def list_all_videos(_: Staff, limit: Limit = 20, cursor: Cursor = None) -> dict[str, Any]:
    """Everybody's videos, newest first."""
    return page_document(videos.list_all(limit, cursor))


@router.get(
    "/admin/videos/{video_id}/transcode-status",
    response_model=schemas.transcodes.TranscodeStatus,
    responses=problems(401, 403, 404),
)
def get_any_transcode_status(video_id: VideoId, _: Staff) -> dict[str, Any]:
    """How the transcode of any video stands, per rendition."""
    return snapshot.load_status(video_id)
