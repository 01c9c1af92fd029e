"""One's own account: profile, password, sessions."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from videosite.accounts import audit, login, passwords, sessions, users
from videosite.accounts.audit import Actor
from videosite.accounts.permissions import permissions_of
from videosite.errors import ForbiddenError
from videosite.library import avatars
from videosite.pipeline.snapshot import iso_time
from videosite.realtime.eviction import close_sockets
from videosite.store.tables import Session, User
from videosite.web import schemas
from videosite.web.auth import Asking, By, SignedIn
from videosite.web.conditional import IfMatch, etag, require_match
from videosite.web.declared import raises, sends
from videosite.web.limits import limited
from videosite.web.routes import ROOT
from videosite.web.routes.accounts import token_pair

router = APIRouter(prefix=ROOT, tags=["accounts"])


@router.get("/users/me", response_model=schemas.accounts.User)
@raises("user_not_found")
@sends("ETag")
def get_me(claims: SignedIn, response: Response) -> dict[str, Any]:
    """The account that is signed in."""
    user = users.get_user(claims.user_id)
    response.headers["ETag"] = etag(users.tag_time_s(user))
    return _user(user)


@router.patch("/users/me", response_model=schemas.accounts.User)
@raises("bad_display_name", "user_not_found")
@sends("ETag")
def change_me(
    body: schemas.accounts.Profile, claims: SignedIn, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change one's profile: what is given."""
    user = users.get_user(claims.user_id)
    require_match(if_match, users.tag_time_s(user))
    wanted = body.model_dump(exclude_unset=True)
    users.change_profile(user, wanted, time.time(), only_as_seen=if_match is not None)
    response.headers["ETag"] = etag(users.tag_time_s(user))
    return _user(user)


@router.post(
    "/users/me/password",
    dependencies=[limited("password", burst=5, interval_s=60)],
    response_model=schemas.accounts.Tokens,
)
@raises("wrong_password", "weak_password", "changed_meanwhile", "user_not_found")
def change_password(
    body: schemas.accounts.PasswordChange, claims: SignedIn, asking: Asking, by: By
) -> dict[str, Any]:
    """Set another password. Ends every other session, and sockets and access tokens at once: go on with the
    pair that comes back. 403 `wrong_password`."""
    user, now_s = users.get_user(claims.user_id), time.time()
    if not passwords.verify_password(user.password_hash, body.current_password):
        raise ForbiddenError("wrong_password", "This is not your present password.")
    users.set_password(user, passwords.hash_password(body.new_password), by, now_s)
    sessions.remove_sessions(user.user_id)
    close_sockets(user.user_id)
    login.note_known(user.email, asking, now_s)
    return token_pair(sessions.open_session(user, asking, now_s))


@router.post("/auth/logout-everywhere", status_code=204)
def logout_everywhere(claims: SignedIn, by: By) -> None:
    """End all of one's sessions, sockets and access tokens at once, this one too."""
    end_everything(claims.user_id)
    _note(by, "auth.logout_everywhere")


@router.get("/users/me/sessions", response_model=schemas.accounts.Sessions)
def list_sessions(claims: SignedIn) -> dict[str, Any]:
    """Where one is signed in, the newest first."""
    found = sessions.list_sessions(claims.user_id, time.time())
    return {"sessions": [_session(one, claims.session_id) for one in found]}


@router.delete("/users/me/sessions/{session_id}", status_code=204)
@raises("session_not_found")
def end_session(session_id: Annotated[str, Path(max_length=100)], claims: SignedIn, by: By) -> None:
    """Sign out in one place. Its access token opens the API until it expires: 15 minutes at most."""
    sessions.end_session(claims.user_id, session_id)
    _note(by, "auth.end_session", {"session_id": session_id})


def end_everything(user_id: str) -> None:
    """Sign a user out everywhere, at once."""
    users.end_tokens(user_id)
    sessions.remove_sessions(user_id)
    close_sockets(user_id)


def _note(by: Actor, action: str, before: dict[str, Any] | None = None) -> None:
    audit.record(by, action, f"user#{by.user_id}", before=before)


def _user(user: User) -> dict[str, Any]:
    return {
        "user_id": user.user_id,
        "email": user.email,
        "email_verified": user.state != "unverified",
        "role": user.role,
        "permissions": sorted(permissions_of(user.role)),
        "display_name": user.display_name,
        "avatar_url": avatars.avatar_url(user, time.time()),
        "biography": user.biography,
        "locale": user.locale,
        "created_at": iso_time(user.created_at_s),
        "updated_at": iso_time(users.tag_time_s(user)),
    }


def _session(one: Session, current: str | None) -> dict[str, Any]:
    return {
        "session_id": one.session_id,
        "current": one.session_id == current,
        "address": one.address or None,
        "agent": one.agent or None,
        "created_at": iso_time(one.created_at_s),
        "used_at": iso_time(one.used_at_s),
        "expires_at": iso_time(one.expires_at_s),
    }
