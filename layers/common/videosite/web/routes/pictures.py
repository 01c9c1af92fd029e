"""Pictures that people choose: a video's poster and thumbnails, a user's avatar."""

import time
from typing import Any

from fastapi import APIRouter

from videosite.accounts import users
from videosite.library import avatars, thumbnails
from videosite.store.tables import User, Video
from videosite.web import schemas
from videosite.web.auth import By, SignedIn
from videosite.web.bodies import FileBody, accepts
from videosite.web.codes import BROKEN_PICTURE
from videosite.web.declared import raises
from videosite.web.idempotency import IDEMPOTENT, IdempotentRoute
from videosite.web.routes import ROOT
from videosite.web.routes.videos import OwnVideo, note

router = APIRouter(prefix=ROOT, tags=["pictures"], route_class=IdempotentRoute)

_PICTURES = accepts("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")


@router.get(
    "/videos/{video_id}/thumbnail",
    response_model=schemas.attachments.Thumbnail,
)
def get_thumbnail(video: OwnVideo) -> dict[str, Any]:
    """What is shown as the video's picture, and whether a chosen frame is under way."""
    return _thumbnail(video)


@router.put(
    "/videos/{video_id}/thumbnail",
    response_model=schemas.attachments.Thumbnail,
    openapi_extra=_PICTURES,
)
@raises(*BROKEN_PICTURE, (413, "too_large"))
def upload_thumbnail(video: OwnVideo, by: By, data: FileBody) -> dict[str, Any]:
    """Show a picture of one's own: JPEG, PNG, WebP, GIF (its first frame) or AVIF as the body, at most 4 MiB.

    It is encoded anew, without its metadata, upright, in all sizes.
    """
    thumbnails.upload_thumbnail(video, data)
    note(by, "thumbnail.upload", video)
    return _thumbnail(video)


@router.post(
    "/videos/{video_id}/thumbnail/frame",
    status_code=202,
    dependencies=[IDEMPOTENT],
    response_model=schemas.attachments.Thumbnail,
)
@raises("beyond_end", (409, "not_ready"), "source_gone")
def choose_thumbnail_frame(video: OwnVideo, by: By, body: schemas.attachments.FrameChoice) -> dict[str, Any]:
    """Show a frame of the video. It takes a few seconds; `pending` is false then."""
    thumbnails.choose_frame(video, body.at_s)
    note(by, "thumbnail.frame", video, {"at_s": body.at_s})
    return _thumbnail(video)


@router.delete("/videos/{video_id}/thumbnail", status_code=204)
def delete_thumbnail(video: OwnVideo, by: By) -> None:
    """Show the automatic pictures again."""
    thumbnails.delete_thumbnail(video)
    note(by, "thumbnail.reset", video)


@router.get("/users/me/avatar", response_model=schemas.attachments.Avatar)
@raises("user_not_found")
def get_avatar(claims: SignedIn) -> dict[str, Any]:
    """One's picture."""
    return _avatar(users.get_user(claims.user_id))


@router.put(
    "/users/me/avatar",
    response_model=schemas.attachments.Avatar,
    openapi_extra=_PICTURES,
)
@raises(*BROKEN_PICTURE, (413, "too_large"), "user_not_found")
def upload_avatar(claims: SignedIn, data: FileBody) -> dict[str, Any]:
    """Make a picture one's own: as for thumbnails; its middle is taken, 256 × 256."""
    return _avatar(avatars.upload_avatar(users.get_user(claims.user_id), data))


@router.delete("/users/me/avatar", status_code=204)
@raises("user_not_found")
def delete_avatar(claims: SignedIn) -> None:
    """Take one's picture away."""
    avatars.delete_avatar(users.get_user(claims.user_id))


def _thumbnail(video: Video) -> dict[str, Any]:
    return thumbnails.describe(video, time.time())


def _avatar(user: User) -> dict[str, Any]:
    return {"avatar_url": avatars.avatar_url(user, time.time())}
