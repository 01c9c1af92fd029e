"""Values in bodies and addresses, taken exactly as the description has them.

Pydantic alone is kinder: " 1_0 " would be a number, "on" a truth, 0 a moment of 1970.
"""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, model_validator

NUL = "The character U+0000 is nowhere allowed"

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise ValueError("a whole number is written in digits alone")
        return int(value)
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("it is true or false")
        return value == "true"
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a moment is written as in RFC 3339, such as 2026-03-01T10:30:00Z")
    return datetime.fromisoformat(value.upper())


Whole = BeforeValidator(_whole)
"""Beside `int` in an address."""
Truth = Annotated[bool, BeforeValidator(_truth)]
"""A truth in an address."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""With its zone (RFC 3339)."""


class Body(BaseModel):
    """Base of the bodies that requests have: no unknown fields, no text for a number, no U+0000."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        if _has_nul(value):
            raise ValueError(NUL)
        return value


def _has_nul(value: Any) -> bool:
    # Without recursion: JSON may be nested deeper than Python calls.
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, dict):
            todo += one.values()
        elif isinstance(one, list):
            todo += one
    return False
