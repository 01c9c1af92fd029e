"""Roles that admins make, and the audit log."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from videosite.accounts import audit, roles
from videosite.accounts.permissions import ALL_PERMISSIONS, PERMISSIONS
from videosite.accounts.tokens import Claims
from videosite.pipeline.snapshot import iso_time
from videosite.realtime.channels import OTHERS
from videosite.realtime.eviction import close_sockets
from videosite.store.tables import AuditEntry, Role
from videosite.web import schemas
from videosite.web.auth import Allowed, By
from videosite.web.declared import raises
from videosite.web.routes import ROOT
from videosite.web.values import Moment, Whole

router = APIRouter(prefix=ROOT, tags=["administration"])

RoleManager = Annotated[Claims, Depends(Allowed("roles.manage"))]
Name = Annotated[str, Path(alias="role", max_length=100, examples=["curator"])]


@router.get("/admin/roles", response_model=schemas.administration.Roles)
def list_roles(_: Annotated[Claims, Depends(Allowed("users.read"))]) -> dict[str, Any]:
    """The roles there are, those that are always there first, and all permissions."""
    always = [
        {"role": name, "permissions": sorted(given), "description": "", "built_in": True}
        for name, given in PERMISSIONS.items()
    ]
    return {
        "roles": [*always, *(_role(one) for one in roles.list_all())],
        "permissions": sorted(ALL_PERMISSIONS),
    }


@router.put("/admin/roles/{role}", response_model=schemas.administration.Role)
@raises("bad_role_name", "unknown_permission", "built_in_role", "too_many_roles", "role_in_use")
def save_role(
    name: Name, body: schemas.administration.RoleBody, claims: RoleManager, by: By
) -> dict[str, Any]:
    """Make a role, or give one other permissions, of those one has oneself. Counts within a minute. Sockets
    are closed that hear what the role may hear no more."""
    old = roles.load(name)
    role = roles.save(by, claims.role, name, body.permissions, body.description, time.time())
    if old and (set(old.permissions or ()) - set(role.permissions or ())) & OTHERS:
        for user_id in roles.holders(name):
            close_sockets(user_id)
    return _role(role)


@router.delete("/admin/roles/{role}", status_code=204)
@raises("built_in_role", "role_not_found", "role_in_use")
def remove_role(name: Name, claims: RoleManager, by: By) -> None:
    """Remove a role that nobody has. 409 `role_in_use`."""
    roles.remove(by, claims.role, roles.find(name), time.time())


@router.get("/admin/audit", response_model=schemas.administration.AuditPage)
@raises("bad_cursor")
def list_audit(
    _: Annotated[Claims, Depends(Allowed("audit.read"))],
    actor_id: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    target: Annotated[
        str | None, Query(min_length=1, max_length=200, examples=["user#q8Zr1N0aXc4Jm2Lp"])
    ] = None,
    action: Annotated[str | None, Query(min_length=1, max_length=100, examples=["user.suspend"])] = None,
    since: Moment | None = None,
    until: Annotated[Moment | None, Query(description="Exclusive")] = None,
    limit: Annotated[int, Query(ge=1, le=100), Whole] = 20,
    cursor: Annotated[
        str | None, Query(max_length=100, description="`next_cursor` of the page before")
    ] = None,
) -> dict[str, Any]:
    """Who did what to which object, newest first, of the last 400 days."""
    wanted = audit.Filter(
        actor_id,
        action,
        target,
        since.timestamp() if since else None,
        until.timestamp() if until else None,
    )
    page = audit.list_page(wanted, limit, cursor, time.time())
    return {"entries": [_entry(one) for one in page.entries], "next_cursor": page.next_cursor}


def _role(one: Role) -> dict[str, Any]:
    return {
        "role": one.role,
        "permissions": sorted(one.permissions or ()),
        "description": one.description,
        "built_in": False,
    }


def _entry(one: AuditEntry) -> dict[str, Any]:
    return {
        "entry_id": one.entry_id,
        "at": iso_time(one.at_s),
        "actor_id": one.actor_id,
        "action": one.action,
        "target": one.target,
        "address": one.address,
        "request_id": one.request_id,
        "before": one.before,
        "after": one.after,
    }
