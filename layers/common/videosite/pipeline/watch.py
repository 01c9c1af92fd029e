"""What a worker watches while FFmpeg runs: its lease, whether its job was cancelled, its deadline."""

import math
import time
from collections.abc import Callable

from videosite.pipeline import jobs, tasks
from videosite.pipeline.child import Child
from videosite.pipeline.tasks import LostLeaseError
from videosite.settings import get_settings
from videosite.store.tables import Job, Task

TICK_S = 0.2
JOB_POLL_S = 2.0
STOP_MARGIN_S = 20.0
"""Left before the function's end to flush, upload, split and dispatch."""


class Watch:
    """Keeps a claimed task alive; `tick` is called a few times a second.

    Args:
        prolong: hides the task's queue message for another lease.
        remaining_s: seconds until the function is ended.
    """

    def __init__(
        self,
        job: Job,
        task: Task,
        owner: str,
        prolong: Callable[[], None],
        remaining_s: Callable[[], float],
    ) -> None:
        self.job = job
        self.task = task
        self.owner = owner
        self._prolong = prolong
        self._remaining_s = remaining_s
        self._beat_every_s = get_settings().lease_s / 4
        now_s = time.monotonic()
        self._next_beat_s = now_s + self._beat_every_s
        self._next_poll_s = now_s + JOB_POLL_S

    @property
    def urgent(self) -> bool:
        """Whether viewers wait for this task."""
        return self.task.urgent

    def tick(self) -> None:
        """Do what is due.

        Raises:
            LostLeaseError: the task was taken over, or its job cancelled, retried or deleted.
        """
        now_s = time.monotonic()
        if now_s >= self._next_poll_s:
            self._next_poll_s = now_s + JOB_POLL_S
            self.check_job()
        if now_s >= self._next_beat_s:
            self._next_beat_s = now_s + self._beat_every_s
            tasks.heartbeat(self.task, self.owner)
            self._prolong()

    def stays(self, child: Child, at_most_s: float = math.inf) -> bool:
        """Keep the task until a child ends by itself; False, and it is left running, when its time is over
        or near the deadline.

        Raises:
            LostLeaseError: as `tick`.
        """
        until_s = time.monotonic() + at_most_s
        while not child.wait(TICK_S):
            self.tick()
            if self.must_stop() or time.monotonic() > until_s:
                return False
        return True

    def check_job(self) -> None:
        """Look whether the job still wants this work; also done before anything is stored.

        Raises:
            LostLeaseError: it was cancelled, retried, deleted, or has ended.
        """
        if not jobs.still_runs(self.job):
            raise LostLeaseError(self.task.task_id)

    def must_stop(self) -> bool:
        """Whether the function's end is near: stop at a segment and split off the rest."""
        return self._remaining_s() < STOP_MARGIN_S
