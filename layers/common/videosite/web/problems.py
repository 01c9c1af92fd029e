"""Errors as problem+json (RFC 9457): one shape for every way a request can fail.

    {"type", "title", "status", "detail", "code"}   and "errors" [{"field", "message"}] for bad fields,
                                                 "line" for broken text files

`code` is stable, `detail` is one sentence for people. The error tree of `videosite.errors` is mapped
here and nowhere else. What the client sent is never repeated: it may be a password.
"""

import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from videosite.errors import (
    BrokenFileError,
    RetryableError,
    TooManyError,
    UnauthorizedError,
    VideoSiteError,
)

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_S = 1
"""When a client should ask again for what is not there yet, or after a passing fault."""

_CODES = {400: "bad_json", 404: "no_such_route", 405: "method_not_allowed", 413: "body_too_large"}
"""Codes of the refusals that Starlette and FastAPI make before any code of ours runs."""
MOST_LETTERS = 100
"""Of a field's name: that of an unknown one is the client's."""


def problem(
    status: int,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: Sequence[dict[str, str]] = (),
    line: int | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    body: dict[str, Any] = {
        "type": f"urn:videosite:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = list(errors)
    if line is not None:
        body["line"] = line
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def internal_error() -> JSONResponse:
    """What a client hears of a bug of ours; the log has the rest."""
    return problem(500, "internal_error", "Something went wrong on our side; it has been noted.")


def install(app: FastAPI) -> None:
    """Make the application answer every error in this shape."""
    app.add_exception_handler(VideoSiteError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http_error)


def _on_domain_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VideoSiteError)
    headers = {}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RetryableError) or error.code == "not_ready":
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, TooManyError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    line = error.line if isinstance(error, BrokenFileError) else None
    return problem(error.http_status, error.code, error.message, headers, line=line)


def _on_bad_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem(400, "bad_json", "The request's body is not valid JSON.")
    errors = [{"field": _field(item["loc"]), "message": str(item["msg"])} for item in found]
    return problem(422, "validation_failed", "Some fields of the request are not valid.", errors=errors)


def _field(location: Sequence[str | int]) -> str:
    """Where a bad value was: "body.title", "query.limit", "path.video_id"."""
    name = ".".join(str(part) for part in location)
    return name.encode("utf-8", "replace").decode()[:MOST_LETTERS]


def _on_http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = _CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    details = {
        400: "The request's body is not valid JSON.",
        404: "There is nothing at this address.",
        413: "The request's body is too large.",
    }
    detail = details.get(status, f"{HTTPStatus(status).phrase}.")
    return problem(status, code, detail, dict(error.headers or {}))
