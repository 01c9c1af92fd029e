"""How large a request's body may be, and files that come as one, as they are."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from videosite.errors import BadInputError, TooLargeError
from videosite.web.declared import raises
from videosite.web.limits import limited

MAX_BODY_BYTES = 1024 * 1024
"""10,000 part ETags are 700 kB; files go straight to storage."""
MAX_FILE_BODY_BYTES = 4_500_000
"""Of small files: Lambda takes 6 MB, in which API Gateway has a body as base64. What a kind of file may have
is less."""

FEW = limited("files", burst=30, interval_s=2)
"""Checking a subtitle file or a picture takes up to seconds."""
_TOO_LARGE = TooLargeError("body_too_large", "The request's body has more than 4.5 MB; no file may.")
_TEXT = ("application/json", "application/xml", "application/javascript")


class BodyLimit:
    """Refuses bodies that are too large, those of files excepted, when somebody reads them. Plain ASGI.

    Starlette's own refusal of a Content-Length that is too large answers in plain text and raises through
    all middleware, so that it is logged as a fault of ours (measured, 1.10).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size = 0

        async def receive_some() -> Message:
            nonlocal size
            check(_announced(Headers(scope=scope)))
            message = await receive()
            size += len(message.get("body", b""))
            check(size)
            return message

        def check(found: int) -> None:
            if found > MAX_BODY_BYTES and not scope.get(_FILE):
                raise HTTPException(413)

        await self.app(scope, receive_some, send)


_FILE = "videosite.file_body"
"""In the scope of a request whose body is a file: `file_body` looks at its size."""


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


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
    if _announced(request.headers) > MAX_FILE_BODY_BYTES:
        raise _TOO_LARGE
    request.scope[_FILE] = True
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
