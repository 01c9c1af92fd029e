"""What surrounds the WebSockets: tickets to open one, and how many there are."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from videosite.accounts.tokens import Claims
from videosite.realtime import stats, tickets
from videosite.web import schemas
from videosite.web.auth import ANYONE, Allowed, SignedIn
from videosite.web.declared import raises
from videosite.web.limits import limited
from videosite.web.routes import ROOT
from videosite.web.values import Whole

router = APIRouter(prefix=ROOT, tags=["sockets"])


@router.post(
    "/ws/ticket",
    dependencies=[limited("ticket", burst=60, interval_s=1)],
    response_model=schemas.notifications.Ticket,
)
def issue_ticket(claims: SignedIn) -> dict[str, Any]:
    """A ticket to open one socket with, `?token={ticket}`, so that no access token stands in an address."""
    ticket = tickets.issue_ticket(claims, time.time())
    return {"ticket": ticket, "expires_in": tickets.TICKET_LIFE_S}


@router.get("/ws/stats", dependencies=[ANYONE], response_model=schemas.notifications.SocketStats)
def get_socket_stats() -> dict[str, int]:
    """How many sockets are open, in total."""
    return stats.socket_stats()


@router.get("/admin/ws/channels", response_model=schemas.notifications.ChannelPage)
@raises("bad_cursor")
def list_channels(
    _: Annotated[Claims, Depends(Allowed("sockets.admin"))],
    limit: Annotated[int, Query(ge=1, le=1000), Whole] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> dict[str, Any]:
    """How many sockets hear each channel; everybody hears `all`."""
    counts, next_cursor = stats.channel_counts(limit, cursor)
    everybody = stats.socket_stats()["total_connections"]
    return {
        "all": everybody,
        "channels": [{"channel": name, "connections": count} for name, count in counts],
        "next_cursor": next_cursor,
    }
