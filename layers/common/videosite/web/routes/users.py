"""Accounts, as admins manage them."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from videosite.accounts import administration, roles, users
from videosite.accounts.administration import Manager
from videosite.accounts.tokens import Claims
from videosite.errors import ConflictError
from videosite.library import avatars, history, lists
from videosite.pipeline import quotas
from videosite.pipeline.snapshot import iso_time
from videosite.realtime.eviction import close_sockets
from videosite.store.tables import User
from videosite.web import schemas
from videosite.web.auth import Allowed, By
from videosite.web.conditional import IfMatch, etag, require_match
from videosite.web.declared import raises, sends
from videosite.web.idempotency import IDEMPOTENT, IdempotentRoute
from videosite.web.routes import ROOT
from videosite.web.values import Whole
from videosite.webhooks import registry

router = APIRouter(prefix=ROOT, tags=["users"], route_class=IdempotentRoute)


def manager(claims: Annotated[Claims, Depends(Allowed("users.manage"))], by: By) -> Manager:
    """Who changes accounts, with the role that limits it."""
    return Manager(by, claims.role)


@raises("user_not_found")
def account(user_id: Annotated[str, Path(max_length=100)]) -> User:
    """The account of the path.

    Raises:
        NotFoundError: `user_not_found`.
    """
    return users.get_user(user_id)


Managing = Annotated[Manager, Depends(manager)]
Account = Annotated[User, Depends(account)]


@router.get("/admin/users", response_model=schemas.administration.UserPage)
@raises("bad_cursor")
def list_users(
    _: Annotated[Claims, Depends(Allowed("users.read"))],
    role: schemas.accounts.RoleName | None = None,
    state: schemas.accounts.State | None = None,
    email: Annotated[str, Query(max_length=254, description="How the address begins")] = "",
    limit: Annotated[int, Query(ge=1, le=100), Whole] = 20,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before")
    ] = None,
) -> dict[str, Any]:
    """Accounts by address. A change may take a second to show. A page may be short and still have a next
    one."""
    page = administration.list_page(role, state, email, limit, cursor)
    return {"users": [_user(user) for user in page.users], "next_cursor": page.next_cursor}


@router.post(
    "/admin/users",
    status_code=201,
    dependencies=[IDEMPOTENT],
    response_model=schemas.administration.AdminUser,
)
@raises("bad_email", "weak_password", "bad_role", "email_taken")
@sends("Location", "ETag")
def create_user(
    body: schemas.administration.NewUser,
    claims: Annotated[Claims, Depends(Allowed("users.create"))],
    by: By,
    response: Response,
) -> dict[str, Any]:
    """Make an account for somebody, in a role that may do no more than one's own."""
    roles.check_assignable(body.role, claims.role)
    user = users.create_user(body.email, body.password, body.role, time.time(), by)
    response.headers["Location"] = f"{ROOT}/admin/users/{user.user_id}"
    return _tagged(user, response)


@router.get(
    "/admin/users/{user_id}",
    response_model=schemas.administration.AdminUser,
)
@sends("ETag")
def get_user(
    _: Annotated[Claims, Depends(Allowed("users.read"))], user: Account, response: Response
) -> dict[str, Any]:
    """One account."""
    return _tagged(user, response)


@router.patch(
    "/admin/users/{user_id}",
    response_model=schemas.administration.AdminUser,
)
@raises("bad_role", "last_admin")
@sends("ETag")
def change_user(
    managing: Managing,
    user: Account,
    body: schemas.administration.UserChange,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change somebody's role or quotas: what is given. Another role counts at once, and closes their sockets.
    409 `last_admin`."""
    require_match(if_match, users.tag_time_s(user))
    wanted = {}
    if body.role is not None:
        wanted["role"] = body.role
    if body.quota is not None:
        given = body.quota.model_dump(exclude_unset=True)
        wanted |= {f"quota_{name}": value for name, value in given.items()}
    had = user.role
    administration.change(managing, user, wanted, time.time(), only_as_seen=if_match is not None)
    if user.role != had:
        close_sockets(user.user_id)
    return _tagged(user, response)


@router.post(
    "/admin/users/{user_id}/suspend",
    response_model=schemas.administration.AdminUser,
)
@raises("last_admin", "unverified")
@sends("ETag")
def suspend_user(
    managing: Managing,
    user: Account,
    response: Response,
    body: schemas.administration.Suspension | None = None,
) -> dict[str, Any]:
    """Keep somebody out: sessions and sockets end, nothing they send is taken. Their videos stay.
    409 `last_admin`; `unverified`, the address was never confirmed, so nobody can sign in with it."""
    administration.suspend(managing, user, body.reason if body else "", time.time())
    close_sockets(user.user_id)
    return _tagged(user, response)


@router.post(
    "/admin/users/{user_id}/restore",
    response_model=schemas.administration.AdminUser,
)
@raises("not_suspended")
@sends("ETag")
def restore_user(managing: Managing, user: Account, response: Response) -> dict[str, Any]:
    """Let somebody in again. 409 `not_suspended`."""
    administration.restore(managing, user, time.time())
    return _tagged(user, response)


@router.delete("/admin/users/{user_id}", status_code=204)
@raises("user_owns_videos", "last_admin")
def delete_user(managing: Managing, user: Account, if_match: IfMatch = None) -> None:
    """Remove an account with its sessions, sockets, webhooks, history and avatar. Asked again, it does what
    is left. 409 `user_owns_videos` while there are videos of theirs, `last_admin`."""
    require_match(if_match, users.tag_time_s(user))
    administration.check_manageable(managing, user)
    if lists.owns_any(user.user_id):
        raise ConflictError("user_owns_videos", "Videos belong to this account; delete them first.")
    only_as_seen = if_match is not None
    if user.state == "active":
        administration.shut(managing, user, time.time(), only_as_seen=only_as_seen)
        only_as_seen = False
    close_sockets(user.user_id)
    registry.remove_all(user.user_id)
    history.clear(user.user_id)
    quotas.forget(user.user_id)
    avatars.remove_all(user.user_id)
    administration.delete(managing, user, time.time(), only_as_seen=only_as_seen)


def _tagged(user: User, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(users.tag_time_s(user))
    return _user(user)


def _user(user: User) -> dict[str, Any]:
    return {
        "user_id": user.user_id,
        "email": user.email,
        "role": user.role,
        "state": user.state,
        "suspended_reason": user.suspended_reason,
        "display_name": user.display_name,
        "quota": {
            "storage_bytes": user.quota_storage_bytes,
            "minutes": user.quota_minutes,
            "parallel_jobs": user.quota_parallel_jobs,
        },
        "created_at": iso_time(user.created_at_s),
        "updated_at": iso_time(users.tag_time_s(user)),
    }
