"""Updates that must not undo somebody else's: ETag with every answer, If-Match with an update (RFC 9110).

    @router.patch("/things/{thing_id}")
    @sends("ETag")
    def change_thing(thing: Thing, body: …, response: Response, if_match: IfMatch = None):
        require_match(if_match, thing.updated_at_s)
        …                                    # the write is conditional on `updated_at_s`, too
        response.headers["ETag"] = etag(thing.updated_at_s)

A row's tag is the time of its last change, so rows need no counter, but every change must set that time.
"""

from typing import Annotated

from fastapi import Header

from videosite.errors import changed

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The `ETag` last seen; out of date, the request is refused: 412 `changed_meanwhile`",
    ),
]


def etag(updated_at_s: float) -> str:
    """The entity tag of a row that was changed last then."""
    return f'"{round(updated_at_s * 1_000_000):x}"'


def require_match(if_match: str | None, updated_at_s: float) -> None:
    """Nothing, if the client has seen the row's present state, or does not say what it has seen.

    Raises:
        ChangedError: `changed_meanwhile`.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if etag(updated_at_s) not in [tag.strip() for tag in if_match.split(",")]:
        raise changed()
