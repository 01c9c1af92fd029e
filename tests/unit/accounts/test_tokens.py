"""Access tokens: what opens, and what must not."""

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest

from tests.conftest import TOKEN_SECRET
from videosite.accounts import keys, tokens
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


# --- keys -------------------------------------------------------------------------------------------


class Secret:
    """Stands for Secrets Manager."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads = 0

    def read(self, arn: str) -> str:
        self.reads += 1
        return self.text


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Secret:
    found = Secret(TOKEN_SECRET)
    monkeypatch.setattr(tokens, "read_secret", found.read)
    return found


def test_keys_change_without_signing_anybody_out(secret: Secret) -> None:
    old = issue_access_token(ADA, NOW_S)
    secret.text = f"{'n' * 40} {TOKEN_SECRET}"
    tokens.forget_keys()
    new = issue_access_token(ADA, NOW_S)
    assert jwt.get_unverified_header(old) != jwt.get_unverified_header(new)
    assert verify_access_token(old, NOW_S) == verify_access_token(new, NOW_S)
    secret.text = "n" * 40
    tokens.forget_keys()
    assert verify_access_token(new, NOW_S)
    assert refusal(old) == "bad_token"


def test_a_token_of_an_unknown_key_makes_a_worker_look_once_a_minute(secret: Secret) -> None:
    unknown = forge({"kid": "no such key"})
    other = forge({"kid": hashlib.sha256(b"n" * 40).hexdigest()[:12]}, key="n" * 40)
    secret.text = f"{TOKEN_SECRET} {'n' * 40}"
    assert refusal(other, NOW_S + 30) == "bad_token"
    assert secret.reads == 1
    assert verify_access_token(other, NOW_S + 60)
    assert secret.reads == 2
    for later_s in range(61, 120):
        assert refusal(unknown, NOW_S + later_s) == "bad_token"
    assert secret.reads == 2


def test_keys_are_read_every_quarter_of_an_hour(secret: Secret) -> None:
    for after_s in (0, 899, 900, 1799):
        issue_access_token(ADA, NOW_S + after_s)
    assert secret.reads == 2


def test_a_rotation_signs_nobody_out_whenever_workers_read_the_keys(
    secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker read the keys just before, the other just after; they check each other's tokens for hours,
    over two more rotations."""
    workers = [tokens._Known({}, tokens.NEVER_S), tokens._Known({}, tokens.NEVER_S)]
    issued: list[tuple[float, str]] = []
    signers = set()
    for minute in range(0, 360):
        now_s = NOW_S + minute * 60
        if minute in (1, 121, 241):
            secret.text = keys.rotate(secret.text, now_s)
        for worker in workers if minute else workers[:1]:
            monkeypatch.setattr(tokens, "_known", worker)
            issued.append((now_s, issue_access_token(ADA, now_s)))
            signers.add(jwt.get_unverified_header(issued[-1][1])["kid"])
        issued = [(made_s, token) for made_s, token in issued if now_s < made_s + ACCESS_TOKEN_LIFE_S]
        for worker in workers if minute else workers[:1]:
            monkeypatch.setattr(tokens, "_known", worker)
            for _, token in issued:
                assert verify_access_token(token, now_s)
    assert len(signers) == 4
    assert len(secret.text.split()) == 2, "what signs nothing any more was dropped"


def test_a_key_may_hold_any_sign(secret: Secret) -> None:
    secret.text = "p@ss#w0rd@12" + "x" * 30
    old = issue_access_token(ADA, NOW_S)
    secret.text = keys.rotate(secret.text, NOW_S)
    tokens.forget_keys()
    assert verify_access_token(old, NOW_S)
    assert [key.from_s for key in keys.parse(secret.text).values()] == [0, int(NOW_S) + keys.LEAD_S]


def test_stolen_keys_are_replaced_at_once(secret: Secret) -> None:
    old = issue_access_token(ADA, NOW_S)
    secret.text = keys.rotate(secret.text, NOW_S, at_once=True)
    tokens.forget_keys()
    assert refusal(old) == "bad_token"
    assert verify_access_token(issue_access_token(ADA, NOW_S), NOW_S)


def test_a_token_names_its_session_and_the_accounts_version() -> None:
    user = User("ada", email="ada@example.org", role="creator", created_at_s=1.0, token_version=3)
    claims = verify_access_token(issue_access_token(user, NOW_S, "session-1"), NOW_S)
    assert (claims.session_id, claims.token_version) == ("session-1", 3)
    old = forge(ver=None, sid=None)
    assert verify_access_token(old, NOW_S).token_version == 0
