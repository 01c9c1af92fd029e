"""Registering, signing in, and what has to do with mails."""

import time
from typing import Any

from fastapi import APIRouter

from videosite.accounts import audit, limits, login, registration, sessions, tokens
from videosite.accounts.audit import Actor
from videosite.accounts.sessions import Opened, ReusedTokenError
from videosite.settings import get_settings
from videosite.web import schemas
from videosite.web.auth import ANYONE, Asking, Stranger
from videosite.web.declared import raises
from videosite.web.limits import limited_by_address
from videosite.web.routes import ROOT

router = APIRouter(prefix=ROOT, tags=["accounts"])

PER_MAILBOX = limits.Rate(burst=5, interval_s=300)
"""Mails to one address, whoever asks for them."""


@router.get("/auth/options", dependencies=[ANYONE], response_model=schemas.accounts.SignInOptions)
def get_sign_in_options() -> dict[str, bool]:
    """What a sign-in page may offer besides signing in."""
    return {"registration": registration.is_open(), "mails": bool(get_settings().mail_from)}


@router.post(
    "/auth/register",
    status_code=202,
    dependencies=[ANYONE, limited_by_address("register", burst=10, interval_s=60)],
)
@raises("weak_password", "bad_email", "registration_closed", "rate_limited")
def register(body: schemas.accounts.Registration, by: Stranger) -> None:
    """Register. The answer is the same whether or not the address has an account; a mail says what to do.
    403 `registration_closed` where accounts are made by operators only."""
    _count_mail(body.email)
    registration.register(body.email, body.password, body.locale, by)


@router.post(
    "/auth/verify-email",
    status_code=204,
    dependencies=[ANYONE, limited_by_address("link", burst=20, interval_s=6)],
)
@raises("bad_link")
def verify_email(body: schemas.accounts.Confirmation, by: Stranger) -> None:
    """Confirm one's address by the token of the mail, which works once. 422 `bad_link`."""
    registration.verify(body.token, by, time.time())


@router.post(
    "/auth/verify-email/resend",
    status_code=202,
    dependencies=[ANYONE, limited_by_address("mail", burst=10, interval_s=60)],
)
@raises("bad_email")
def resend_verification(body: schemas.accounts.Address) -> None:
    """Have the mail sent again, if the address waits for one. The answer is the same for every address."""
    _count_mail(body.email)
    registration.ask("verify", body.email)


@router.post(
    "/auth/forgot-password",
    status_code=202,
    dependencies=[ANYONE, limited_by_address("mail", burst=10, interval_s=60)],
)
@raises("bad_email")
def forgot_password(body: schemas.accounts.Address) -> None:
    """Have a mail sent by which a new password can be set. The answer is the same for every address."""
    _count_mail(body.email)
    registration.ask("reset", body.email)


@router.post(
    "/auth/reset-password",
    status_code=204,
    dependencies=[ANYONE, limited_by_address("link", burst=20, interval_s=6)],
)
@raises("bad_link", "weak_password")
def reset_password(body: schemas.accounts.PasswordReset, asking: Asking, by: Stranger) -> None:
    """Set a new password by the token of the mail, which works once. Ends all sessions. 422 `bad_link`."""
    registration.reset_password(body.token, body.password, asking, by, time.time())


@router.post(
    "/auth/login",
    dependencies=[ANYONE],
    response_model=schemas.accounts.Tokens,
)
@raises("bad_credentials", "email_not_verified", "account_suspended", "rate_limited")
def sign_in(body: schemas.accounts.Login, asking: Asking, by: Stranger) -> dict[str, Any]:
    """Sign in with address and password. Failures are limited per account and per client's address: 429
    with Retry-After. 403 `email_not_verified` or `account_suspended` comes with the right password only."""
    opened = login.sign_in(body.email, body.password, asking, time.time())
    _note(by, "auth.login", opened)
    return token_pair(opened)


@router.post(
    "/auth/refresh",
    dependencies=[ANYONE],
    response_model=schemas.accounts.Tokens,
)
@raises("bad_refresh_token", "account_suspended")
def refresh(body: schemas.accounts.Refresh, asking: Asking, by: Stranger) -> dict[str, Any]:
    """Exchange a refresh token for a new pair; the old one works no more. Used again, it ends the session,
    unless the same client repeats itself within ten seconds, because the answer was lost."""
    try:
        return token_pair(sessions.rotate_session(body.refresh_token, asking, time.time()))
    except ReusedTokenError as error:
        audit.record(
            by,
            "auth.token_reused",
            f"user#{error.user_id}",
            after={"session_id": error.session_id},
        )
        raise


@router.post("/auth/logout", status_code=204, dependencies=[ANYONE])
def logout(body: schemas.accounts.Refresh, by: Stranger) -> None:
    """End the session that a refresh token belongs to. The same answer for every token. Its access token
    opens the API until it expires: 15 minutes at most."""
    session = sessions.close_session(body.refresh_token)
    if session is not None:
        actor = Actor(session.user_id, by.address, by.request_id)
        audit.record(
            actor, "auth.logout", f"user#{session.user_id}", before={"session_id": session.session_id}
        )


def token_pair(opened: Opened) -> dict[str, Any]:
    """What goes out to somebody whose session goes on."""
    return {
        "access_token": tokens.issue_access_token(opened.user, time.time(), opened.session_id),
        "refresh_token": opened.refresh_token,
        "expires_in": tokens.ACCESS_TOKEN_LIFE_S,
    }


def _note(by: Actor, action: str, opened: Opened) -> None:
    actor = Actor(opened.user.user_id, by.address, by.request_id)
    audit.record(actor, action, f"user#{actor.user_id}", after={"session_id": opened.session_id})


def _count_mail(email: str) -> None:
    limits.take(f"mailbox#{login.account_key(email)}", PER_MAILBOX, time.time())
