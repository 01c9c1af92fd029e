"""What a socket missed: a channel's stored messages since a position, all of them or none."""

from collections.abc import Iterator, Mapping
from typing import Any

from videosite.realtime import history
from videosite.realtime.messages import Resumed, encode, resumed

MAX_MESSAGES = 2000
"""Of one request, all channels together: seconds of posting. Who missed more reads the state instead."""
MAX_FRAME_BYTES = 24 * 1024
"""Of the messages in one frame, which leaves room below API Gateway's limit of 32 KB."""


def replay(positions: Mapping[str, int | None], now_s: float) -> Iterator[Resumed]:
    """Frames with all that was stored after each channel's position, in order; the caller has checked
    who may hear what.

    A position is the `seq` of the last message seen, None: not known. Where something of it is missing –
    expired, too much, a position that was never given out – there are no messages at all and
    `recovered` is false; the `seq` of the answer is where to go on from.
    """
    room = MAX_MESSAGES
    last_seqs = history.last_seqs(positions)
    for channel, position in positions.items():
        last = last_seqs[channel]
        messages = _missed(channel, position, last, room, now_s)
        if messages is None:
            yield resumed(channel, last, recovered=False)
            continue
        room -= len(messages)
        parts = list(_parts(messages)) or [[]]
        for number, part in enumerate(parts, 1):
            seq = part[-1]["seq"] if part else last
            yield resumed(channel, seq, recovered=True, messages=part, more=number < len(parts))


def _missed(
    channel: str, position: int | None, last: int, room: int, now_s: float
) -> list[dict[str, Any]] | None:
    """All messages after a position; None if they cannot be had."""
    if position is None or not 0 <= last - position <= room:
        return None
    messages = history.read(channel, position, last, now_s)
    return messages if len(messages) == last - position else None


def _parts(messages: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for message in messages:
        length = len(encode(message)) + 1
        if part and size + length > MAX_FRAME_BYTES:
            yield part
            part, size = [], 0
        part.append(message)
        size += length
    if part:
        yield part
