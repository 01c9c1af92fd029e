"""Views that count, positions to resume from, history."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request

from videosite.accounts.limits import network_of
from videosite.library import history, videos, views
from videosite.pipeline.snapshot import iso_time
from videosite.store.tables import Video, Watched
from videosite.web import schemas
from videosite.web.auth import MaybeCaller, SignedIn, client_address
from videosite.web.declared import raises
from videosite.web.limits import limited
from videosite.web.routes import ROOT
from videosite.web.routes.videos import Cursor, Limit, SeenSignedIn, SeenVideo, VideoId, sees_all

router = APIRouter(prefix=ROOT, tags=["viewing"])

# A page of videos that play by themselves is one viewer's; a machine's loop is not.
SOMETIMES = limited("views", burst=60, interval_s=2)
Agent = Annotated[str, Header(alias="User-Agent", include_in_schema=False)]


def viewer_of(request: Request, claims: MaybeCaller, agent: Agent = "") -> views.Viewer:
    """Who views."""
    return views.Viewer(claims.user_id if claims else None, network_of(client_address(request)), agent)


Viewer = Annotated[views.Viewer, Depends(viewer_of)]


@router.post(
    "/videos/{video_id}/plays",
    dependencies=[SOMETIMES],
    response_model=schemas.viewing.Play,
)
def start_play(video: SeenVideo, viewer: Viewer) -> dict[str, Any]:
    """Say that play began."""
    return {"play_token": views.start(video, viewer), "count_after_s": views.count_after_s(video)}


@router.post(
    "/videos/{video_id}/views",
    dependencies=[SOMETIMES],
    response_model=schemas.viewing.ViewCounted,
)
@raises("bad_play_token", "too_soon")
def count_view(body: schemas.viewing.Played, video: SeenVideo, viewer: Viewer) -> dict[str, bool]:
    """Say that it was played for `count_after_s` seconds: it is counted once a day for each viewer."""
    return {"counted": views.count_view(video, body.play_token, viewer)}


@router.get("/videos/{video_id}/position", response_model=schemas.viewing.Position)
def get_position(claims: SignedIn, video: SeenSignedIn) -> dict[str, Any]:
    """Where one stopped watching: at 0, with no `watched_at`, if one never watched it."""
    entry = history.load(claims.user_id, video.video_id)
    if entry is None:
        # No error: browsers write every 404 into their console, and a first visit is none.
        return {"video_id": video.video_id, "position_s": 0.0, "watched_at": None}
    return _position(entry)


@router.put("/videos/{video_id}/position", response_model=schemas.viewing.Position)
def set_position(body: schemas.viewing.NewPosition, claims: SignedIn, video: SeenSignedIn) -> dict[str, Any]:
    """Remember where one is, for other devices and for the history."""
    return _position(history.note(claims.user_id, video, body.position_s))


@router.get("/users/me/history", response_model=schemas.viewing.HistoryPage)
@raises("bad_cursor")
def list_history(claims: SignedIn, limit: Limit = 20, cursor: Cursor = None) -> dict[str, Any]:
    """What one watched."""
    page = history.list_page(claims.user_id, limit, cursor)
    found = {row.video_id: row for row in Video.batch_get([entry.video_id for entry in page.entries])}
    shown = [
        (entry, found[entry.video_id])
        for entry in page.entries
        if entry.video_id in found and videos.may_see(found[entry.video_id], claims.user_id, sees_all(claims))
    ]
    documents = videos.describe([video for _, video in shown], time.time())
    entries = [
        {"video": document, "position_s": entry.position_s, "watched_at": iso_time(entry.watched_at_s)}
        for (entry, _), document in zip(shown, documents, strict=True)
    ]
    return {"entries": entries, "next_cursor": page.next_cursor}


@router.delete("/users/me/history", status_code=204)
def clear_history(claims: SignedIn) -> None:
    """Forget everything one watched, and where one stopped."""
    history.clear(claims.user_id)


@router.delete("/users/me/history/{video_id}", status_code=204)
def forget_watched(video_id: VideoId, claims: SignedIn) -> None:
    """Take one video off one's history."""
    history.forget(claims.user_id, video_id)


def _position(entry: Watched) -> dict[str, Any]:
    return {
        "video_id": entry.video_id,
        "position_s": entry.position_s,
        "watched_at": iso_time(entry.watched_at_s),
    }
