"""What several tests of sockets do."""

import time
from uuid import uuid4

from tests.stack.conftest import RunningStack, inside
from videosite.realtime import history, messages


def say(stack: RunningStack, channel: str, *texts: str, age_s: float = 0) -> None:
    """Store messages on a channel as functions do, some time ago."""
    now_s = time.time() - age_s
    with inside(stack):
        for text in texts:
            frame = messages.system_message(uuid4().hex, text, "info", now_s, now_s + 600)
            assert history.append(frame, [channel], now_s)
