"""Who is calling, and whether they may. Every route says one of three things:

dependencies=[ANYONE]  or  claims: MaybeCaller      open to anyone
claims: SignedIn                                    for who is signed in
claims: Annotated[Claims, Depends(Allowed("…"))]    needs a permission
"""

import hmac
import time
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from videosite.accounts import standing
from videosite.accounts.audit import Actor
from videosite.accounts.permissions import require_permission
from videosite.accounts.sessions import Client
from videosite.accounts.tokens import Claims, verify_access_token
from videosite.errors import UnauthorizedError
from videosite.settings import require
from videosite.store.secrets import get_secret
from videosite.web.declared import raises

_bearer = HTTPBearer(
    auto_error=False, scheme_name="AccessToken", bearerFormat="JWT", description="From /auth/login"
)


@raises("bad_token", "expired_token", "session_ended", "account_suspended")
def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Claims | None:
    """The claims of the access token that came along, or None if none came.

    Raises:
        UnauthorizedError: one came and is not valid, even where none is needed.
    """
    return _identify(request, credentials.credentials) if credentials else None


def identify(request: Request) -> Claims | None:
    """As `caller`, for code that runs before a route's dependencies."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return _identify(request, token) if scheme.lower() == "bearer" and token else None


def _identify(request: Request, token: str) -> Claims:
    claims = verify_access_token(token, time.time())
    request.state.user_id = claims.user_id
    # What only reads may be a few seconds behind; what writes may not.
    return standing.check(claims, time.time(), fresh=request.method not in ("GET", "HEAD"))


@raises("not_signed_in")
def signed_in(claims: Annotated[Claims | None, Depends(caller)]) -> Claims:
    """The caller's claims.

    Raises:
        UnauthorizedError: `not_signed_in`.
    """
    if claims is None:
        raise UnauthorizedError("not_signed_in", "Sign in first.")
    return claims


def maybe_signed_in(claims: Annotated[Claims | None, Depends(caller)]) -> Claims | None:
    """The caller's claims, or None: the route is open to anyone."""
    return claims


@raises("forbidden")
class Allowed:
    """Dependency of a route that needs a permission: `claims: Annotated[Claims, Depends(Allowed("…"))]`."""

    def __init__(self, permission: str) -> None:
        self.permission = permission

    def __call__(self, claims: Annotated[Claims, Depends(signed_in)]) -> Claims:
        """The caller's claims.

        Raises:
            ForbiddenError: the caller's role lacks the permission.
        """
        require_permission(claims.role, self.permission)
        return claims


def client_address(request: Request) -> str:
    """Where a request comes from, by API Gateway's own word; or by the CDN's, behind which all requests
    come from it. Other headers are the client's to write."""
    seen = request.client.host if request.client else ""
    given = request.headers.get("x-cdn-secret")
    if given is None:
        return seen
    secret = get_secret(require("edge_secret_arn"))
    through_cdn = hmac.compare_digest(given.encode(), secret.encode())
    return request.headers.get("x-viewer-address", seen) if through_cdn else seen


def actor(request: Request, claims: Annotated[Claims | None, Depends(caller)]) -> Actor:
    """Who does what the route does, for the audit log."""
    nobody = stranger(request)
    return replace(nobody, user_id=claims.user_id) if claims else nobody


def stranger(request: Request) -> Actor:
    """The same where no token is looked at: an old one that comes along must not keep anybody from
    signing in."""
    context = request.scope.get("aws.context")
    return Actor("anonymous", client_address(request), getattr(context, "aws_request_id", None))


def client(request: Request) -> Client:
    """What is asking, for the list of sessions and for limits."""
    return Client(client_address(request), request.headers.get("user-agent", ""))


def anyone() -> None:
    """Says that a route is open to anyone, and that this is meant."""


ANYONE = Depends(anyone)
"""For routes that ask nobody who they are."""

MaybeCaller = Annotated[Claims | None, Depends(maybe_signed_in)]
"""For routes that anybody may use, and that show more to some."""

SignedIn = Annotated[Claims, Depends(signed_in)]
"""For routes about the caller alone."""

By = Annotated[Actor, Depends(actor)]
"""For routes that leave a trace in the audit log."""

Stranger = Annotated[Actor, Depends(stranger)]
"""The same, for routes that do not look at tokens."""

Asking = Annotated[Client, Depends(client)]
"""For routes that note or count where somebody asks from."""
