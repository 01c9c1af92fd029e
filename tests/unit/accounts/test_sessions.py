"""Refresh tokens: each works once, for thirty days, and is stored nowhere."""

from threading import Lock

import pytest

from videosite.accounts.sessions import SESSION_LIFE_S, open_session, rotate_session
from videosite.errors import UnauthorizedError
from videosite.store.tables import Session, User


@pytest.fixture
def ada(aws: None) -> User:
    user = User("ada", email="ada@example.org", role="creator", created_at_s=1.0)
    user.save()
    return user


def refused(token: str, now_s: float = 1000.0) -> bool:
    with pytest.raises(UnauthorizedError) as caught:
        rotate_session(token, now_s)
    return caught.value.code == "bad_refresh_token"


def test_a_session_goes_on_with_another_token(ada: User) -> None:
    first = open_session(ada, 0.0)
    user, second = rotate_session(first, 1000.0)
    assert user.user_id == "ada"
    assert second != first
    assert refused(first)
    assert rotate_session(second, 1000.0)[0].user_id == "ada"
    assert Session.count() == 1


def test_tokens_are_not_stored(ada: User) -> None:
    token = open_session(ada, 0.0)
    (session,) = Session.scan()
    assert token not in str(session.to_dynamodb_dict())
    assert len(session.session_id) == 64


def test_thirty_days_without_refreshing_end_it(ada: User) -> None:
    assert SESSION_LIFE_S == 30 * 86_400
    token = open_session(ada, 0.0)
    assert refused(token, SESSION_LIFE_S)
    assert rotate_session(token, SESSION_LIFE_S - 1)


@pytest.mark.parametrize("token", ["", "x", "\ud83d", "x" * 5000])
def test_nonsense_is_refused(ada: User, token: str) -> None:
    assert refused(token)


def test_a_removed_account_stays_out(ada: User) -> None:
    token = open_session(ada, 0.0)
    ada.delete()
    assert refused(token)


def test_of_two_uses_at_once_one_wins(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = open_session(ada, 0.0)
    get, lock = Session.get, Lock()
    raced: list[str] = []

    def other_first(key: str, consistent_read: bool) -> Session:
        session = get(key, consistent_read=consistent_read)
        with lock:
            first = not raced
            raced.append(key)
        if first:
            rotate_session(token, 1000.0)
        return session

    monkeypatch.setattr(Session, "get", other_first)
    assert refused(token)
    assert Session.count() == 1
