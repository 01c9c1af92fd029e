import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.errors import ForbiddenError
from videosite.library import media_token

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[1] / "media_token_vectors.json").read_text())
SECRET, NOW_S = DOCUMENT["secret"], DOCUMENT["now_s"]
VECTORS = DOCUMENT["vectors"]
SCOPE = "videos/5/aa/"


def outcome(token: str, path: str, secret: str = SECRET, now_s: float = NOW_S) -> str:
    try:
        media_token.verify(token, path, secret, now_s)
    except ForbiddenError as error:
        return error.code
    return "ok"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_vector(vector: dict[str, Any]) -> None:
    assert outcome(vector["token"], vector["path"]) == vector["result"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if "scope" in v], ids=lambda v: v["name"])
def test_sign_gives_the_vectors_token(vector: dict[str, Any]) -> None:
    assert media_token.sign(vector["scope"], vector["expires_at_s"], SECRET) == vector["token"]


@pytest.mark.parametrize(
    "scope", ["", "videos/../", "videos//", "a b/", "videos/%2e/", "/videos/1/", "videos/1.", "videos/é"]
)
def test_scopes_that_would_open_too_much_are_not_signed(scope: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        media_token.sign(scope, NOW_S + 60, SECRET)


@given(st.text(max_size=120), st.text(max_size=120))
def test_nothing_made_up_opens_anything(token: str, path: str) -> None:
    assert outcome(token, path) == "bad_media_token"


@given(st.integers(0, 200), st.characters(codec="utf-8"))
def test_a_changed_character_opens_nothing(position: int, character: str) -> None:
    token = media_token.sign(SCOPE, NOW_S + 60, SECRET)
    position %= len(token)
    changed = token[:position] + character + token[position + 1 :]
    assert (outcome(changed, SCOPE + "master.m3u8") == "ok") == (changed == token)


@given(st.text(max_size=60))
def test_an_accepted_path_is_one_plain_key(rest: str) -> None:
    token = media_token.sign(SCOPE, NOW_S + 60, SECRET)
    if outcome(token, SCOPE + rest) == "ok":
        assert ".." not in rest
        assert "//" not in rest
        assert rest.isascii()
        assert not set(rest) & set("%\\?#\n\0 ")
