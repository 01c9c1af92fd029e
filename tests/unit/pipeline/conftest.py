"""Factories for the pipeline's rows, on moto's tables."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from videosite.settings import get_settings
from videosite.store import objects, queues
from videosite.store.tables import ALL_TABLES, Job, Task, Video, forget_connections, job_item

QUEUES = ("ingest", "urgent", "bulk", "publish")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto in process: tables, buckets and queues of an empty installation."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "VIDEOSITE_TABLE_PREFIX": "test-",
        "VIDEOSITE_UPLOADS_BUCKET": "uploads",
        "VIDEOSITE_MEDIA_BUCKET": "media",
        "VIDEOSITE_WINDOW": "2",
    }.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    objects._client.cache_clear()
    queues._client.cache_clear()
    with mock_aws():
        sqs = boto3.client("sqs")
        for name in QUEUES:
            url = sqs.create_queue(QueueName=name)["QueueUrl"]
            monkeypatch.setenv(f"VIDEOSITE_{name.upper()}_QUEUE_URL", url)
        s3 = boto3.client("s3")
        for bucket in ("uploads", "media"):
            s3.create_bucket(Bucket=bucket)
        forget_connections()
        for table in ALL_TABLES:
            table.create_table(billing_mode="PAY_PER_REQUEST")
        yield
    get_settings.cache_clear()
    objects._client.cache_clear()
    queues._client.cache_clear()
    forget_connections()


@pytest.fixture
def messages(aws: None) -> Callable[[str], list[str]]:
    """Takes and returns the bodies waiting in a queue, by its short name."""

    def take(name: str) -> list[str]:
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        bodies = []
        while answer := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in answer]
            for message in answer:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    return take


def make_video(video_id: int = 7, **values: object) -> Video:
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


def make_job(video: Video, **values: object) -> Job:
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


def make_task(job: Job, group: str = "h264", first: int = 0, end: int = 4, **values: object) -> Task:
    """A stored pending task of the job's run."""
    task = Task(
        f"{job.video_id}#{job.generation}",
        f"{group}#{first:06d}",
        **{"group": group, "first": first, "end": end, "run": job.run, **values},
    )
    task.save()
    return task
