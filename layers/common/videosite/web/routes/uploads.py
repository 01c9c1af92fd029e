"""Making a video and getting its file into storage."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from videosite.accounts.tokens import Claims
from videosite.library import uploads, videos
from videosite.library.metadata import Changes
from videosite.web import schemas
from videosite.web.auth import Allowed, By
from videosite.web.codes import METADATA
from videosite.web.declared import raises, sends
from videosite.web.idempotency import IDEMPOTENT, IdempotentRoute
from videosite.web.limits import limited
from videosite.web.routes import ROOT
from videosite.web.routes.videos import OwnVideo, note

router = APIRouter(prefix=ROOT, tags=["uploads"], route_class=IdempotentRoute)


@router.post(
    "/videos",
    status_code=201,
    dependencies=[IDEMPOTENT, limited("videos.create", burst=30, interval_s=2)],
    response_model=schemas.videos.VideoCreated,
)
@raises(*METADATA, "too_large", "quota_exceeded")
@sends("Location")
def create_video(
    body: schemas.videos.NewVideo,
    response: Response,
    claims: Annotated[Claims, Depends(Allowed("videos.create"))],
) -> dict[str, Any]:
    """Make a video and learn how to upload its file: one form up to 64 MiB, parts above."""
    video, upload = uploads.create(
        claims.user_id,
        body.title,
        body.filename,
        body.size_bytes,
        body.visibility,
        Changes(description=body.description, tags=body.tags, category=body.category, language=body.language),
        ladder=body.ladder,
        normalize=body.normalize,
    )
    response.headers["Location"] = f"{ROOT}/videos/{video.video_id}"
    (document,) = videos.describe([video], time.time())
    return {"video": document, "upload": _upload(upload)}


def _upload(upload: uploads.FormUpload | uploads.PartsUpload) -> dict[str, Any]:
    if isinstance(upload, uploads.FormUpload):
        return {"kind": "post", "key": upload.key, "url": upload.url, "fields": upload.fields}
    return {
        "kind": "multipart",
        "key": upload.key,
        "upload_id": upload.upload_id,
        "part_size_bytes": upload.part_size_bytes,
        "part_count": upload.part_count,
        "parts": _parts(upload.parts),
    }


def _parts(parts: list[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"number": number, "url": url} for number, url in parts]


@router.get(
    "/videos/{video_id}/upload",
    response_model=schemas.videos.UploadState,
)
@raises("upload_ended", "no_open_upload")
def get_upload(video: OwnVideo) -> dict[str, Any]:
    """How to go on with an upload, for a client that remembers nothing of it."""
    upload, stored = uploads.resume(video)
    return {
        "upload": _upload(upload),
        "stored": [
            {"number": part.number, "etag": part.etag, "size_bytes": part.size_bytes} for part in stored
        ],
    }


@router.post(
    "/videos/{video_id}/upload/parts",
    response_model=schemas.videos.PartPage,
)
@raises("no_open_upload", "bad_part_number")
def sign_parts(body: schemas.videos.PartNumbers, video: OwnVideo) -> dict[str, Any]:
    """Addresses for more parts of a multipart upload, or fresh ones for parts whose address expired."""
    return {"parts": _parts(uploads.sign_parts(video, body.numbers))}


@router.post(
    "/videos/{video_id}/upload/complete",
    status_code=202,
    response_model=schemas.videos.Video,
)
@raises("upload_incomplete", "bad_parts")
def complete_upload(
    video: OwnVideo, by: By, body: schemas.videos.UploadCompleted | None = None
) -> dict[str, Any]:
    """Say that the file is in storage; the transcode begins. Saying it again does no harm."""
    uploads.complete(video, [(part.number, part.etag) for part in body.parts] if body else [])
    note(by, "video.upload", video)
    (document,) = videos.describe([video], time.time())
    return document


@router.delete("/videos/{video_id}/upload", status_code=204)
@raises("upload_ended")
def abort_upload(video: OwnVideo, by: By) -> None:
    """Give up an upload; the video goes with it."""
    uploads.abort(video)
    note(by, "video.delete", video)
