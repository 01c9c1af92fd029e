"""Accounts and signing in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, example

Role = Literal["viewer", "creator", "moderator", "admin"]
Email = Annotated[str, Field(max_length=300, examples=["ada@example.org"])]


class Login(BaseModel):
    email: Email
    password: str = Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])


class Refresh(BaseModel):
    refresh_token: str = Field(min_length=1, max_length=1024, examples=["kq3vT0bC2mYw8Zr1N0aXc4Jm2Lp"])


class Tokens(BaseModel):
    """`access_token` goes into `Authorization: Bearer …` for `expires_in` seconds; `refresh_token` buys one
    new pair."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsImtpZCI6IjRhMzI1NzU5MzUwNiJ9.eyJpc3…"])
    refresh_token: str = Field(examples=["kq3vT0bC2mYw8Zr1N0aXc4Jm2Lp"])
    expires_in: int = Field(examples=[900])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class NewUser(BaseModel):
    email: Email
    password: str = Field(min_length=8, max_length=1024, examples=["correct horse battery staple"])
    role: Role = "viewer"


class User(BaseModel):
    model_config = example(
        user_id="q8Zr1N0aXc4Jm2Lp", email="ada@example.org", role="creator", created_at=TIME
    )

    user_id: str
    email: str
    role: Role
    created_at: datetime
