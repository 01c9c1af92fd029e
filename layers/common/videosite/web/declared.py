"""What a route says of its answers beside their fields: problems and headers.

    @router.post("/things", status_code=201)
    @raises("thing_taken")
    @sends("Location", "ETag")
    def create_thing(…): …

Dependencies say their problems in the same way, so that a route names only its own. The description
(`web/openapi.py`) puts them together; tests compare it with every answer they get.
"""

from collections.abc import Callable

from videosite.web.codes import CODES

Code = str | tuple[int, str]
"""A code, with its status if that is another one than `CODES` has."""


def raises[Called: Callable[..., object]](*codes: Code) -> Callable[[Called], Called]:
    """Says with which problems a route or a dependency may answer."""
    found = tuple(code if isinstance(code, tuple) else (CODES[code][0], code) for code in codes)

    def mark(called: Called) -> Called:
        called.problems = found  # type: ignore[attr-defined]
        return called

    return mark


def sends[Called: Callable[..., object]](*headers: str) -> Callable[[Called], Called]:
    """Says which headers a route's good answer has."""

    def mark(called: Called) -> Called:
        called.headers = headers  # type: ignore[attr-defined]
        return called

    return mark


def problems_of(called: object) -> tuple[tuple[int, str], ...]:
    """(status, code) of the problems that a route's function or a dependency may answer with."""
    found: tuple[tuple[int, str], ...] = getattr(called, "problems", ())
    return found


def headers_of(called: object) -> tuple[str, ...]:
    """Names of the headers that a route's good answer has."""
    found: tuple[str, ...] = getattr(called, "headers", ())
    return found
