"""Who is calling, and whether they may. Every route names its permission, or says that it needs none."""

import time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

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
    if credentials is None:
        return None
    claims = verify_access_token(credentials.credentials, time.time())
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


MaybeCaller = Annotated[Claims | None, Depends(caller)]
"""For routes that anybody may use, and that show more to some."""

SignedIn = Annotated[Claims, Depends(signed_in)]
"""For routes about the caller alone."""
