"""Files that come as the request's body, as they are."""

from typing import Annotated, Any

from fastapi import Depends, Request

from videosite.errors import BadInputError, TooLargeError
from videosite.web.declared import raises
from videosite.web.limits import limited

MAX_FILE_BODY_BYTES = 4_500_000
"""Lambda takes 6 MB, in which API Gateway has a body as base64. What a kind of file may have is less."""
CHECKED_HERE = 1 << 30
"""`max_body_size` of routes that use `FileBody`. Starlette's own refusal of a Content-Length that is too
large answers in plain text and raises through all middleware (measured, 1.10), so ours comes first."""

FEW = limited("files", burst=30, interval_s=2)
"""Checking a subtitle file or a picture takes up to seconds."""
_TOO_LARGE = TooLargeError("body_too_large", "The request's body has more than 4.5 MB; no file may.")
_TEXT = ("application/json", "application/xml", "application/javascript")


@raises("text_content_type", "body_too_large")
async def file_body(request: Request, _: Annotated[None, FEW]) -> bytes:
    """The body's bytes.

    Raises:
        TooManyError: `rate_limited`.
        TooLargeError: `body_too_large`, before it is read where its length was announced.
        BadInputError: `text_content_type`: API Gateway hands such bodies on as UTF-8 text, which destroys
            what is none (measured on AWS by MiniStack's authors, and so in MiniStack).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT:
        raise BadInputError(
            "text_content_type",
            "Send the file with Content-Type: application/octet-stream, or its picture type.",
        )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_FILE_BODY_BYTES:
        raise _TOO_LARGE
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FILE_BODY_BYTES:
            raise _TOO_LARGE
    return bytes(body)


FileBody = Annotated[bytes, Depends(file_body)]


def accepts(*kinds: str) -> dict[str, Any]:
    """The body's description, as a route's `openapi_extra`."""
    schema = {"type": "string", "format": "binary"}
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}
