"""What people are told, and by which way.

Progress is a snapshot: posted straight to the sockets, once, and out of date with the next. Everything
that ends something, and what operators say, is stored under a deterministic id: sent once and in order
by the messages table's stream, and there for those who come later.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from videosite.realtime import channels, history, messages
from videosite.realtime.fanout import BUDGET_S, send_newest
from videosite.realtime.messages import Stored, SystemMessage, TranscodeProgress
from videosite.store.tables import Job

Send = Callable[[Mapping[str, Any], Sequence[str], float], object]
Append = Callable[[Stored, Sequence[str], float], bool]


class NotificationService:
    """Tells owners, admins and subscribers. Every method may be repeated.

    One per invocation: all its posting shares one budget of time.
    """

    def __init__(self, send: Send | None = None, append: Append = history.append) -> None:
        self._send = send or partial(send_newest, until_s=time.monotonic() + BUDGET_S)
        self._append = append

    def notify_transcode_progress(self, job: Job, frame: TranscodeProgress, now_s: float) -> bool:
        """Post a snapshot. A cancel is one, too, but an end: it is stored, so it arrives once, and True is
        returned the first time."""
        to = channels.transcode_channels(job.video_id, job.owner_id)
        if frame["status"] == "cancelled":
            ending: TranscodeProgress = {**frame, "id": run_event(job, "cancelled")}
            return self._append(ending, to, now_s)
        self._send(frame, to, now_s)
        return False

    def notify_transcode_complete(self, job: Job, codec: str, final: bool, now_s: float) -> bool:
        """A codec was published; `final` on the last one. False if that was said before.

        Raises:
            RetryableError: `table_busy`, as all methods that store.
        """
        frame = messages.transcode_complete(complete_event(job, codec), job, codec, final, now_s)
        return self._append(frame, channels.transcode_channels(job.video_id, job.owner_id), now_s)

    def notify_transcode_failed(self, job: Job, now_s: float) -> bool:
        """A run failed. False if that was said before."""
        frame = messages.transcode_failed(run_event(job, "failed"), job, now_s)
        return self._append(frame, channels.transcode_channels(job.video_id, job.owner_id), now_s)

    def notify_system_message(self, frame: SystemMessage, to: Sequence[str], now_s: float) -> bool:
        """Something an operator says to channels. False if this event was said before."""
        return self._append(frame, to, now_s)


def run_event(job: Job, kind: str) -> str:
    """Id of an event that may happen once per run: failed, cancelled."""
    return f"{job.video_id}.{job.generation}.{job.run}.{kind}"


def complete_event(job: Job, codec: str) -> str:
    """Id of a codec's publication. Without the run: a retry does not publish again what was published."""
    return f"{job.video_id}.{job.generation}.complete.{codec}"
