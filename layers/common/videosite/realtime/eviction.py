"""Closing the sockets of somebody who may be here no longer, or not as before."""

from videosite.log import logger
from videosite.realtime import presence
from videosite.realtime.channels import SCOPES
from videosite.store import sockets
from videosite.store.sockets import Outcome


def close_sockets(user_id: str) -> None:
    """Close all of a user's sockets. Their rows go by $disconnect. Clients that still may come back do."""
    for scope in SCOPES:
        for connection_id in presence.sockets_of(scope, user_id):
            outcome = sockets.close(connection_id)
            if outcome not in (Outcome.SENT, Outcome.GONE):
                logger.warning("socket_not_closed", extra={"user_id": user_id, "outcome": outcome})
