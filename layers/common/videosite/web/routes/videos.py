"""Seeing videos, and changing what is said of them."""

import time
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pynamodb.transactions import TransactWrite

from videosite.accounts import audit
from videosite.accounts.audit import Actor
from videosite.accounts.permissions import has_permission
from videosite.accounts.tokens import Claims
from videosite.errors import NotFoundError, UnauthorizedError, changed
from videosite.library import downloads, lists, metadata, names, videos
from videosite.pipeline import deletion
from videosite.pipeline.snapshot import iso_time
from videosite.store.tables import Video
from videosite.web import schemas
from videosite.web.auth import Allowed, By, MaybeCaller, SignedIn
from videosite.web.codes import METADATA
from videosite.web.conditional import IfMatch, etag, require_match
from videosite.web.declared import raises, sends
from videosite.web.routes import ROOT
from videosite.web.values import Moment, Whole

router = APIRouter(prefix=ROOT, tags=["videos"])

VideoId = Annotated[int, Path(ge=1, lt=2**53, examples=[schemas.common.VIDEO_ID]), Whole]
Limit = Annotated[int, Query(ge=1, le=100), Whole]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before")]


Slug = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22}$", examples=["kq3vT0bC2mYw8Zr1N0aXc4"])]
Share = Annotated[
    str | None, Query(pattern="^[A-Za-z0-9_-]{22}$", description="`share_slug` of an unlisted video")
]
Codec = Annotated[Literal["h264", "av1"] | None, Query(alias="type", description="A codec among its own")]
Owner = Annotated[str | None, Query(min_length=1, max_length=64, description="A user's id")]


@raises("video_not_found", "not_yours")
def own_video(video_id: VideoId, claims: SignedIn) -> Video:
    """The video of a route, for its owner and those who manage everybody's."""
    return videos.load_owned(video_id, claims.user_id, has_permission(claims.role, "videos.manage_any"))


OwnVideo = Annotated[Video, Depends(own_video)]


def note(by: Actor, action: str, video: Video, what: dict[str, Any] | None = None) -> None:
    """What somebody does to another's video goes into the audit log."""
    if by.user_id != video.owner_id:
        audit.record(by, action, f"video#{video.video_id}", after=what)


@raises("video_not_found")
def seen_video(video_id: VideoId, claims: MaybeCaller, share: Share = None) -> Video:
    """The video of a route that everybody may use who may see it."""
    return _seen(video_id, claims, share)


@raises("video_not_found")
def seen_signed_in(video_id: VideoId, claims: SignedIn, share: Share = None) -> Video:
    """The same of a route for those who are signed in."""
    return _seen(video_id, claims, share)


def _seen(video_id: int, claims: Claims | None, share: str | None) -> Video:
    if share is not None:
        # Of a video that is public by now, the old address is as good as any.
        with suppress(NotFoundError):
            video = metadata.find_shared(share)
            if video.video_id == video_id:
                return video
    user_id = claims.user_id if claims else None
    return videos.load_visible(video_id, user_id, sees_all(claims))


SeenVideo = Annotated[Video, Depends(seen_video)]
SeenSignedIn = Annotated[Video, Depends(seen_signed_in)]


def sees_all(claims: Claims | None) -> bool:
    """Whether somebody may see everybody's videos."""
    return claims is not None and has_permission(claims.role, "videos.read_any")


def document_of(video: Video, response: Response) -> dict[str, Any]:
    """One video as it is sent, with its tag."""
    response.headers["ETag"] = etag(video.updated_at_s)
    (document,) = videos.describe([video], time.time())
    return document


def page_document(page: lists.Page) -> dict[str, Any]:
    """A page of videos as it is sent."""
    return {"videos": videos.describe(page.videos, time.time()), "next_cursor": page.next_cursor}


@raises("bad_language", "bad_tags")
def filters(
    status: Annotated[schemas.common.Status | None, Query()] = None,
    visibility: Annotated[schemas.videos.Visibility | None, Query()] = None,
    category: Annotated[schemas.videos.Category | None, Query()] = None,
    language: Annotated[str | None, Query(max_length=50, description="BCP 47")] = None,
    tag: Annotated[str | None, Query(max_length=200)] = None,
    q: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Whole words of title, tags or description, of two characters at least; newest first",
        ),
    ] = None,
    since: Annotated[Moment | None, Query(description="Made then or later")] = None,
    until: Annotated[Moment | None, Query(description="Made before")] = None,
    sort: Annotated[lists.Sort, Query(description="`duration` and `views`: the most first")] = "newest",
) -> lists.Wanted:
    """What a list of videos may be asked for."""
    return lists.Wanted(
        status=status,
        visibility=visibility,
        category=category,
        language=names.clean_language(language) if language else None,
        tag=next(iter(names.clean_tags([tag])), None) if tag else None,
        text=q or None,
        since_s=since.timestamp() if since else None,
        until_s=until.timestamp() if until else None,
        sort=sort,
    )


Filters = Annotated[lists.Wanted, Depends(filters)]


@router.get("/videos", response_model=schemas.videos.VideoPage)
@raises("not_signed_in", "bad_cursor", "bad_sort")
def list_videos(
    claims: MaybeCaller,
    wanted: Filters,
    scope: Annotated[Literal["own", "public"], Query(description="Whose videos")] = "own",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """One's own videos, or everybody's public ones. A page may be short, or empty, and have a next one."""
    if scope == "public":
        return page_document(lists.find(replace(wanted, public_only=True), limit, cursor))
    if claims is None:
        raise UnauthorizedError("not_signed_in", "Sign in to see your videos.")
    return page_document(lists.find(replace(wanted, owner_id=claims.user_id), limit, cursor))


@router.get("/videos/{video_id}", response_model=schemas.videos.Video)
@sends("ETag")
def get_video(video: SeenVideo, response: Response) -> dict[str, Any]:
    """A video: public ones for everybody, others for their owner and staff."""
    return document_of(video, response)


@router.get("/videos/shared/{slug}", response_model=schemas.videos.Video)
@raises("video_not_found")
@sends("ETag")
def get_shared_video(slug: Slug, response: Response, _: MaybeCaller) -> dict[str, Any]:
    """An unlisted video, for whoever was given its `share_slug`."""
    return document_of(metadata.find_shared(slug), response)


@router.patch("/videos/{video_id}", response_model=schemas.videos.Video)
@raises(*METADATA)
@sends("ETag")
def change_video(
    body: schemas.videos.VideoChange,
    video: OwnVideo,
    by: By,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change what is said of a video, and who may see it."""
    require_match(if_match, video.updated_at_s)
    before = _said(video)
    changed = metadata.change(video, metadata.Changes(**body.model_dump()), only_as_seen=if_match is not None)
    if by.user_id != video.owner_id:
        old, new = audit.changes(before, _said(changed))
        audit.record(by, "video.change", f"video#{video.video_id}", before=old, after=new)
    return document_of(changed, response)


def _said(video: Video) -> dict[str, Any]:
    fields = ("title", "description", "category", "language", "visibility")
    return {name: getattr(video, name) for name in fields} | {"tags": sorted(video.tags or ())}


@router.delete("/videos/{video_id}", status_code=202)
def delete_video(video: OwnVideo, by: By, if_match: IfMatch = None) -> None:
    """Delete a video with everything of it, for good. It is gone at once; what it took is removed within
    minutes, and what was under way within two hours."""
    require_match(if_match, video.updated_at_s)
    as_seen = Video.updated_at_s == video.updated_at_s if if_match is not None else None

    def note_it(write: TransactWrite) -> None:
        audit.record(by, "video.delete", f"video#{video.video_id}", write=write)

    if not deletion.begin(video, only_if=as_seen, also=note_it) and as_seen is not None:
        raise changed()


@router.get(
    "/videos/{video_id}/source",
    response_model=schemas.videos.Download,
)
@raises("nothing_uploaded")
def get_source(video: OwnVideo, by: By) -> dict[str, Any]:
    """An address to save the uploaded file from, under the video's title."""
    note(by, "video.source", video)
    url, expires_at_s = downloads.source(video, time.time())
    return {"url": url, "expires_at": iso_time(expires_at_s)}


# --- staff ------------------------------------------------------------------------------------------

Staff = Annotated[Claims, Depends(Allowed("videos.read_any"))]


@router.get("/admin/videos", response_model=schemas.videos.VideoPage)
@raises("bad_cursor", "bad_sort")
def list_all_videos(
    _: Staff,
    wanted: Filters,
    owner: Owner = None,
    type_: Codec = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Everybody's videos. A page may be short, or empty, and still have a next one."""
    return page_document(lists.find(replace(wanted, owner_id=owner, codec=type_), limit, cursor))
