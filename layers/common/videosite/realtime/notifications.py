"""What people are told, and by which way.

Progress is a snapshot: posted straight to the sockets, once, and out of date with the next. Everything
that ends something, and what operators say, is stored under a deterministic id: once, taken to the sockets in
order by the messages table's stream, and there for those who come later.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from videosite.realtime import channels, history, messages
from videosite.realtime.fanout import Snapshot, send_newest
from videosite.realtime.messages import Stored, SystemMessage, TranscodeProgress
from videosite.store.tables import Job

Send = Callable[[Sequence[Snapshot], float], object]
Append = Callable[[Stored, Sequence[str], float], bool]

SNAPSHOTS_S = 10.0
"""Of one invocation: what is to be stored needs time, too."""


class NotificationService:
    """Tells owners, admins and subscribers. Every method may be repeated.

    One per invocation: all its snapshots share one budget of time.
    """

    def __init__(self, send: Send | None = None, append: Append = history.append) -> None:
        self._send = send or partial(send_newest, until_s=time.monotonic() + SNAPSHOTS_S)
        self._append = append

    def notify_transcode_progress(
        self, transcodes: Iterable[tuple[Job, TranscodeProgress]], now_s: float
    ) -> None:
        """Post snapshots, those of several transcodes at once: none waits for another's sockets."""
        self._send([(frame, _channels(job)) for job, frame in transcodes], now_s)

    def notify_transcode_cancelled(self, frame: TranscodeProgress, owner_id: str, now_s: float) -> bool:
        """A cancel is a snapshot, but an end: it is stored. False if that was said before.

        Raises:
            RetryableError: `table_busy`, as all methods that store.
        """
        video_id = frame["video_id"]
        event_id = _event(video_id, frame["generation"], frame["run"], "cancelled")
        ending: TranscodeProgress = {**frame, "id": event_id}
        return self._append(ending, channels.transcode_channels(video_id, owner_id), now_s)

    def notify_transcode_complete(self, job: Job, codec: str, final: bool, now_s: float) -> bool:
        """A codec was published; `final` with the end of the job. False if that was said before."""
        event_id = complete_event(job, codec, final)
        frame = messages.transcode_complete(event_id, job, codec, final, now_s)
        return self._append(frame, _channels(job), now_s)

    def notify_transcode_failed(self, job: Job, now_s: float) -> bool:
        """A run failed. False if that was said before."""
        event_id = _event(job.video_id, job.generation, job.run, "failed")
        return self._append(messages.transcode_failed(event_id, job, now_s), _channels(job), now_s)

    def notify_system_message(self, frame: SystemMessage, to: Sequence[str], now_s: float) -> bool:
        """Something an operator says to channels. False if this event was said before."""
        return self._append(frame, to, now_s)


def complete_event(job: Job, codec: str, final: bool) -> str:
    """Id of a codec's publication: of the run that published it, or with the end of the job that of the run
    that ended it. A retry does not tell again of what was published, but each run has an end."""
    run = job.run if final else job.published_run.as_dict().get(codec, 1)
    return _event(job.video_id, job.generation, run, f"complete.{codec}")


def _event(video_id: int, generation: int, run: int, kind: str) -> str:
    return f"{video_id}.{generation}.{run}.{kind}"


def _channels(job: Job) -> tuple[str, ...]:
    return channels.transcode_channels(job.video_id, job.owner_id)
