"""Who may open a socket: the bearer of an access token, or of a ticket bought with one.

A ticket is used once and within a minute, so an address that ends up in a log or a history opens nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass

from pynamodb.transactions import TransactWrite

from videosite.accounts import standing
from videosite.accounts.tokens import Claims, verify_access_token
from videosite.errors import ForbiddenError, UnauthorizedError
from videosite.store.tables import Ticket, User
from videosite.store.transactions import applied

TICKET_LIFE_S = 60


@dataclass(frozen=True)
class Bearer:
    """Who a token or a ticket speaks for, and until when."""

    user_id: str
    role: str
    until_s: float
    """The end of the access token, be it shown itself or used to buy the ticket."""
    token_version: int = 0
    """The token's."""


def issue_ticket(claims: Claims, now_s: float) -> str:
    """A ticket for the bearer of an access token; it is nowhere stored itself."""
    ticket = secrets.token_urlsafe(32)
    Ticket(
        _ticket_id(ticket),
        user_id=claims.user_id,
        role=claims.role,
        token_version=claims.token_version,
        until_s=claims.expires_at_s,
        expires_at_s=now_s + TICKET_LIFE_S,
    ).save()
    return ticket


def identify(token: str, connection_id: str, now_s: float) -> Bearer:
    """The bearer of an access token, or of a ticket, which is used up by this connection.

    Raises:
        UnauthorizedError: `bad_token`, `expired_token`, `session_ended`; `bad_ticket`: unknown,
            expired or used.
        ForbiddenError: `account_suspended`.
    """
    if "." not in token:  # Every JWT has dots and no ticket has any.
        return _redeem(token, connection_id, now_s)
    claims = standing.check(verify_access_token(token, now_s), now_s)
    return Bearer(claims.user_id, claims.role, claims.expires_at_s, claims.token_version)


def require_unchanged(write: TransactWrite, bearer: Bearer) -> None:
    """Have a transaction fail if the account is not as it was when its bearer was identified."""
    write.condition_check(
        User,
        bearer.user_id,
        condition=(User.token_version == bearer.token_version)
        & (User.role == bearer.role)
        & (User.state != "suspended"),
    )


def confirm(bearer: Bearer) -> None:
    """Nothing, if the account is as it was when its bearer was identified.

    Raises:
        UnauthorizedError: `session_ended`.
        ForbiddenError: `account_suspended`; `forbidden`, in another role.
    """
    if _active(bearer.user_id, bearer.token_version).role != bearer.role:
        raise ForbiddenError("forbidden", "Your role changed meanwhile; connect again.")


def _redeem(ticket: str, connection_id: str, now_s: float) -> Bearer:
    row = Ticket(_ticket_id(ticket))
    # The same connection may use it again: its event came twice.
    unused = Ticket.used_by.does_not_exist() | (Ticket.used_by == connection_id)
    good = applied(
        lambda: row.update(
            actions=[Ticket.used_by.set(connection_id)],
            # Time-to-live deletes late, so expiry is part of the condition.
            condition=(Ticket.expires_at_s > now_s) & unused,
        )
    )
    if not good:
        raise UnauthorizedError("bad_ticket", "This ticket is unknown, expired or used; get a new one.")
    account = _active(row.user_id, row.token_version)
    return Bearer(row.user_id, account.role, row.until_s, row.token_version)


def _active(user_id: str, token_version: int) -> standing.Standing:
    account = standing.load(user_id)
    # A password that was changed since, or a logout everywhere, ends tickets as it ends tokens.
    if account is None or account.token_version != token_version:
        raise standing.session_ended()
    standing.require_active(account.state)
    return account


def _ticket_id(ticket: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()
