"""What storage lost of finished work."""

from collections.abc import Collection

from videosite.media.plan import Plan
from videosite.pipeline.publish import INIT, PLAYLIST, segment_file, stored_files
from videosite.pipeline.reopening import NOTHING, Lost
from videosite.pipeline.tasks import job_key
from videosite.store.tables import Job, Task


def find_lost(job: Job, names: Collection[str] | None = None) -> Lost:
    """Compare finished tasks with storage. `names`: the renditions to look at; None: all."""
    if job.plan is None or not job.total_tasks:
        return NOTHING
    plan = Plan.from_dict(job.plan)
    lacking: dict[str, set[str]] = {}
    for group in plan.groups:
        for name in plan.renditions_of(group):
            if names is None or name in names:
                wanted = {INIT, PLAYLIST, *(segment_file(number) for number in range(plan.segments_of(name)))}
                lacking.setdefault(group, set()).update(wanted - stored_files(job, name))
    tasks: dict[str, set[str]] = {}
    for task in Task.query(job_key(job.video_id, job.generation), consistent_read=True):
        own = {INIT, *(segment_file(number) for number in range(task.first, task.end))}
        if task.status == "done" and lacking.get(task.group, set()) & own:
            tasks.setdefault(task.group, set()).add(task.task_id)
    published = job.published.as_dict()
    codecs = {plan.codecs[0] if group == "audio" else group for group, files in lacking.items() if files}
    return Lost(
        {group: frozenset(ids) for group, ids in tasks.items()},
        frozenset(codec for codec in codecs if codec in published),
    )
