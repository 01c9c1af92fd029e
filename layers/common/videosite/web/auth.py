"""Who is calling, and whether they may. Every route names its permission, or says that it needs none."""

import time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from videosite.accounts.audit import Actor
from videosite.accounts.permissions import require_permission
from videosite.accounts.tokens import Claims, verify_access_token
from videosite.errors import UnauthorizedError

_bearer = HTTPBearer(
    auto_error=False, scheme_name="AccessToken", bearerFormat="JWT", description="From /auth/login"
)


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
    return claims


def signed_in(claims: Annotated[Claims | None, Depends(caller)]) -> Claims:
    """The caller's claims.

    Raises:
        UnauthorizedError: `not_signed_in`.
    """
    if claims is None:
        raise UnauthorizedError("not_signed_in", "Sign in first.")
    return claims


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
    """Where a request comes from, by API Gateway's own word: headers are the client's to write."""
    return request.client.host if request.client else ""


def actor(request: Request, claims: Annotated[Claims | None, Depends(caller)]) -> Actor:
    """Who does what the route does, for the audit log."""
    context = request.scope.get("aws.context")
    return Actor(
        claims.user_id if claims else "anonymous",
        client_address(request),
        getattr(context, "aws_request_id", None),
    )


MaybeCaller = Annotated[Claims | None, Depends(caller)]
"""For routes that anybody may use, and that show more to some."""

SignedIn = Annotated[Claims, Depends(signed_in)]
"""For routes about the caller alone."""

By = Annotated[Actor, Depends(actor)]
"""For routes that leave a trace in the audit log."""
