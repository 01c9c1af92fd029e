"""Tickets: used once, within a minute, by one connection."""

import pytest

from tests.unit.realtime.factories import NOW_S
from videosite.accounts.tokens import Claims
from videosite.errors import ForbiddenError, UnauthorizedError
from videosite.realtime.tickets import TICKET_LIFE_S, Bearer, identify, issue_ticket
from videosite.store.tables import Ticket, User


@pytest.fixture(autouse=True)
def ada(aws: None) -> User:
    """Who buys them."""
    user = User("ada", email="ada@example.org", role="creator", created_at_s=1.0)
    user.save()
    return user


CLAIMS = Claims("ada", "creator", "ada@example.org", NOW_S + 900)


def refused(ticket: str, connection_id: str = "c1=", now_s: float = NOW_S) -> bool:
    try:
        identify(ticket, connection_id, now_s)
    except UnauthorizedError as error:
        return error.code == "bad_ticket"
    return False


def test_a_ticket_speaks_for_its_buyer_as_long_as_the_token() -> None:
    assert identify(issue_ticket(CLAIMS, NOW_S), "c1=", NOW_S) == Bearer("ada", "creator", NOW_S + 900)


def test_it_opens_one_socket() -> None:
    ticket = issue_ticket(CLAIMS, NOW_S)
    assert not refused(ticket, "c1=")
    assert refused(ticket, "c2=")
    assert not refused(ticket, "c1=")  # the same event again


def test_it_lasts_a_minute() -> None:
    assert not refused(issue_ticket(CLAIMS, NOW_S), now_s=NOW_S + TICKET_LIFE_S - 0.1)
    assert refused(issue_ticket(CLAIMS, NOW_S), now_s=NOW_S + TICKET_LIFE_S)


@pytest.mark.parametrize("ticket", ["x", "\ud800", "汉" * 500])
def test_unknown_ones_are_refused(ticket: str) -> None:
    assert refused(ticket)
    assert Ticket.count() == 0


def test_the_table_does_not_hold_it() -> None:
    ticket = issue_ticket(CLAIMS, NOW_S)
    assert ticket not in str([row.attribute_values for row in Ticket.scan()])


def test_its_bearer_is_looked_at_again(ada: User) -> None:
    ticket = issue_ticket(CLAIMS, NOW_S)
    ada.update([User.role.set("admin")])
    assert identify(ticket, "c1=", NOW_S).role == "admin"
    ada.update([User.state.set("suspended")])
    with pytest.raises(ForbiddenError) as suspended:
        identify(ticket, "c1=", NOW_S)
    assert suspended.value.code == "account_suspended"
    ada.delete()
    with pytest.raises(UnauthorizedError) as gone:
        identify(ticket, "c1=", NOW_S)
    assert gone.value.code == "session_ended"


def test_it_ends_with_the_tokens_of_its_buyer(ada: User) -> None:
    ticket = issue_ticket(CLAIMS, NOW_S)
    ada.update([User.token_version.add(1)])
    with pytest.raises(UnauthorizedError, match="session_ended"):
        identify(ticket, "c1=", NOW_S)
