"""Uploaded subtitle tracks. Who may see the video may read them, who may change it may change them."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from videosite.library import captions, subtitles
from videosite.store.tables import Subtitle
from videosite.web import schemas
from videosite.web.auth import By
from videosite.web.bodies import FileBody, accepts
from videosite.web.codes import BROKEN_SUBTITLES
from videosite.web.declared import raises
from videosite.web.routes import ROOT
from videosite.web.routes.videos import OwnVideo, SeenVideo, note
from videosite.web.values import Truth, Whole

router = APIRouter(prefix=f"{ROOT}/videos/{{video_id}}/subtitles", tags=["subtitles"])

Language = Annotated[str, Path(min_length=2, max_length=35, examples=["zh-Hant"])]
_VTT = {"schema": {"type": "string"}, "example": "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"}
_ORIGINAL = {
    "schema": {"type": "string", "format": "binary"},
    "example": "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
}


@router.get("", response_model=schemas.attachments.SubtitleList)
def list_subtitles(video: SeenVideo) -> dict[str, Any]:
    """The tracks that were uploaded. Those of the file itself are in `transcode-status`."""
    return {"subtitles": subtitles.describe(captions.load_tracks(video.video_id), time.time())}


@router.put(
    "/{language}",
    response_model=schemas.attachments.Subtitle,
    openapi_extra=accepts("application/octet-stream"),
)
@raises(
    *BROKEN_SUBTITLES,
    "bad_language",
    "bad_label",
    "too_many_tracks",
    (413, "too_large"),
    (409, "changed_meanwhile"),
)
def upload_subtitle(
    video: OwnVideo,
    by: By,
    language: Language,
    data: FileBody,
    format: Annotated[
        schemas.attachments.SubtitleFormat | None, Query(description="Found out unless it is named")
    ] = None,
    encoding: Annotated[str | None, Query(max_length=40, description="Found out unless it is named")] = None,
    label: Annotated[str | None, Query(max_length=200, description="Without it, the language's name")] = None,
    default: Annotated[Truth, Query(description="Shown unasked")] = False,
    shift_ms: Annotated[int, Query(ge=-3_600_000, le=3_600_000, description="Later by so much"), Whole] = 0,
) -> dict[str, Any]:
    """Add a language's track, or replace it: SRT, WebVTT, ASS, SSA, SBV or TTML as the body, at most 2 MiB.

    A broken file is refused with the line and the reason. Players see the track when they load the video
    anew.
    """
    row = subtitles.upload_subtitle(
        video.video_id,
        language,
        data,
        format=format,
        encoding=encoding,
        label=label,
        default=default,
        shift_ms=shift_ms,
    )
    note(by, "subtitles.upload", video, {"language": row.language})
    return _document(row)


@router.patch("/{language}", response_model=schemas.attachments.Subtitle)
@raises(*BROKEN_SUBTITLES, "bad_language", "bad_label", "subtitle_not_found", (409, "changed_meanwhile"))
def change_subtitle(
    video: OwnVideo, by: By, language: Language, body: schemas.attachments.SubtitleChange
) -> dict[str, Any]:
    """Change a track's label, shift or encoding, or make it the default."""
    said = body.model_dump(exclude_none=True)
    row = subtitles.change_subtitle(video.video_id, language, **said)
    note(by, "subtitles.change", video, {"language": row.language, **said})
    return _document(row)


@router.delete("/{language}", status_code=204)
@raises("bad_language", "subtitle_not_found", (409, "changed_meanwhile"))
def delete_subtitle(video: OwnVideo, by: By, language: Language) -> None:
    """Remove a track and what was uploaded for it."""
    subtitles.delete_subtitle(video.video_id, language)
    note(by, "subtitles.delete", video, {"language": language})


@router.get("/{language}/vtt", response_class=Response, responses={200: {"content": {"text/vtt": _VTT}}})
@raises("bad_language", "subtitle_not_found")
def get_subtitle_vtt(video: SeenVideo, language: Language) -> Response:
    """A track's WebVTT."""
    row = subtitles.get_subtitle(video.video_id, language)
    data = subtitles.read_file(row, original=False)
    return Response(data, media_type=captions.VTT_TYPE, headers=_attachment(row, "vtt"))


@router.get(
    "/{language}/original",
    response_class=Response,
    responses={200: {"content": {subtitles.ORIGINAL_TYPE: _ORIGINAL}}},
)
@raises("bad_language", "subtitle_not_found")
def get_subtitle_original(video: OwnVideo, language: Language) -> Response:
    """What was uploaded for a track, byte by byte."""
    row = subtitles.get_subtitle(video.video_id, language)
    data = subtitles.read_file(row, original=True)
    return Response(data, media_type=subtitles.ORIGINAL_TYPE, headers=_attachment(row, row.format))


def _attachment(row: Subtitle, form: str) -> dict[str, str]:
    name = f"video_{row.video_id}_{row.language}.{form}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _document(row: Subtitle) -> dict[str, Any]:
    (document,) = subtitles.describe([row], time.time())
    return document
