"""Idempotency-Key: a POST that is sent again makes nothing a second time.

    router = APIRouter(…, route_class=IdempotentRoute)

    @router.post("/things", dependencies=[IDEMPOTENT], …)

From draft-ietf-httpapi-idempotency-key-header-07.

The same key, address and body get the stored answer for a day, with `Idempotent-Replayed: true`; another
address or body 422 `idempotency_key_reused`; while the first is under way 409 `request_in_progress`. Keys are
each user's own, per route. A failure made nothing and is not stored: the request may be sent again.
"""

import gzip
import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pynamodb.exceptions import PynamoDBException
from starlette.concurrency import run_in_threadpool

from videosite.errors import BadInputError, ConflictError
from videosite.log import logger
from videosite.store.tables import Answer
from videosite.store.transactions import applied
from videosite.web.auth import identify
from videosite.web.declared import raises

NAME = "Idempotency-Key"
MAX_CHARACTERS = 200
KEPT_S = 24 * 3600
LEASE_S = 60.0
"""Twice the API function's timeout: its worker is dead by then."""
_KEPT_HEADERS = ("content-type", "location", "etag")


@raises("idempotency_key_reused", "request_in_progress")
def idempotency_key(
    _: Annotated[
        str | None,
        Header(
            alias=NAME,
            min_length=1,
            max_length=MAX_CHARACTERS,
            description="Of the client's making; the same request with the same key is done once",
        ),
    ] = None,
) -> None:
    """Marks a route whose answers are kept, and describes the header."""


IDEMPOTENT = Depends(idempotency_key)


class IdempotentRoute(APIRoute):
    """A route that, if it is marked with `IDEMPOTENT`, does the same request once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if all(dependency.call is not idempotency_key for dependency in self.dependant.dependencies):
            return handle

        async def handle_once(request: Request) -> Response:
            key = request.headers.get(NAME, "")
            claims = await run_in_threadpool(identify, request) if key else None
            if claims is None or len(key) > MAX_CHARACTERS:
                return await handle(request)
            target = f"{request.url.path}?{request.url.query}"
            row = _row(claims.user_id, self.path, key, target, await request.body())
            stored = await run_in_threadpool(_begin, row, time.time())
            if stored is not None:
                return _replay(stored)
            kept = False
            try:
                response = await handle(request)
                if 200 <= response.status_code < 300:
                    # It is done, whether or not its answer can be stored.
                    kept = True
                    await run_in_threadpool(_finish, row, response, time.time())
            finally:
                if not kept:
                    await run_in_threadpool(row.delete)
            return response

        return handle_once


def _row(user_id: str, path: str, key: str, target: str, body: bytes) -> Answer:
    secret = key.encode("utf-8", "surrogatepass")
    answer_id = hashlib.sha256(b"\n".join((user_id.encode(), path.encode(), secret))).hexdigest()
    asked = target.encode() + b"\n" + body
    return Answer(answer_id, fingerprint=hmac.new(secret, asked, hashlib.sha256).hexdigest())


def _begin(row: Answer, now_s: float) -> Answer | None:
    """Note that a request is under way; or its answer, if it was done before.

    Raises:
        BadInputError: `idempotency_key_reused`.
        ConflictError: `request_in_progress`.
    """
    row.lease_until_s = now_s + LEASE_S
    row.expires_at_s = now_s + KEPT_S
    # Time-to-live deletes late.
    free = Answer.answer_id.does_not_exist() | (Answer.expires_at_s <= now_s)
    dead = Answer.status.does_not_exist() & (Answer.lease_until_s <= now_s)
    if applied(lambda: row.save(condition=free | dead)):
        return None
    try:
        stored = Answer.get(row.answer_id, consistent_read=True)
    except Answer.DoesNotExist:  # it failed just now
        raise _in_progress() from None
    if not hmac.compare_digest(stored.fingerprint, row.fingerprint):
        raise BadInputError("idempotency_key_reused", "This key was used for another request.")
    if stored.status is None:
        raise _in_progress()
    return stored


def _in_progress() -> ConflictError:
    return ConflictError("request_in_progress", "The same request is under way; ask again in a moment.")


def _finish(row: Answer, response: Response, now_s: float) -> None:
    """Store an answer; where that fails, a repeat is told that the request is under way."""
    row.status = response.status_code
    row.headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    row.body = gzip.compress(bytes(response.body), 6, mtime=0)
    row.expires_at_s = now_s + KEPT_S
    try:
        row.save()
    except PynamoDBException:
        logger.exception("answer not stored", extra={"answer_id": row.answer_id})


def _replay(stored: Answer) -> Response:
    headers = {**stored.headers, "Idempotent-Replayed": "true"}
    return Response(gzip.decompress(stored.body), stored.status, headers)
