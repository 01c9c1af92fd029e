"""Where the next page of a list begins: opaque to clients, so that it can change, and made up by some."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from videosite.errors import BadInputError


def encode(place: Any) -> str:
    """A place, made of what JSON has, as a cursor."""
    text = json.dumps(place, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(cursor: str) -> Any:
    """The reverse. Whether there is such a place the caller has to look.

    Raises:
        BadInputError: `bad_cursor`.
    """
    try:
        place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        # JSON can write halves of characters, which no table takes.
        encode(place)
    except (ValueError, RecursionError):
        raise bad_cursor() from None
    return place


def check(cursor: str | None, shape: re.Pattern[str]) -> None:
    """Nothing, if a cursor has the shape of those that are a row's own key.

    Raises:
        BadInputError: `bad_cursor`.
    """
    if cursor is not None and not shape.fullmatch(cursor):
        raise bad_cursor()


def bad_cursor() -> BadInputError:
    """It is not of this list, or of none."""
    return BadInputError("bad_cursor", "The cursor is not one of this list; start without one.")
