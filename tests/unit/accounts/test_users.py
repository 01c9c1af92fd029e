"""Accounts: one per address, found by password only."""

import pytest
from argon2 import PasswordHasher

from videosite.accounts import passwords
from videosite.accounts.users import authenticate, create_user, get_user
from videosite.errors import BadInputError, ConflictError, NotFoundError, UnauthorizedError
from videosite.store.tables import User


@pytest.fixture(autouse=True)
def cheap_hashes(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with so little work that tests need not wait for it."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


def test_an_account_is_found_by_its_address_in_any_case() -> None:
    user = create_user(" Ada@Example.org ", "correct horse", "creator", 5.0)
    assert authenticate("ADA@example.ORG", "correct horse").user_id == user.user_id
    stored = get_user(user.user_id)
    assert (stored.email, stored.role, stored.created_at_s) == ("ada@example.org", "creator", 5.0)
    assert "correct horse" not in str(stored.password_hash)


def test_an_address_is_taken_once() -> None:
    create_user("ada@example.org", "correct horse", "viewer")
    with pytest.raises(ConflictError) as caught:
        create_user("Ada@example.org", "another one", "admin")
    assert caught.value.code == "email_taken"
    assert User.count() == 2  # the account and its reservation


@pytest.mark.parametrize(
    ("email", "password", "role", "code"),
    [
        ("ada", "correct horse", "viewer", "bad_email"),
        ("ada@@example.org", "correct horse", "viewer", "bad_email"),
        ("ada @example.org", "correct horse", "viewer", "bad_email"),
        (f"{'a' * 250}@b.org", "correct horse", "viewer", "bad_email"),
        ("ada@example.org", "1234567", "viewer", "weak_password"),
        ("ada@example.org", "1" * 1025, "viewer", "weak_password"),
        ("ada@example.org", "correct horse", "root", "bad_role"),
    ],
)
def test_bad_accounts_are_refused(email: str, password: str, role: str, code: str) -> None:
    with pytest.raises(BadInputError) as caught:
        create_user(email, password, role)
    assert caught.value.code == code
    assert User.count() == 0


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong horse"),
        ("ada@example.org", ""),
        ("ada@example.org", "correct horse" + "x" * 5000),
        ("bob@example.org", "correct horse"),
        ("not an address", "correct horse"),
        ("email#ada@example.org", "correct horse"),
    ],
)
def test_wrong_credentials_all_look_the_same(email: str, password: str) -> None:
    create_user("ada@example.org", "correct horse", "viewer")
    with pytest.raises(UnauthorizedError) as caught:
        authenticate(email, password)
    assert caught.value.code == "bad_credentials"


def test_an_unknown_address_costs_one_hash_as_a_known_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    create_user("ada@example.org", "correct horse", "viewer")
    hasher, work = passwords._hasher(), []

    class Counting:
        def verify(self, stored: str, given: bytes) -> bool:
            work.append(stored)
            return hasher.verify(stored, given)

        def hash(self, password: bytes) -> str:
            return hasher.hash(password)

    monkeypatch.setattr(passwords, "_hasher", Counting)
    for email in ("ada@example.org", "bob@example.org", "no address"):
        with pytest.raises(UnauthorizedError):
            authenticate(email, "wrong horse")
    assert len(work) == 3


def test_nobodys_password_opens_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_nobodys_hash", lambda: passwords._hasher().hash(b"correct horse"))
    with pytest.raises(UnauthorizedError):
        authenticate("bob@example.org", "correct horse")


def test_half_a_surrogate_pair_is_a_password_like_any_other() -> None:
    create_user("ada@example.org", "horse \ud83d battery", "viewer")
    assert authenticate("ada@example.org", "horse \ud83d battery")


@pytest.mark.parametrize("user_id", ["nobody", "email#ada@example.org"])
def test_only_accounts_are_users(user_id: str) -> None:
    create_user("ada@example.org", "correct horse", "viewer")
    with pytest.raises(NotFoundError):
        get_user(user_id)
