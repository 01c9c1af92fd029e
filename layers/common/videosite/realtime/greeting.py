"""The connections table grew → the new sockets are told what is valid now.

Not in $connect: the socket is not open before that has answered.
"""

import time
from collections.abc import Iterable

from videosite.log import logger
from videosite.realtime import channels, fanout
from videosite.realtime.announcements import valid_frames
from videosite.realtime.fanout import Parcel, Patience
from videosite.realtime.messages import encode
from videosite.realtime.streams import Record
from videosite.store.sockets import Outcome

HANDSHAKE = Patience((0.3, 0.7, 1.4, 2.6), frozenset({Outcome.LATER, Outcome.GONE}))
"""The record may be here before the handshake is over, and then a post gets 410."""


def greet(records: Iterable[Record], now_s: float) -> list[str]:
    """Post the valid system messages to each socket that was opened, to all of them at once.

    Nothing comes again: who cannot be told has them in the list of notifications.
    """
    try:
        _greet(records, now_s)
    except Exception:
        logger.exception("greeting failed")
    return []


def _greet(records: Iterable[Record], now_s: float) -> None:
    opened = dict(filter(None, map(_opened, records)))
    valid = [(frame["channel"], encode(frame)) for frame in valid_frames(now_s)] if opened else []
    parcels = [
        Parcel(connection_id, heard[0], tuple(data for channel, data in valid if channel in heard))
        for connection_id, heard in opened.items()
    ]
    outcomes = fanout.post_all(
        [parcel for parcel in parcels if parcel.frames], HANDSHAKE, time.monotonic() + fanout.BUDGET_S
    )
    missed = [outcome for outcome in outcomes if outcome not in (Outcome.SENT, Outcome.REFUSED)]
    if missed:
        logger.info("not greeted", extra={"count": len(missed)})


def _opened(record: Record) -> tuple[str, tuple[str, ...]] | None:
    """The id of a socket that was opened, and what it hears; None for every other record."""
    try:
        image = record["dynamodb"]["NewImage"]
        if record["eventName"] != "INSERT":
            return None
        heard = channels.home_channels(image["scope"]["S"], image["user_id"]["S"])
        return image["connection_id"]["S"], heard
    except (KeyError, TypeError):
        return None
