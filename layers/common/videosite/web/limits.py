"""Limits on routes that cost something, per user or per address.

    @router.post("/things", dependencies=[limited("things.create", burst=20, interval_s=3)], …)

Beyond: 429 `rate_limited` with Retry-After. Those who are signed in are counted by user, others by address.
"""

import time
from typing import Annotated, Any

from fastapi import Depends, Request

from videosite.accounts import limits
from videosite.accounts.tokens import Claims
from videosite.web.auth import caller, client_address
from videosite.web.declared import raises


@raises("rate_limited")
class Limited:
    """Dependency of a route: so many requests at once, then one every `interval_s`."""

    def __init__(self, name: str, rate: limits.Rate) -> None:
        self.name = name
        self.rate = rate

    def __call__(self, request: Request, claims: Annotated[Claims | None, Depends(caller)]) -> None:
        """Nothing, while there is room.

        Raises:
            TooManyError: `rate_limited`.
        """
        if claims is None:
            LimitedByAddress(self.name, self.rate)(request)
        else:
            limits.take(f"{self.name}#user#{claims.user_id}", self.rate, time.time())


@raises("rate_limited")
class LimitedByAddress:
    """The same where no token is looked at."""

    def __init__(self, name: str, rate: limits.Rate) -> None:
        self.name = name
        self.rate = rate

    def __call__(self, request: Request) -> None:
        """Nothing, while there is room.

        Raises:
            TooManyError: `rate_limited`.
        """
        network = limits.network_of(client_address(request))
        limits.take(f"{self.name}#address#{network}", self.rate, time.time())


def limited(name: str, burst: int, interval_s: float) -> Any:
    """What goes into a route's `dependencies`."""
    return Depends(Limited(name, limits.Rate(burst, interval_s)))


def limited_by_address(name: str, burst: int, interval_s: float) -> Any:
    """The same for routes that are open to anyone."""
    return Depends(LimitedByAddress(name, limits.Rate(burst, interval_s)))
