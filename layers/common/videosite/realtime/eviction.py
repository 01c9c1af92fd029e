"""Closing the sockets of somebody who may be here no longer, or not as before."""

import time

from videosite.log import logger
from videosite.realtime import presence
from videosite.realtime.channels import SCOPES
from videosite.realtime.connections import ConnectionManager
from videosite.store import sockets
from videosite.store.sockets import Outcome


def close_sockets(user_id: str) -> None:
    """Let none of a user's sockets hear or say anything more, and close them.

    Each is forgotten first, so that it is deaf whatever becomes of closing it: API Gateway may throttle that,
    and knows no socket (410) whose handshake is under way. Clients that still may come back do.
    """
    for scope in SCOPES:
        for connection_id in presence.sockets_of(scope, user_id):
            _end(user_id, connection_id)


def _end(user_id: str, connection_id: str) -> None:
    extra = {"user_id": user_id, "connection_id": connection_id}
    try:
        ConnectionManager().disconnect(connection_id, time.time())
    except Exception:
        # The others have their turn. It is marked as ended if more could not be done: housekeeping's.
        logger.exception("socket_not_forgotten", extra=extra)
    outcome = sockets.close(connection_id)
    if outcome not in (Outcome.SENT, Outcome.GONE):
        logger.warning("socket_not_closed", extra={**extra, "outcome": outcome})
