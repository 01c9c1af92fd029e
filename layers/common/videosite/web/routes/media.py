"""Playlists and manifests under `/m/{token}/`. All else there is an object and comes from the CDN."""

import gzip
import hashlib
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from videosite.library import playback
from videosite.web.declared import raises, sends
from videosite.web.routes.videos import VideoId

router = APIRouter(prefix="/m/{token}/videos/{video_id}/{asset_key}", tags=["media"])

GZIP_FROM_BYTES = 1000
_VTT = "text/vtt"


def _serves(*kinds: str) -> dict[int | str, dict[str, Any]]:
    content = {kind: {"schema": {"type": "string"}, "example": _EXAMPLES[kind]} for kind in kinds}
    return {200: {"content": content}, 304: {"description": "Not changed: If-None-Match has its ETag"}}


_EXAMPLES = {
    playback.HLS_TYPE: "#EXTM3U\n#EXT-X-VERSION:7\n…",
    playback.DASH_TYPE: '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" …',
    _VTT: "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
}


@raises("bad_media_token", "expired_media_token", "media_not_found")
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
@router.get("/master.m3u8", response_class=Response, responses=_serves(playback.HLS_TYPE))
@raises("not_ready")
@sends("ETag")
def get_master_playlist(asset: OpenAsset, request: Request) -> Response:
    """The HLS master playlist. 404 `not_ready` with Retry-After until the first seconds are there."""
    return _send(request, playback.render_master(asset))


@router.head("/manifest.mpd", include_in_schema=False)
@router.get("/manifest.mpd", response_class=Response, responses=_serves(playback.DASH_TYPE))
@raises("not_ready")
@sends("ETag")
def get_manifest(asset: OpenAsset, request: Request) -> Response:
    """The DASH manifest over the same segments."""
    return _send(request, playback.render_manifest(asset))


@router.head("/{rendition}/live.m3u8", include_in_schema=False)
@router.get("/{rendition}/live.m3u8", response_class=Response, responses=_serves(playback.HLS_TYPE))
@raises("not_ready")
@sends("ETag")
def get_growing_playlist(
    asset: OpenAsset, rendition: Annotated[str, Path(max_length=40)], request: Request
) -> Response:
    """A rendition's media playlist, which grows while the video is transcoded."""
    return _send(request, playback.render_growing(asset, rendition))


@router.head("/captions/{file}", include_in_schema=False)
@router.get("/captions/{file}", response_class=Response, responses=_serves(playback.HLS_TYPE, _VTT))
@raises("not_ready")
@sends("ETag")
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
