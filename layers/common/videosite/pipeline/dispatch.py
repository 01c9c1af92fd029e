"""Sends tasks to the workers: a window per video, so that a long film never blocks a short clip."""

import time

from videosite.pipeline.jobs import WATCH, is_published
from videosite.pipeline.tasks import QUEUED_LOOK_S, job_key
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.tables import Job, Task
from videosite.store.transactions import applied

GROUP_ORDER = {
    "audio": 0, "h264": 1, "loudness": 2, "image": 3, "subtitles": 4, "previews": 5, "av1": 6,
}  # fmt: skip
"""What viewers wait for first. Audio is one cheap task for most videos and the master needs it. Loudness that
audio waits for has its place."""


def dispatch(job: Job) -> int:
    """Queue the next tasks of a job, up to its window; returns how many were.

    Marks a task queued before sending it. A crash between the two leaves a queued task without a
    message, which a redelivery or housekeeping sends again.
    """
    tasks = list(Task.query(job_key(job.video_id, job.generation), consistent_read=True))
    outstanding = sum(task.status in ("queued", "running") for task in tasks)
    free = max(0, _window(job) - outstanding)
    blocked = _blocked_groups(job)
    pending = [task for task in tasks if task.status == "pending" and task.group not in blocked]
    order = GROUP_ORDER | {"loudness": GROUP_ORDER["audio"]} if "audio" in blocked else GROUP_ORDER
    pending.sort(key=lambda task: (not task.urgent, order[task.group], task.first))
    sent = 0
    for task in pending:
        # Urgent tasks have a queue of their own and never wait for the window.
        if sent >= free and not task.urgent:
            break
        if _mark_queued(task, job.run):
            try:
                send(job, task)
            except Exception:
                _unmark(task, job.run)
                raise
        # Counted also if another worker was faster: it took a place of the window, too.
        sent += 1
    return sent


def _window(job: Job) -> int:
    """A job that is to stand back has a quarter of the places."""
    window = get_settings().window
    return max(1, window // 4) if job.priority == "low" else window


def _blocked_groups(job: Job) -> tuple[str, ...]:
    """Previews are made of segments of the codec that is done first; audio waits for its loudness when it
    is to be normalised by it."""
    left = job.open_tasks.as_dict()
    waiting = {
        "previews": left.get("h264", left.get("av1")),
        "audio": (job.plan or {}).get("normalize") and left.get("loudness"),
    }
    return tuple(group for group, reason in waiting.items() if reason)


def _mark_queued(task: Task, run: int) -> bool:
    return applied(
        lambda: task.update(
            actions=[
                Task.status.set("queued"),
                Task.watch.set(WATCH),
                Task.look_at_s.set(time.time() + QUEUED_LOOK_S),
            ],
            condition=(Task.status == "pending") & (Task.run == run),
        )
    )


def _unmark(task: Task, run: int) -> None:
    """Have a task that could not be sent wait again, unless it has moved on meanwhile."""
    queued = (Task.status == "queued") & (Task.run == run)
    applied(lambda: task.update(actions=[Task.status.set("pending")], condition=queued))


def send(job: Job, task: Task) -> None:
    """Send one task's message; harmless if it was sent before."""
    # Workers look into the urgent queue first, so that is where work goes that is to overtake others.
    soon = task.urgent or job.priority == "high"
    queue = require("urgent_queue_url" if soon else "bulk_queue_url")
    queues.send(
        queue,
        {
            "video_id": job.video_id,
            "generation": job.generation,
            "run": job.run,
            "task_id": task.task_id,
        },
    )


def ready_codecs(job: Job) -> list[str]:
    """The next codec to publish, if its tasks and audio are all done; H.264 before AV1, since a master with
    AV1 alone would be nothing for most players.

    With all codecs published, the last one again once nothing is left to do: publishing ends the job.
    """
    left = job.open_tasks.as_dict()
    codecs = [codec for codec in ("h264", "av1") if codec in left]
    waiting = [codec for codec in codecs if not is_published(job, codec)]
    if any(left.get(group) for group in ((waiting[0], "audio") if waiting else left)):
        return []
    return waiting[:1] or codecs[-1:]


def after_task(job: Job) -> None:
    """What follows a finished task: publish what is complete, send what is next.

    Repeated whenever a finished task's message comes again, since its worker may have died between
    its transaction and this.
    """
    for codec in ready_codecs(job):
        queues.send(
            require("publish_queue_url"),
            {
                "video_id": job.video_id,
                "generation": job.generation,
                "run": job.run,
                "codec": codec,
            },
        )
    dispatch(job)
