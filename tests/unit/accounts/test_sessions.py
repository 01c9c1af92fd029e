"""Sessions: each refresh token works once, for thirty days, and is stored nowhere; a second use ends all."""

import pytest

from videosite.accounts import sessions
from videosite.accounts.sessions import (
    MOST_SESSIONS,
    REPEAT_S,
    SESSION_LIFE_S,
    Client,
    Opened,
    ReusedTokenError,
    close_session,
    end_session,
    list_sessions,
    open_session,
    remove_sessions,
    rotate_session,
)
from videosite.errors import ForbiddenError, NotFoundError, TooManyError, UnauthorizedError
from videosite.store.tables import Session, User

HERE, ELSEWHERE = Client("192.0.2.1", "Firefox"), Client("198.51.100.1", "Firefox")


@pytest.fixture
def ada(aws: None) -> User:
    user = User("ada", email="ada@example.org", role="creator", created_at_s=1.0)
    user.save()
    return user


def refused(token: str, now_s: float = 1000.0, client: Client = HERE) -> str:
    """How a token is refused: `unknown`, or `reused`, which ends its session."""
    with pytest.raises(UnauthorizedError) as caught:
        rotate_session(token, client, now_s)
    assert caught.value.code == "bad_refresh_token"
    return "reused" if isinstance(caught.value, ReusedTokenError) else "unknown"


def opened(user: User, now_s: float = 0.0) -> Opened:
    return open_session(user, HERE, now_s)


def test_a_session_goes_on_with_another_token(ada: User) -> None:
    first = opened(ada)
    second = rotate_session(first.refresh_token, HERE, 1000.0)
    assert second.user.user_id == "ada"
    assert second.session_id == first.session_id
    assert second.refresh_token != first.refresh_token
    assert rotate_session(second.refresh_token, ELSEWHERE, 1001.0).user.user_id == "ada"
    assert Session.count() == 1


def test_tokens_are_not_stored(ada: User) -> None:
    first = opened(ada)
    second = rotate_session(first.refresh_token, HERE, 5.0)
    (session,) = Session.scan()
    for token in (first.refresh_token, second.refresh_token):
        for part in (token, *token.split(".")):
            assert part not in str(session.to_dynamodb_dict())


def test_thirty_days_without_refreshing_end_it(ada: User) -> None:
    assert SESSION_LIFE_S == 30 * 86_400
    token = opened(ada).refresh_token
    assert refused(token, SESSION_LIFE_S) == "unknown"
    assert rotate_session(token, HERE, SESSION_LIFE_S - 1)


@pytest.mark.parametrize("token", ["", "x", ".", "a.b", "\ud83d.x", "x" * 5000])
def test_nonsense_is_refused(ada: User, token: str) -> None:
    assert refused(token) == "unknown"


def test_a_removed_account_stays_out(ada: User) -> None:
    token = opened(ada).refresh_token
    ada.delete()
    assert refused(token) == "unknown"


def test_a_suspended_account_stays_out(ada: User) -> None:
    token = opened(ada).refresh_token
    ada.update([User.state.set("suspended")])
    with pytest.raises(ForbiddenError) as caught:
        rotate_session(token, HERE, 5.0)
    assert caught.value.code == "account_suspended"


# --- used twice -------------------------------------------------------------------------------------


def test_the_thief_first_then_the_owner_ends_it_for_both(ada: User) -> None:
    stolen = opened(ada).refresh_token
    thiefs = rotate_session(stolen, ELSEWHERE, 100.0).refresh_token
    assert refused(stolen, 101.0, HERE) == "reused"
    assert refused(thiefs, 102.0, ELSEWHERE) == "unknown"
    assert Session.count() == 0


def test_the_owner_first_then_the_thief_ends_it_for_both(ada: User) -> None:
    stolen = opened(ada).refresh_token
    owners = rotate_session(stolen, HERE, 100.0).refresh_token
    assert refused(stolen, 500.0, ELSEWHERE) == "reused"
    assert refused(owners, 501.0, HERE) == "unknown"


def test_a_token_of_long_ago_ends_it_too(ada: User) -> None:
    first = token = opened(ada).refresh_token
    for number in range(1, 6):
        token = rotate_session(token, HERE, number * 900.0).refresh_token
    assert refused(first, 5000.0) == "reused"
    assert refused(token, 5001.0) == "unknown"


def test_other_sessions_go_on(ada: User) -> None:
    one, other = opened(ada), opened(ada)
    rotate_session(one.refresh_token, HERE, 100.0)
    assert refused(one.refresh_token, 200.0) == "reused"
    assert rotate_session(other.refresh_token, HERE, 201.0)


def test_an_honest_repeat_whose_answer_was_lost(ada: User) -> None:
    token = opened(ada).refresh_token
    lost = rotate_session(token, HERE, 100.0).refresh_token
    second = rotate_session(token, HERE, 100.0 + REPEAT_S).refresh_token
    assert lost != second
    assert rotate_session(second, HERE, 1000.0)


def test_both_answers_of_a_repeat_work_until_one_is_exchanged(ada: User) -> None:
    """Two tabs asked at once, and the one that was answered first keeps its answer."""
    token = opened(ada).refresh_token
    first = rotate_session(token, HERE, 100.0).refresh_token
    second = rotate_session(token, HERE, 101.0).refresh_token
    assert rotate_session(first, HERE, 1000.0)
    assert refused(second, 1011.0) == "reused"


@pytest.mark.parametrize(
    ("client", "after_s"),
    [(ELSEWHERE, 1.0), (Client(HERE.address, "curl"), 1.0), (HERE, REPEAT_S + 1)],
    ids=["another address", "another program", "too late"],
)
def test_what_is_no_honest_repeat(ada: User, client: Client, after_s: float) -> None:
    token = opened(ada).refresh_token
    rotate_session(token, HERE, 100.0)
    assert refused(token, 100.0 + after_s, client) == "reused"


def test_repeats_have_an_end(ada: User) -> None:
    token = opened(ada).refresh_token
    """Many windows that ask at once are no thief: some of them wait."""
    for _ in range(5):
        latest = rotate_session(token, HERE, 100.0).refresh_token
    with pytest.raises(TooManyError):
        rotate_session(token, HERE, 100.0)
    assert rotate_session(latest, HERE, 101.0)


def test_of_two_uses_at_once_by_strangers_both_lose(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = opened(ada).refresh_token
    load, raced = sessions._load, list[str]()

    def other_first(session_id: str) -> Session | None:
        session = load(session_id)
        if not raced:
            raced.append(session_id)
            rotate_session(token, ELSEWHERE, 1000.0)
        return session

    monkeypatch.setattr(sessions, "_load", other_first)
    assert refused(token) == "reused"
    assert Session.count() == 0


def test_a_refresh_beside_signing_out_is_no_theft(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = opened(ada).refresh_token
    load, raced = sessions._load, list[str]()

    def sign_out_first(session_id: str) -> Session | None:
        session = load(session_id)
        if session and not raced:
            raced.append(session_id)
            close_session(token)
        return session

    monkeypatch.setattr(sessions, "_load", sign_out_first)
    assert refused(token) == "unknown"


def test_a_user_has_so_many_sessions(ada: User) -> None:
    """What is used stays, however old."""
    first = opened(ada, 0.0)
    forgotten = opened(ada, 1.0)
    for number in range(MOST_SESSIONS - 2):
        opened(ada, 2.0 + number)
    token = rotate_session(first.refresh_token, HERE, 500.0).refresh_token
    opened(ada, 1000.0)
    assert len(list_sessions("ada", 1001.0)) == MOST_SESSIONS
    assert refused(forgotten.refresh_token, 1001.0) == "unknown"
    assert rotate_session(token, HERE, 1001.0)


def test_who_knows_a_sessions_id_cannot_end_it(ada: User) -> None:
    session = opened(ada)
    assert refused(f"{session.session_id}.x") == "unknown"
    assert close_session(f"{session.session_id}.x") is None
    assert rotate_session(session.refresh_token, HERE, 5.0)


# --- ending -----------------------------------------------------------------------------------------


def test_signing_out_ends_all_tokens_of_a_session(ada: User) -> None:
    first = opened(ada).refresh_token
    second = rotate_session(first, HERE, 5.0).refresh_token
    closed = close_session(first)
    assert closed is not None
    assert closed.user_id == "ada"
    assert refused(second) == "unknown"
    assert close_session(first) is None
    assert close_session("nonsense") is None


def test_sessions_are_listed_with_where_they_were_used_last(ada: User) -> None:
    first = opened(ada, 0.0)
    rotate_session(first.refresh_token, ELSEWHERE, 50.0)
    opened(ada, 10.0)
    listed = list_sessions("ada", 100.0)
    assert [(s.created_at_s, s.used_at_s, s.address, s.agent) for s in listed] == [
        (10.0, 10.0, "192.0.2.1", "Firefox"),
        (0.0, 50.0, "198.51.100.1", "Firefox"),
    ]
    assert list_sessions("bob", 100.0) == []
    late = list_sessions("ada", SESSION_LIFE_S + 20.0)
    assert [session.created_at_s for session in late] == [0.0]


def test_ones_own_session_can_be_ended(ada: User) -> None:
    session = opened(ada)
    for user_id, session_id in [("bob", session.session_id), ("ada", "unknown")]:
        with pytest.raises(NotFoundError):
            end_session(user_id, session_id)
    end_session("ada", session.session_id)
    assert refused(session.refresh_token) == "unknown"


def test_all_end_with_the_accounts_version(ada: User) -> None:
    """Though the index they are found by has not shown the newest yet."""
    session = opened(ada)
    ada.update([User.token_version.add(1)])
    assert refused(session.refresh_token) == "unknown"
    assert Session.count() == 0
    assert rotate_session(opened(ada).refresh_token, HERE, 5.0)


def test_all_are_removed_at_once(ada: User) -> None:
    for number in range(3):
        opened(ada, float(number))
    remove_sessions("ada")
    assert Session.count() == 0


def test_a_programs_name_is_cut(ada: User) -> None:
    open_session(ada, Client("192.0.2.1", "x" * 5000), 0.0)
    (session,) = Session.scan()
    assert len(session.agent or "") == 200
