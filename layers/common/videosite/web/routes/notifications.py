"""What people were told, and telling them something."""

import time
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query

from videosite.accounts import audit, users
from videosite.accounts.tokens import Claims
from videosite.pipeline.snapshot import iso_time
from videosite.realtime import announcements, notices
from videosite.store.tables import Announcement
from videosite.web import schemas
from videosite.web.auth import Allowed, By, SignedIn
from videosite.web.declared import raises
from videosite.web.routes import ROOT
from videosite.web.values import Whole

router = APIRouter(prefix=ROOT, tags=["notifications"])


@router.get("/notifications", response_model=schemas.notifications.NotificationPage)
@raises("bad_cursor")
def list_notifications(
    claims: SignedIn,
    limit: Annotated[int, Query(ge=1, le=100), Whole] = 20,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> dict[str, Any]:
    """What one was told in the last seven days, newest first: one's transcodes' ends, system messages."""
    page = notices.list_page(claims.user_id, claims.role, limit, cursor, time.time())
    return {"notifications": page.notifications, "unread": page.unread, "next_cursor": page.next_cursor}


@router.post("/notifications/read", response_model=schemas.notifications.Unread)
def mark_notifications_read(body: schemas.notifications.NotificationIds, claims: SignedIn) -> dict[str, int]:
    """Mark notifications as read; unknown ids change nothing."""
    return {"unread": notices.mark_read(claims.user_id, claims.role, body.ids, time.time())}


@router.post("/notifications/read-all", response_model=schemas.notifications.Unread)
def mark_all_notifications_read(claims: SignedIn) -> dict[str, int]:
    """Mark every notification as read."""
    return {"unread": notices.mark_all_read(claims.user_id, claims.role, time.time())}


# --- operators --------------------------------------------------------------------------------------

Announcer = Annotated[Claims, Depends(Allowed("messages.announce"))]


@router.post(
    "/admin/system-messages",
    status_code=201,
    response_model=schemas.notifications.SystemMessage,
)
@raises("user_not_found", "bad_schedule", "bad_audience")
def create_system_message(
    body: schemas.notifications.NewSystemMessage,
    claims: Announcer,
    by: By,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=200, description="Of the client's making")
    ] = None,
) -> dict[str, Any]:
    """Tell everybody, the admins or one user something: now, or within a minute of `starts_at`. Who comes
    before `expires_at` is told, too. Asked again with the same Idempotency-Key, it is said once."""
    if body.user_id is not None:
        users.get_user(body.user_id)
    announcement = announcements.announce(
        body.message,
        body.level,
        body.audience,
        body.user_id,
        _unix_s(body.starts_at),
        _unix_s(body.expires_at),
        time.time(),
        f"{claims.user_id}#{key}" if key else None,
    )
    after = {"message": body.message, "audience": body.audience, "user_id": body.user_id}
    audit.record(by, "system_message.create", f"system_message#{announcement.seq}", after=after)
    return _system_message(announcement)


@router.get(
    "/admin/system-messages",
    response_model=schemas.notifications.SystemMessages,
)
def list_system_messages(_: Announcer) -> dict[str, Any]:
    """System messages to come, valid and past, newest first."""
    return {"messages": [_system_message(one) for one in announcements.list_all(time.time())]}


@router.delete("/admin/system-messages/{message_id}", status_code=204)
@raises("message_not_found")
def withdraw_system_message(
    message_id: Annotated[int, Path(ge=1, lt=2**53), Whole], _: Announcer, by: By
) -> None:
    """Say it to nobody any more. Who was told keeps it in the list of notifications."""
    announcements.withdraw(message_id)
    audit.record(by, "system_message.withdraw", f"system_message#{message_id}")


def _unix_s(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _system_message(one: Announcement) -> dict[str, Any]:
    return {
        "message_id": one.seq,
        "message": one.text,
        "level": one.level,
        "audience": one.audience,
        "user_id": one.user_id,
        "starts_at": iso_time(one.starts_at_s),
        "expires_at": iso_time(one.ends_at_s),
        "created_at": iso_time(one.created_at_s),
        "sent": one.sent,
    }
