"""Taking ended jobs up again, and giving up those whose media are gone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from pynamodb.expressions.update import Action

from videosite.pipeline import jobs, quotas
from videosite.store.tables import Job, Video, entry


@dataclass(frozen=True)
class Lost:
    """Finished work that storage lost, which is to be done again."""

    tasks: Mapping[str, frozenset[str]]
    """Group → ids of tasks that were done and whose files are not there."""
    codecs: frozenset[str]
    """Published codecs that are to be published anew."""

    def __bool__(self) -> bool:
        return bool(self.tasks or self.codecs)


NOTHING = Lost({}, frozenset())


def lose(job: Job, error: tuple[str, str], now_s: float) -> bool:
    """Fail a completed job, and its video, whose media are gone; False if it is not completed any more."""
    actions: list[Action] = [
        Job.status.set("failed"),
        Job.updated_at_s.set(now_s),
        Job.error_code.set(error[0]),
        Job.error_message.set(error[1]),
        Job.watch.set(jobs.WATCH_ENDED),
        Job.look_at_s.set(now_s + jobs.TOLD_AFTER_S),
    ]
    video_actions: list[Action] = [
        Video.status.set("failed"),
        Video.published_generation.set(0),
        Video.updated_at_s.set(now_s),
    ]
    return jobs.move(job, actions, video_actions, ("completed",))


def reopen(job: Job, lost: Lost, now_s: float | None = None, *, waits: bool = False) -> bool:
    """Take an ended job up again under a new run: for what was not done, and for what storage lost since.

    `waits`: as a new one does, for a place among its owner's running ones; else it has one, whatever the
    limit. What is published stays playable meanwhile. The caller sends the work off by `control.resume`.
    False if the job has not ended, or somebody else has taken it up.
    """
    now_s = time.time() if now_s is None else now_s
    left, retries = job.open_tasks.as_dict(), job.retries.as_dict()
    again = {group for group, count in left.items() if count} | set(lost.tasks)
    anew = set(lost.codecs) | set(job.publish_anew or ())
    redo = set[str]().union(*lost.tasks.values())
    actions: list[Action] = [
        *(entry(Job.open_tasks, group).set(left[group] + len(ids)) for group, ids in lost.tasks.items()),
        Job.done_tasks.set(job.done_tasks - len(redo)),
        Job.redo.set(redo) if redo else Job.redo.remove(),
        Job.publish_anew.set(anew) if anew else Job.publish_anew.remove(),
        Job.run.set(job.run + 1),
        Job.status.set("accepted" if waits else _reopened_status(job)),
        Job.updated_at_s.set(now_s),
        Job.error_code.remove(),
        Job.error_message.remove(),
        Job.finished_at_s.remove(),
        Job.ingest_attempts.set(0),
        Job.retries.set(retries | {group: retries.get(group, 0) + 1 for group in again}),
        Job.watch.set(jobs.WATCH),
        Job.look_at_s.set(now_s + jobs.LOOK_AGAIN_S),
    ]
    if job.started_at_s:
        # Speed and time left are told by the time that was worked, not by that it stood still.
        stood_s = now_s - (job.finished_at_s or job.updated_at_s)
        actions.append(Job.started_at_s.set(job.started_at_s + stood_s))
    video_actions: list[Action] = [Video.status.set("processing"), Video.updated_at_s.set(now_s)]
    return jobs.move(job, actions, video_actions, jobs.ENDED, None if waits else quotas.occupy)


def take_up(job: Job) -> Job | None:
    """Give a reopened job its place; None: it waits for one, or was cancelled meanwhile."""
    now_s = time.time()
    if not quotas.take_slot(job):
        jobs.wait(job, now_s)
        return None
    status = Job.status.set(_reopened_status(job))
    jobs.update(job, [status, Job.waiting.set(False), Job.updated_at_s.set(now_s)])
    return jobs.load(job.video_id, job.generation)


def _reopened_status(job: Job) -> str:
    if job.plan is None:
        return "accepted"
    # Cancelled before its tasks were counted, some may not be there.
    return "processing" if job.total_tasks else "planned"
