"""Accounts and signing in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from videosite.media.languages import canonical
from videosite.web.schemas.common import TIME, example
from videosite.web.values import Body

RoleName = Annotated[
    str,
    Field(
        pattern="^[a-z][a-z0-9_-]{1,31}$",
        description="`viewer`, `creator`, `moderator`, `admin`, or a role that admins made",
        examples=["creator"],
    ),
]
State = Literal["active", "unverified", "suspended"]
Email = Annotated[str, Field(max_length=300, examples=["ada@example.org"])]
Password = Annotated[str, Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])]
NewPassword = Annotated[str, Field(min_length=8, max_length=1024, examples=["correct horse battery staple"])]
Locale = Annotated[
    str,
    Field(
        pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
        description="BCP 47; the language of mails",
        examples=["zh-CN"],
    ),
    AfterValidator(canonical),
]
Key = Annotated[
    str, Field(min_length=1, max_length=200, examples=["q8Zr1N0aXc4Jm2LpkT0bC2mYw8Zr1N0aXc4Jm2Lp"])
]
REFRESH_TOKEN = "7sT0bC2mYw8Zr1N0aXc4Jm2L.kq3vT0bC2mYw8Zr1N0aXc4Jm2Lp"  # noqa: S105


class SignInOptions(BaseModel):
    registration: bool = Field(description="Whether people may register themselves")
    mails: bool = Field(description="Whether mails are sent: without them nobody gets a new password by one")


class Login(Body):
    email: Email
    password: Password


class Registration(Body):
    email: Email
    password: NewPassword
    locale: Locale | None = None


class Address(Body):
    email: Email


class Confirmation(Body):
    token: Key = Field(description="From the mail: what stands behind `#token=`")


class PasswordReset(Confirmation):
    password: NewPassword


class Refresh(Body):
    refresh_token: str = Field(min_length=1, max_length=1024, examples=[REFRESH_TOKEN])


class Tokens(BaseModel):
    """`access_token` goes into `Authorization: Bearer …` for `expires_in` seconds; `refresh_token` buys one
    new pair."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsImtpZCI6IjRhMzI1NzU5MzUwNiJ9.eyJpc3…"])
    refresh_token: str = Field(examples=[REFRESH_TOKEN])
    expires_in: int = Field(examples=[900])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class PasswordChange(Body):
    current_password: Password
    new_password: NewPassword


class Profile(Body):
    """What is left out stays; null or an empty text removes."""

    display_name: str | None = Field(None, max_length=100, examples=["Ada"])
    biography: str | None = Field(None, max_length=2000, examples=["Films about engines."])
    locale: Locale | None = None


class User(BaseModel):
    """An account, as its owner sees it."""

    user_id: str = Field(examples=["q8Zr1N0aXc4Jm2Lp"])
    email: str = Field(examples=["ada@example.org"])
    email_verified: bool
    role: RoleName
    permissions: list[str] = Field(description="What the role may do", examples=[["videos.create"]])
    display_name: str | None = Field(examples=["Ada"])
    biography: str | None = Field(examples=["Films about engines."])
    locale: str | None = Field(examples=["zh-CN"])
    avatar_url: str | None = Field(
        description="JPEG, 256 × 256",
        examples=["https://videos.example.org/m/MTgw….77ab…/avatars/q8Zr1N0aXc4Jm2Lp/Zk3a.jpg"],
    )
    created_at: datetime = Field(examples=[TIME])
    updated_at: datetime = Field(examples=[TIME])


class Session(BaseModel):
    model_config = example(
        session_id="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        current=True,
        address="192.0.2.1",
        agent="Mozilla/5.0",
        created_at=TIME,
        used_at=TIME,
        expires_at=TIME,
    )

    session_id: str
    current: bool = Field(description="Whether the access token that asks belongs to it")
    address: str | None = Field(description="Where it was used last")
    agent: str | None = Field(description="By what program, as that says itself")
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class Sessions(BaseModel):
    sessions: list[Session]
