"""Leases and the one-transaction fan-in."""

import pytest

from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline import jobs, tasks
from videosite.pipeline.meter import Measured, usd_here
from videosite.pipeline.tasks import LostLeaseError
from videosite.store.tables import Job, Task

MEASURED = Measured(cpu_s=1.0, wall_s=2.0, memory_mb=1024)

pytestmark = pytest.mark.usefixtures("aws")


def fresh(task: Task) -> Task:
    found = tasks.load(task.job, task.task_id)
    assert found is not None
    return found


def fresh_job(job: Job) -> Job:
    found = jobs.load(job.video_id, job.generation)
    assert found is not None
    return found


def test_only_one_worker_claims_a_task() -> None:
    task = make_task(make_job(make_video()), status="queued")
    other = fresh(task)
    assert tasks.claim(task, 1, "first", now_s=100)
    assert not tasks.claim(other, 1, "second", now_s=100)
    assert fresh(task).lease_owner == "first"


def test_a_dead_workers_task_is_claimed_when_its_lease_has_run_out() -> None:
    task = make_task(make_job(make_video()), status="queued")
    assert tasks.claim(task, 1, "dead", now_s=100)
    assert not tasks.claim(fresh(task), 1, "next", now_s=189)
    assert tasks.claim(fresh(task), 1, "next", now_s=191)
    assert fresh(task).attempt == 2
    with pytest.raises(LostLeaseError):
        tasks.heartbeat(task, "dead")


def test_a_task_of_another_run_is_not_claimed() -> None:
    task = make_task(make_job(make_video()), status="queued", run=2)
    assert not tasks.claim(task, 1, "worker")


def test_a_task_tells_when_its_newest_attempt_was() -> None:
    job = make_job(make_video())
    task = make_task(job, status="queued")
    tasks.claim(task, 1, "me", now_s=100)
    assert fresh(task).started_at_s == 100
    assert fresh(task).ended_at_s is None
    tasks.release(fresh(task), "me", "x", "It broke.", MEASURED)
    assert fresh(task).ended_at_s is not None
    tasks.claim(fresh(task), 1, "me", now_s=200)
    assert fresh(task).started_at_s == 200
    assert fresh(task).ended_at_s is None
    tasks.complete(job, fresh(task), "me", 4, 3, MEASURED)
    assert fresh(task).ended_at_s is not None


def test_completing_counts_down_once() -> None:
    job = make_job(make_video())
    task = make_task(job, status="queued")
    tasks.claim(task, 1, "me")
    tasks.complete(job, task, "me", 4, 3, MEASURED)
    with pytest.raises(LostLeaseError):
        tasks.complete(job, task, "me", 4, 3, MEASURED)
    assert fresh(task).status == "done"
    assert fresh_job(job).open_tasks.as_dict() == {"h264": 1, "audio": 1, "image": 1}
    assert fresh_job(job).done_tasks == 1


def test_stopping_early_leaves_the_rest_to_a_child() -> None:
    job = make_job(make_video())
    task = make_task(job, status="queued")
    tasks.claim(task, 1, "me")
    tasks.complete(job, task, "me", 3, 3, MEASURED)
    child = tasks.load(task.job, "h264#000003")
    assert child is not None
    assert (child.first, child.end, child.status) == (3, 4, "pending")
    assert fresh(task).end == 3
    assert fresh_job(job).open_tasks["h264"] == 2
    assert fresh_job(job).total_tasks == 5


def test_a_straggler_of_a_cancelled_run_changes_nothing() -> None:
    job = make_job(make_video())
    task = make_task(job, status="queued")
    tasks.claim(task, 1, "me")
    assert jobs.finish(job, "cancelled")
    with pytest.raises(LostLeaseError):
        tasks.complete(job, task, "me", 4, 3, MEASURED)
    assert fresh(task).status == "running"
    assert fresh_job(job).open_tasks["h264"] == 2


def test_released_tasks_can_be_claimed_again() -> None:
    task = make_task(make_job(make_video()), status="queued")
    tasks.claim(task, 1, "me")
    tasks.release(task, "me", "storage_unreadable", "no", MEASURED)
    again = fresh(task)
    assert (again.status, again.error_code) == ("queued", "storage_unreadable")
    assert tasks.claim(again, 1, "next")


def test_only_its_owner_fails_a_task_somebody_works_on() -> None:
    task = make_task(make_job(make_video()), status="queued")
    assert tasks.claim(task, 1, "ann")
    for owner in ("bob", ""):
        with pytest.raises(LostLeaseError):
            tasks.fail(task, "x", "It broke.", owner)
    tasks.fail(task, "x", "It broke.", "ann")
    found = tasks.load(task.job, task.task_id)
    assert found is not None
    assert (found.status, found.error_code) == ("failed", "x")


def test_every_attempt_adds_what_it_took() -> None:
    """Given back, failed and retried, cancelled, done: four attempts are paid for."""
    job = make_job(make_video())
    task = make_task(job, status="queued")
    assert tasks.claim(task, 1, "one")
    tasks.release(task, "one", "storage_unreadable", "no", MEASURED)
    assert tasks.claim(fresh(task), 1, "two")
    tasks.fail(fresh(task), "x", "It broke.", "two", MEASURED)
    assert tasks.spent(job)["h264"] == {"cpu_s": 2.0, "gb_s": 4.0, "usd": usd_here(4.0)}
    tasks.renew(fresh(task), 2)
    tasks.add_lost(fresh(task), MEASURED)
    job.update(actions=[Job.run.set(2)])
    assert tasks.claim(fresh(task), 2, "three")
    tasks.complete(job, fresh(task), "three", 4, 3, MEASURED)
    assert tasks.spent(job)["h264"]["gb_s"] == 8.0
    assert fresh(task).wall_s == MEASURED.wall_s
