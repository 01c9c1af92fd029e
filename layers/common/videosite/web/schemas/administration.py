"""Accounts, roles and the audit log, as admins see them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from videosite.web.schemas.accounts import Email, NewPassword, RoleName, State
from videosite.web.schemas.common import TIME, example
from videosite.web.values import Body

Quota = Annotated[int, Field(ge=0, lt=2**53)]
Permission = Annotated[str, Field(max_length=100, examples=["videos.create"])]


class NewUser(Body):
    email: Email
    password: NewPassword
    role: RoleName = "viewer"


class Quotas(Body):
    """Null: the installation's default."""

    storage_bytes: Quota | None = Field(None, examples=[100_000_000_000])
    minutes: Quota | None = Field(None, description="Of video, in a calendar month (UTC)", examples=[600])
    parallel_jobs: Quota | None = Field(None, examples=[2])


class UserChange(Body):
    """What is left out stays."""

    role: RoleName | None = None
    quota: Quotas | None = Field(None, description="Of its fields, too, what is left out stays")


class Suspension(Body):
    reason: str = Field("", max_length=500, description="For other admins", examples=["Spam"])


class AdminUser(BaseModel):
    """An account, as admins see it."""

    model_config = example(
        user_id="q8Zr1N0aXc4Jm2Lp",
        email="ada@example.org",
        role="creator",
        state="active",
        suspended_reason=None,
        display_name="Ada",
        quota={"storage_bytes": 100_000_000_000, "minutes": None, "parallel_jobs": 2},
        created_at=TIME,
        updated_at=TIME,
    )

    user_id: str
    email: str
    role: RoleName
    state: State
    suspended_reason: str | None
    display_name: str | None
    quota: Quotas
    created_at: datetime
    updated_at: datetime


class UserPage(BaseModel):
    users: list[AdminUser]
    next_cursor: str | None


class RoleBody(Body):
    permissions: list[Permission] = Field(max_length=100, examples=[["videos.create", "videos.read_any"]])
    description: str = Field("", max_length=200, examples=["Looks at everything"])


class Role(RoleBody):
    role: str = Field(examples=["curator"])
    built_in: bool = Field(description="Always there and always the same")


class Roles(BaseModel):
    roles: list[Role]
    permissions: list[str] = Field(description="All there are", examples=[["videos.create"]])


class AuditEntry(BaseModel):
    """One thing that somebody did."""

    model_config = example(
        entry_id="19ca9d2a2c05f0e1d2c3b4a",
        at=TIME,
        actor_id="q8Zr1N0aXc4Jm2Lp",
        action="user.suspend",
        target="user#bC2mYw8Zr1N0aXc4",
        address="192.0.2.1",
        request_id="5d3f6f0e-0c1e-4b55-9d6e-3f1f3b0c9d10",
        before={"state": "active", "suspended_reason": None},
        after={"state": "suspended", "suspended_reason": "Spam"},
    )

    entry_id: str
    at: datetime
    actor_id: str = Field(description="A user; `anonymous`; `operator`; `system`")
    action: str
    target: str
    address: str | None
    request_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(BaseModel):
    entries: list[AuditEntry]
    next_cursor: str | None
