"""Factories for the pipeline's rows."""

from typing import Any

from videosite.store.tables import Job, Task, Video, job_item


def make_video(video_id: int = 7, **values: Any) -> Video:
    """A stored video, pending unless told otherwise."""
    video = Video(
        video_id,
        **{
            "owner_id": "owner",
            "title": "Clip",
            "source_key": f"uploads/{video_id}/source.mp4",
            "created_at_s": 1.0,
            "updated_at_s": 1.0,
            **values,
        },
    )
    video.save()
    return video


def make_job(video: Video, **values: Any) -> Job:
    """A stored job of generation 1 in `processing`, its video pointing at it."""
    job = Job(
        video.video_id,
        job_item(1),
        **{
            "generation": 1,
            "status": "processing",
            "asset_key": "a" * 32,
            "owner_id": video.owner_id,
            "title": video.title,
            "source_key": video.source_key,
            "source_etag": "e",
            "source_size_bytes": 1,
            "plan": {"stands": "for a plan"},
            "open_tasks": {"h264": 2, "audio": 1, "image": 1},
            "total_tasks": 4,
            "created_at_s": 1.0,
            "updated_at_s": 1.0,
            "watch": "open",
            "look_at_s": 1.0,
            **values,
        },
    )
    job.save()
    video.update(actions=[Video.active_generation.set(1), Video.status.set("processing")])
    return job


def make_task(job: Job, group: str = "h264", first: int = 0, end: int = 4, **values: Any) -> Task:
    """A stored pending task of the job's run."""
    task = Task(
        f"{job.video_id}#{job.generation}",
        f"{group}#{first:06d}",
        **{"group": group, "first": first, "end": end, "run": job.run, **values},
    )
    task.save()
    return task
