"""Range tasks: claimed under a lease, kept by heartbeats, ended in one transaction.

pending ──> queued ──> running ──> done
   ↑           ↑──────────┘ ──> failed
   └─ retry (new run)
"""

import time

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.pipeline.jobs import OPEN, WATCH
from videosite.pipeline.meter import Measured, usd_here
from videosite.settings import get_settings
from videosite.store.tables import Job, Task, entry
from videosite.store.transactions import applied, commit

QUEUED_LOOK_S = 1200
"""A queued task nobody claimed for this long is sent again by housekeeping."""
COMPLETE_ATTEMPTS = 7
RELEASED_LOOK_S = 90
"""One that was given back comes again by itself within a minute, unless its message was lost."""


class LostLeaseError(Exception):
    """The task is no longer this worker's: its writes would fail, so it stops and says nothing."""


def job_key(video_id: int, generation: int) -> str:
    """Hash key of a job's tasks."""
    return f"{video_id}#{generation}"


def task_id(group: str, first: int) -> str:
    """Deterministic, so that planning or splitting twice makes the same task."""
    return f"{group}#{first:06d}"


def new_task(job: Job, group: str, first: int, end: int, urgent: bool = False) -> Task:
    """A pending task over segments [first, end) of a group; not yet stored."""
    return Task(
        job_key(job.video_id, job.generation),
        task_id(group, first),
        group=group,
        first=first,
        end=end,
        run=job.run,
        urgent=urgent,
    )


def create(task: Task) -> bool:
    """Store a new task; False if it was there already."""
    return applied(lambda: task.save(condition=Task.job.does_not_exist()))


def load(job: str, task: str) -> Task | None:
    """The task row, read consistently, or None."""
    try:
        return Task.get(job, task, consistent_read=True)
    except Task.DoesNotExist:
        return None


def claim(task: Task, run: int, owner: str, now_s: float | None = None) -> bool:
    """Make a queued task, or a running one whose lease ran out, this worker's; False if it cannot be."""
    now_s = time.time() if now_s is None else now_s
    lease_until_s = now_s + get_settings().lease_s
    free = Task.status.is_in("pending", "queued") | (
        (Task.status == "running") & (Task.lease_until_s < now_s)
    )
    return applied(
        lambda: task.update(
            actions=[
                Task.status.set("running"),
                Task.attempt.set(task.attempt + 1),
                Task.claims.add(1),
                Task.lease_owner.set(owner),
                Task.lease_until_s.set(lease_until_s),
                Task.started_at_s.set(now_s),
                Task.ended_at_s.remove(),
                Task.watch.set(WATCH),
                Task.look_at_s.set(lease_until_s),
            ],
            condition=(Task.run == run) & (Task.attempt == task.attempt) & free,
        )
    )


def heartbeat(task: Task, owner: str, now_s: float | None = None) -> None:
    """Prolong the lease.

    Raises:
        LostLeaseError: somebody else has the task, or it ended.
    """
    now_s = time.time() if now_s is None else now_s
    lease_until_s = now_s + get_settings().lease_s
    _as_owner(task, owner, [Task.lease_until_s.set(lease_until_s), Task.look_at_s.set(lease_until_s)])


def release(task: Task, owner: str, code: str, message: str, measured: Measured, counts: bool = True) -> None:
    """Give the task back for another attempt; `counts`: this one is among those that it may have."""
    why: list[Action] = [
        Task.attempt.set(task.attempt if counts else task.attempt - 1),
        Task.error_code.set(code),
        Task.error_message.set(message[:500]),
        Task.unavailable_since_s.remove(),
    ]
    _give_back(task, owner, why, measured)


def put_off(task: Task, owner: str, since_s: float, measured: Measured) -> None:
    """Give the task back as it was before the attempt, which a fault of storage or tables ended; `since_s`:
    when the first of these came."""
    why: list[Action] = [
        Task.attempt.set(task.attempt - 1),
        Task.unavailable_since_s.set(since_s),
    ]
    _give_back(task, owner, why, measured)


def _give_back(task: Task, owner: str, why: list[Action], measured: Measured) -> None:
    _as_owner(
        task,
        owner,
        [
            Task.status.set("queued"),
            Task.lease_owner.remove(),
            Task.lease_until_s.remove(),
            Task.ended_at_s.set(time.time()),
            Task.look_at_s.set(time.time() + RELEASED_LOOK_S),
            *why,
            *_spending(measured),
        ],
    )


def fail(task: Task, code: str, message: str, owner: str = "", measured: Measured | None = None) -> None:
    """Mark a task failed for good: as its `owner`, who measured its attempt, or, without one, a task nobody
    holds. The caller fails the job.

    Raises:
        LostLeaseError: somebody else has the task, or it ended.
    """
    now_s = time.time()
    held = (Task.status == "running") & (Task.lease_until_s >= now_s)
    ours = (Task.lease_owner == owner) & (Task.status == "running")
    failed = applied(
        lambda: task.update(
            actions=[
                Task.status.set("failed"),
                Task.error_code.set(code),
                Task.error_message.set(message[:500]),
                Task.ended_at_s.set(now_s),
                Task.watch.remove(),
                Task.look_at_s.remove(),
                *(_spending(measured) if measured else ()),
            ],
            condition=(Task.run == task.run) & (ours if owner else (Task.status != "done") & ~held),
        )
    )
    if not failed:
        raise LostLeaseError(task.task_id)


def renew(task: Task, run: int) -> None:
    """Make a task of an older run, as it was read, a pending one of this run."""
    if task.run >= run:
        return
    applied(
        lambda: task.update(
            actions=[
                Task.run.set(run),
                Task.status.set("pending"),
                Task.attempt.set(0),
                Task.lease_owner.remove(),
                Task.lease_until_s.remove(),
                Task.error_code.remove(),
                Task.error_message.remove(),
                Task.unavailable_since_s.remove(),
                Task.started_at_s.remove(),
                Task.ended_at_s.remove(),
                Task.watch.remove(),
                Task.look_at_s.remove(),
            ],
            condition=(Task.run == task.run) & (Task.status == task.status),
        )
    )


def _as_owner(task: Task, owner: str, actions: list[Action]) -> None:
    ours = (Task.lease_owner == owner) & (Task.status == "running")
    if not applied(lambda: task.update(actions=actions, condition=ours)):
        raise LostLeaseError(task.task_id)


def add_lost(task: Task, measured: Measured) -> None:
    """Count what an attempt took whose task was taken away: by a cancel, a retry, or another worker."""
    # Or the video was deleted with its tasks.
    applied(lambda: task.update(actions=_spending(measured), condition=Task.job.exists()))


def _spending(measured: Measured) -> list[Action]:
    """Adds, since every attempt costs, and sums do not depend on whose turn it was."""
    return [getattr(Task, name).add(amount) for name, amount in measured.spent.items()]


def spent(job: Job) -> dict[str, dict[str, float]]:
    """{group: {cpu_s, gb_s, usd}} over all attempts of the job's tasks that told it. A worker that was killed
    told nothing."""
    totals: dict[str, dict[str, float]] = {}
    for task in Task.query(job_key(job.video_id, job.generation), consistent_read=True):
        if task.gb_s is not None:
            total = totals.setdefault(task.group, {"cpu_s": 0.0, "gb_s": 0.0})
            total["cpu_s"] = round(total["cpu_s"] + (task.cpu_s or 0), 3)
            total["gb_s"] = round(total["gb_s"] + task.gb_s, 3)
    return {group: {**total, "usd": usd_here(total["gb_s"])} for group, total in totals.items()}


def complete(job: Job, task: Task, owner: str, end: int, size_bytes: int, measured: Measured) -> None:
    """Finish a task at `end` in one transaction; the rest [end, task.end) becomes a child.

    Task, child and the job's counters change together or not at all, which is what makes the fan-in
    exact. Safe to repeat: the second time finds the lease gone.

    Raises:
        LostLeaseError: the lease, the run or the job is no longer this worker's.
        RetryableError: the tables stayed busy.
    """
    left = entry(Job.open_tasks, task.group)
    child = new_task(job, task.group, end, task.end) if end < task.end else None
    now_s = time.time()
    counters: list[Action] = [Job.done_tasks.add(1), Job.updated_at_s.set(now_s)]
    if child:
        counters.append(Job.total_tasks.add(1))
    else:
        counters.append(left.set(left - 1))

    def fill(write: TransactWrite) -> None:
        write.update(
            Task(task.job, task.task_id),
            actions=[
                Task.status.set("done"),
                Task.end.set(end),
                Task.wall_s.set(round(measured.wall_s, 3)),
                Task.ended_at_s.set(now_s),
                Task.size_bytes.set(size_bytes),
                *_spending(measured),
                Task.lease_owner.remove(),
                Task.lease_until_s.remove(),
                Task.watch.remove(),
                Task.look_at_s.remove(),
            ],
            condition=(Task.lease_owner == owner) & (Task.status == "running") & (Task.run == job.run),
        )
        if child:
            write.save(child, condition=Task.job.does_not_exist())
        write.update(
            Job(job.video_id, job.item),
            actions=counters,
            condition=(Job.run == job.run) & Job.status.is_in(*OPEN),
        )

    # Workers of one video meet at its job item, so others may be faster several times.
    if commit(fill, COMPLETE_ATTEMPTS):
        raise LostLeaseError(task.task_id)
