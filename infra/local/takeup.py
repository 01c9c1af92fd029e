"""Takes up at once what a stop of the stack cut off: `python -m infra.local.takeup`, with the environment
of HousekeepingFunction and on stdin the time (seconds since 1970) at which the stack was started again.

Without it a task that was cut off stands still until its lease has run out, and its message with it.
"""

import sys
import time
from functools import partial

from pynamodb.expressions.update import Action

from videosite.housekeeping.sweep import sweep
from videosite.pipeline import jobs
from videosite.settings import get_settings
from videosite.store.tables import Job, Task
from videosite.store.transactions import applied


def take_up(started_s: float) -> dict[str, int]:
    """End the leases of workers that are gone, then set everything unfinished going; see `sweep`.

    An attempt that ended with the stack is not counted. Messages that come a second time are harmless.
    """
    for found in Task.by_deadline.query(jobs.WATCH):
        task = Task.get(found.job, found.task_id, consistent_read=True)
        # A lease that was renewed since belongs to a worker of this start.
        if task.status == "running" and (task.lease_until_s or 0) <= started_s + get_settings().lease_s:
            _release(task)
    for open_job in Job.by_deadline.query(jobs.WATCH):
        # Nobody could get on while the stack was down, for however many days.
        actions: list[Action] = [Job.look_at_s.set(0), Job.updated_at_s.set(time.time())]
        job = Job(open_job.video_id, open_job.item)
        applied(partial(job.update, actions=actions, condition=Job.watch == jobs.WATCH))
    return sweep(time.time())


def _release(task: Task) -> None:
    applied(
        lambda: task.update(
            actions=[
                Task.status.set("queued"),
                Task.attempt.set(task.attempt - 1),
                Task.lease_owner.remove(),
                Task.lease_until_s.remove(),
                Task.look_at_s.set(0),
            ],
            condition=(Task.status == "running") & (Task.attempt == task.attempt),
        )
    )


if __name__ == "__main__":
    take_up(float(sys.stdin.read()))
