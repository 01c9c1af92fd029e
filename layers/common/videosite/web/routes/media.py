"""Playlists and manifests under `/m/{token}/`. All else there is an object and comes from the CDN."""

import gzip
import hashlib
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from videosite.library import playback
from videosite.web.openapi import problems
from videosite.web.routes.videos import VideoId

router = APIRouter(prefix="/m/{token}/videos/{video_id}/{asset_key}", tags=["media"])

GZIP_FROM_BYTES = 1000
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {playback.HLS_TYPE: {}, playback.DASH_TYPE: {}, "text/vtt": {}}},
    304: {"description": "Not changed"},
    **problems(403, 404),
}


def open_asset(
    token: Annotated[str, Path(max_length=500)],
    video_id: VideoId,
    asset_key: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
) -> playback.Asset:
    """The media that the address names and the token opens."""
    playback.check_token(token, f"videos/{video_id}/{asset_key}/", time.time())
    return playback.find_asset(video_id, asset_key)


OpenAsset = Annotated[playback.Asset, Depends(open_asset)]


@router.head("/master.m3u8", include_in_schema=False)
@router.get("/master.m3u8", response_class=Response, responses=_RESPONSES)
def get_master_playlist(asset: OpenAsset, request: Request) -> Response:
    """The HLS master playlist. 404 `not_ready` with Retry-After until the first seconds are there."""
    return _send(request, playback.render_master(asset))


@router.head("/manifest.mpd", include_in_schema=False)
@router.get("/manifest.mpd", response_class=Response, responses=_RESPONSES)
def get_manifest(asset: OpenAsset, request: Request) -> Response:
    """The DASH manifest over the same segments."""
    return _send(request, playback.render_manifest(asset))


@router.head("/{rendition}/live.m3u8", include_in_schema=False)
@router.get("/{rendition}/live.m3u8", response_class=Response, responses=_RESPONSES)
def get_growing_playlist(
    asset: OpenAsset, rendition: Annotated[str, Path(max_length=40)], request: Request
) -> Response:
    """A rendition's media playlist, which grows while the video is transcoded."""
    return _send(request, playback.render_growing(asset, rendition))


@router.head("/captions/{file}", include_in_schema=False)
@router.get("/captions/{file}", response_class=Response, responses=_RESPONSES)
def get_caption_file(
    asset: OpenAsset,
    file: Annotated[str, Path(max_length=80, examples=["en.0f3a5c7e9b1d2f4a.vtt"])],
    request: Request,
) -> Response:
    """An uploaded subtitle track: its playlist or its WebVTT, by the names that the lists have."""
    return _send(request, playback.render_caption(asset, file))


def _send(request: Request, rendered: playback.Rendered) -> Response:
    """The list, or 304 if the client has it; compressed where that pays."""
    body = rendered.text.encode()
    # Weak, since the compressed and the plain body share it.
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={rendered.max_age_s}",
        "Vary": "Accept-Encoding",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if len(body) >= GZIP_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=rendered.content_type)
