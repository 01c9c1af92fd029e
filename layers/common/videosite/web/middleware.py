"""What happens around every request: one log line, safe headers, CORS, no U+0000. Plain ASGI, for speed."""

import time

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from videosite.log import logger
from videosite.settings import get_settings
from videosite.web.problems import internal_error, problem
from videosite.web.values import NUL

MEDIA_ROOT = "/m/"
_CORS_REQUEST_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"]
_CORS_ANSWER_HEADERS = ["ETag", "Idempotent-Replayed", "Location", "Retry-After"]


class RequestLog:
    """One JSON line per request: method, route, status, duration, user.

    The route's template is logged, never the path or the query: those hold tokens. An exception that
    nothing handled is logged with its traceback and answered as a problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_s = time.perf_counter()
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        except Exception:
            logger.exception("unhandled", extra=_request_fields(scope))
            if not status:
                await internal_error()(scope, receive, note_status)
        finally:
            duration_ms = round((time.perf_counter() - started_s) * 1000, 1)
            logger.info(
                "request", extra={**_request_fields(scope), "status": status, "duration_ms": duration_ms}
            )


def _request_fields(scope: Scope) -> dict[str, object]:
    route = scope.get("route")
    context = scope.get("aws.context")
    return {
        "method": scope["method"],
        "route": getattr(route, "path", None),
        "user_id": scope.get("state", {}).get("user_id"),
        "request_id": getattr(context, "aws_request_id", None),
    }


class SafeHeaders:
    """Answers are private and uncached unless a route says otherwise, and are never sniffed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if all(name != b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                headers.append((b"x-content-type-options", b"nosniff"))
            await send(message)

        await self.app(scope, receive, add_headers if scope["type"] == "http" else send)


class Cors:
    """CORS for the exact origins of `BACKEND_CORS_ORIGINS`, read with the first request.

    Media is for every origin, its errors too, which say when to ask again: its address is the permission,
    and a cache shared by all must not keep one origin's answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._cors: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def to_every_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"access-control-allow-origin", b"*"),
                    (b"access-control-expose-headers", b"ETag, Retry-After"),
                ]
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(MEDIA_ROOT):
            await self.app(scope, receive, to_every_origin)
            return
        if self._cors is None:
            self._cors = CORSMiddleware(
                self.app,
                allow_origins=sorted(get_settings().allowed_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=_CORS_REQUEST_HEADERS,
                expose_headers=_CORS_ANSWER_HEADERS,
                max_age=3600,
            )
        await self._cors(scope, receive, send)


class NoNul:
    """No U+0000 in addresses, as in bodies (`web/values.py`)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            where = "path" if "\0" in scope["path"] else "query" if b"%00" in scope["query_string"] else ""
            if where:
                errors = [{"field": where, "message": f"{NUL}."}]
                answer = problem(422, "validation_failed", "The address is not valid.", errors=errors)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)
