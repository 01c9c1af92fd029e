"""The connections table grew → the new sockets are told what is valid now.

Not in $connect: the socket is not open before that has answered.
"""

import time
from collections.abc import Callable, Iterable

from videosite.log import logger
from videosite.realtime import channels
from videosite.realtime.announcements import valid_frames
from videosite.realtime.messages import encode
from videosite.realtime.streams import Record
from videosite.store import sockets
from videosite.store.sockets import Outcome

Post = Callable[[str, bytes], Outcome]

PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Before each attempt: the record may be here before the handshake is over, and then a post gets 410."""


def greet(
    records: Iterable[Record],
    now_s: float,
    post: Post = sockets.post,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Post the valid system messages to each socket that was opened.

    Nothing comes again: who cannot be told has them in the list of notifications.
    """
    try:
        _greet(records, now_s, post, pause)
    except Exception:
        logger.exception("greeting failed")
    return []


def _greet(records: Iterable[Record], now_s: float, post: Post, pause: Callable[[float], None]) -> None:
    opened = dict(filter(None, map(_opened, records)))
    valid = valid_frames(now_s) if opened else []
    left = {
        connection_id: [encode(frame) for frame in valid if frame["channel"] in heard]
        for connection_id, heard in opened.items()
    }
    for pause_s in PAUSES_S:
        left = {connection_id: frames for connection_id, frames in left.items() if frames}
        if not left:
            return
        pause(pause_s)
        for connection_id, frames in left.items():
            while frames and post(connection_id, frames[0]) in (Outcome.SENT, Outcome.REFUSED):
                frames.pop(0)
    logger.info("not greeted", extra={"count": sum(map(bool, left.values()))})


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
