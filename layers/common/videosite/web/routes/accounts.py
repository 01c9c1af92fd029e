"""Signing in, and who one is."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from videosite.accounts import sessions, tokens, users
from videosite.accounts.tokens import Claims
from videosite.pipeline.snapshot import iso_time
from videosite.store.tables import User
from videosite.web import schemas
from videosite.web.auth import Allowed, SignedIn
from videosite.web.openapi import problems
from videosite.web.routes import ROOT

router = APIRouter(prefix=ROOT, tags=["accounts"])


@router.post("/auth/login", response_model=schemas.accounts.Tokens, responses=problems(401))
def login(body: schemas.accounts.Login) -> dict[str, Any]:
    """Sign in with address and password."""
    user = users.authenticate(body.email, body.password)
    return _tokens(user, sessions.open_session(user))


@router.post("/auth/refresh", response_model=schemas.accounts.Tokens, responses=problems(401))
def refresh(body: schemas.accounts.Refresh) -> dict[str, Any]:
    """Exchange a refresh token for a new pair; the old one works no more."""
    user, refresh_token = sessions.rotate_session(body.refresh_token)
    return _tokens(user, refresh_token)


def _tokens(user: User, refresh_token: str) -> dict[str, Any]:
    return {
        "access_token": tokens.issue_access_token(user, time.time()),
        "refresh_token": refresh_token,
        "expires_in": tokens.ACCESS_TOKEN_LIFE_S,
    }


@router.get("/users/me", response_model=schemas.accounts.User, responses=problems(401))
def get_me(claims: SignedIn) -> dict[str, Any]:
    """The account that is signed in."""
    return _user(users.get_user(claims.user_id))


@router.post(
    "/admin/users", status_code=201, response_model=schemas.accounts.User, responses=problems(401, 403, 409)
)
def create_user(
    body: schemas.accounts.NewUser, _: Annotated[Claims, Depends(Allowed("users.create"))]
) -> dict[str, Any]:
    """Make an account for somebody."""
    return _user(users.create_user(body.email, body.password, body.role, time.time()))


def _user(user: User) -> dict[str, Any]:
    return {
        "user_id": user.user_id,
        "email": user.email,
        "role": user.role,
        "created_at": iso_time(user.created_at_s),
    }
