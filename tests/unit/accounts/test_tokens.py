"""Access tokens: what opens, and what must not."""

import base64
import json
from typing import Any

import jwt
import pytest

from tests.conftest import TOKEN_SECRET
from videosite.accounts import tokens
from videosite.accounts.tokens import ACCESS_TOKEN_LIFE_S, Claims, issue_access_token, verify_access_token
from videosite.errors import UnauthorizedError
from videosite.settings import get_settings
from videosite.store.tables import User

NOW_S = 1_800_000_000.0
ADA = User("ada", email="ada@example.org", role="creator", created_at_s=1.0)


@pytest.fixture(autouse=True)
def _installation(aws: None) -> None:
    """Tokens need the installation's secret."""


def forge(headers: dict[str, Any] | None = None, key: str = TOKEN_SECRET, **changes: Any) -> str:
    """A token as the installation would make it, but for the changes; None leaves a claim out."""
    good = issue_access_token(ADA, NOW_S)
    claims = jwt.decode(good, options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, "HS256", headers=jwt.get_unverified_header(good) | (headers or {}))


def refusal(token: str, now_s: float = NOW_S) -> str:
    """The code a token is refused with."""
    with pytest.raises(UnauthorizedError) as caught:
        verify_access_token(token, now_s)
    return caught.value.code


def test_a_token_says_who_one_is() -> None:
    assert verify_access_token(issue_access_token(ADA, NOW_S), NOW_S) == Claims(
        "ada", "creator", "ada@example.org", NOW_S + ACCESS_TOKEN_LIFE_S
    )
    assert verify_access_token(issue_access_token(ADA)).user_id == "ada"
    assert verify_access_token(forge(), NOW_S).user_id == "ada"


def test_a_token_lives_a_quarter_of_an_hour() -> None:
    token = issue_access_token(ADA, NOW_S)
    assert verify_access_token(token, NOW_S + 899)
    assert refusal(token, NOW_S + 900) == "expired_token"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "elsewhere"},
        {"aud": "videosite-prod"},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"role": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": 9e99},
        {"sub": 7},
        {"nbf": 99_999_999_999},
    ],
    ids=str,
)
def test_claims_must_be_ours(changes: dict[str, Any]) -> None:
    assert refusal(forge(**changes)) == "bad_token"


@pytest.mark.parametrize("headers", [{"kid": "other"}, {"kid": ["a"]}, {"kid": None}], ids=str)
def test_the_key_must_be_one_of_ours(headers: dict[str, Any]) -> None:
    part = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", **headers}).encode())
    _, claims, signature = forge().split(".")
    assert refusal(f"{part.decode().rstrip('=')}.{claims}.{signature}") == "bad_token"


def test_another_key_signs_nothing() -> None:
    assert refusal(forge(key="x" * 40)) == "bad_token"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "RS256"])
def test_the_algorithm_is_not_the_tokens_choice(algorithm: str) -> None:
    kid = jwt.get_unverified_header(forge())["kid"]
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": kid}).encode()).decode()
    _, claims, signature = forge().split(".")
    assert refusal(f"{header.rstrip('=')}.{claims}.{signature}") == "bad_token"
    assert refusal(f"{header.rstrip('=')}.{claims}.") == "bad_token"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "\ud83d.a.b", "null", "x" * 4000])
def test_nonsense_is_refused(token: str) -> None:
    assert refusal(token) == "bad_token"


def test_another_stages_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = issue_access_token(ADA, NOW_S)
    monkeypatch.setenv("VIDEOSITE_STAGE", "prod")
    get_settings.cache_clear()
    assert refusal(token) == "bad_token"


def test_keys_change_without_signing_anybody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    old = issue_access_token(ADA, NOW_S)
    monkeypatch.setattr(tokens, "get_secret", lambda arn: f"{'n' * 40} {TOKEN_SECRET}")
    new = issue_access_token(ADA, NOW_S)
    assert verify_access_token(old, NOW_S) == verify_access_token(new, NOW_S)
    monkeypatch.setattr(tokens, "get_secret", lambda arn: "n" * 40)
    assert verify_access_token(new, NOW_S)
    assert refusal(old) == "bad_token"
