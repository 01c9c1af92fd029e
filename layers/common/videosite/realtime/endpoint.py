"""The WebSocket API's three events, from the event as it came to the status that is answered.

Nothing is raised, and one line is logged per call, in which the token never is.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from videosite.errors import VideoSiteError
from videosite.log import logger
from videosite.realtime.connections import CLOSE_FROM, ConnectionManager
from videosite.realtime.messages import encode
from videosite.store import sockets
from videosite.store.sockets import Outcome

Event = Mapping[str, Any]
OK = {"statusCode": 200}


def connect(event: Event) -> dict[str, int]:
    """$connect: 200 lets the socket be opened, 401 and 403 refuse it, 5xx say to try again."""
    # Only this function reads tokens; the others start sooner without them.
    from videosite.realtime.admission import admit

    connection_id = event["requestContext"]["connectionId"]
    if _is_message(event):
        return _count(connection_id)
    try:
        admitted = admit(event, time.time())
    except VideoSiteError as error:
        logger.info("refused", extra={"connection_id": connection_id, "code": error.code})
        return {"statusCode": error.http_status}
    except Exception:
        logger.exception("connect failed", extra={"connection_id": connection_id})
        return {"statusCode": 500}
    who = {"user_id": admitted.user_id, "scope": admitted.scope}
    logger.info("connected", extra={"connection_id": connection_id, **who})
    return OK


def message(event: Event) -> dict[str, int]:
    """A client's message: its answer is posted to the socket."""
    from videosite.realtime.inbox import answer

    connection_id = event["requestContext"]["connectionId"]
    extra = {"connection_id": connection_id}
    try:
        reply = answer(connection_id, event.get("body"), time.time())
        outcome = _send(connection_id, reply.frames)
        if reply.closes:
            sockets.close(connection_id)
        frame = reply.frames[0] if reply.frames else {}
        said = {"action": reply.action, "type": frame.get("type"), "code": frame.get("code")}
        logger.info("answered", extra={**extra, **said, "closed": reply.closes, "outcome": outcome})
    except Exception:
        logger.exception("answer failed", extra=extra)
    return OK


def _send(connection_id: str, frames: Iterable[Mapping[str, Any]]) -> Outcome:
    """Post frames in order. The first that does not arrive is the last: what follows would hide the gap."""
    outcome = Outcome.SENT
    for frame in frames:
        outcome = sockets.post(connection_id, encode(frame))
        if outcome is not Outcome.SENT:
            break
    return outcome


def disconnect(event: Event) -> dict[str, int]:
    """$disconnect: forgets the socket. May come twice, late or never."""
    context = event["requestContext"]
    if _is_message(event):
        return _count(context["connectionId"])
    extra = {"connection_id": context["connectionId"], "close_code": context.get("disconnectStatusCode")}
    try:
        known = ConnectionManager().disconnect(context["connectionId"], time.time())
        logger.info("disconnected", extra={**extra, "known": known})
    except Exception:
        logger.exception("disconnect failed", extra=extra)
    return OK


def _is_message(event: Event) -> bool:
    """Whether a client named the route in a message of its own: neither its beginning nor its end."""
    return bool(event["requestContext"].get("eventType") == "MESSAGE")


def _count(connection_id: str) -> dict[str, int]:
    """Count such a message as all others are counted, so that no flood goes round the limits."""
    try:
        connection = ConnectionManager().hear(connection_id, time.time())
        if connection is None or connection.said >= CLOSE_FROM:
            sockets.close(connection_id)
    except Exception:
        logger.exception("message not heard", extra={"connection_id": connection_id})
    return OK
