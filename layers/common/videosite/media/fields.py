"""Reading values out of ffprobe's answer, any of which may be missing, absurd or of the wrong type."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def integer(value: object) -> int:
    """A whole number from a number or its text; 0 for anything else."""
    return int(fraction(value))


def fraction(value: object) -> Fraction:
    """ "30000/1001", "5.28", "0/0" or nothing, as a fraction; 0 for what is not a number.

    No exponents: Fraction("1e999999999") would compute all its digits.
    """
    text = str(value)
    if not re.fullmatch(r"-?\d{1,19}(\.\d{1,19}|/\d{1,19})?", text, re.ASCII):
        return Fraction(0)
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return Fraction(0)


def line(value: object, max_chars: int = 60) -> str:
    """A text tag as one short line that is safe between quotes: no controls, no quotes; "" for no text."""
    if not isinstance(value, str):
        return ""
    shown = "".join(char if char.isprintable() and char != '"' else " " for char in value)
    return " ".join(shown.split())[:max_chars].strip()
