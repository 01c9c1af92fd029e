"""LocalStack's runtime: a created object becomes tasks, and `--on` says what it lacks."""

import json
import os
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infra.local import elsewhere
from infra.local.deploy import client
from infra.local.keys import KeyPair
from infra.local.seaweedfs import client as storage_client
from infra.localstack.runtime import Runtime
from tests.conftest import QUEUES, forget_process
from tests.functions.conftest import handler
from tests.media.clips import bunny
from tests.stack.conftest import RunningStack, inside
from videosite.library import uploads
from videosite.pipeline import jobs, tasks
from videosite.store.tables import Task

ANYBODY = KeyPair("test", "test")


class Context:
    """What Lambda tells a function besides the event."""

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@dataclass(frozen=True)
class Events:
    """Queues and buckets on LocalStack, wired as the template wires them."""

    sqs: Any
    urls: dict[str, str]

    def take(self, name: str) -> list[dict[str, Any]]:
        """Messages of a queue as SQS hands them to its function; waits up to 10 s for the first."""
        answer = self.sqs.receive_message(
            QueueUrl=self.urls[name], WaitTimeSeconds=10, MaxNumberOfMessages=10
        )
        arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "eventSourceARN": arn,
            }
            for message in answer.get("Messages", [])
        ]


@pytest.fixture
def events(localstack: Runtime) -> Events:
    """Uploads announce themselves to the ingest queue, by S3's own notification."""
    sqs = client("sqs", localstack.endpoint, ANYBODY)
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
    arn = sqs.get_queue_attributes(QueueUrl=urls["ingest"], AttributeNames=["QueueArn"])
    s3 = storage_client(localstack.endpoint, ANYBODY)
    for bucket in ("uploads", "media"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket="uploads",
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": arn["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
            ]
        },
        SkipDestinationValidation=True,
    )
    return Events(sqs, urls)


def test_an_upload_becomes_tasks(stack: RunningStack, localstack: Runtime, events: Events) -> None:
    """Presigned upload → ObjectCreated → SQS → the ingest handler → tasks, dispatched to SQS.

    S3 and SQS are LocalStack's. Its functions need Docker and its DynamoDB a download, so the test is
    the poller and the tables are the stack's.
    """
    clip = bunny()
    with inside(stack):
        os.environ |= {
            "AWS_ENDPOINT_URL": localstack.endpoint,
            "AWS_ENDPOINT_URL_DYNAMODB": stack.record.aws,
            "VIDEOSITE_STORAGE_ENDPOINT": localstack.endpoint,
            "VIDEOSITE_STORAGE_PUBLIC_ENDPOINT": localstack.endpoint,
            "VIDEOSITE_STORAGE_ACCESS_KEY": ANYBODY.access_key,
            "VIDEOSITE_STORAGE_SECRET_KEY": ANYBODY.secret_key,
            "VIDEOSITE_STORAGE_PATH_STYLE": "true",
            "VIDEOSITE_UPLOADS_BUCKET": "uploads",
            "VIDEOSITE_MEDIA_BUCKET": "media",
            **{f"VIDEOSITE_{name.upper()}_QUEUE_URL": url for name, url in events.urls.items()},
        }
        forget_process()
        video, form = uploads.create("owner", "Bunny", clip.name, clip.stat().st_size, "private")
        assert isinstance(form, uploads.FormUpload)
        httpx.post(form.url, data=form.fields, files={"file": clip.read_bytes()}).raise_for_status()

        job = None
        # S3's test event may come first, and alone.
        while job is None and (records := events.take("ingest")):
            assert handler("ingest")({"Records": records}, Context()) == {"batchItemFailures": []}
            job = jobs.load(video.video_id, 1)
        rows = {task.task_id: task for task in Task.query(tasks.job_key(video.video_id, 1))}
    assert job is not None
    assert (job.status, job.total_tasks, job.source_size_bytes) == (
        "processing",
        len(rows),
        clip.stat().st_size,
    )
    groups = {"h264", "av1", "audio", "image", "previews", "loudness"}
    assert {task.group for task in rows.values()} == groups
    sent = {json.loads(it["body"])["task_id"] for name in ("urgent", "bulk") for it in events.take(name)}
    assert sent == {task_id for task_id, task in rows.items() if task.status == "queued"}
    assert "h264#000000" in sent


def test_an_endpoint_that_lacks_services_is_refused_by_name(localstack: Runtime) -> None:
    with pytest.raises(elsewhere.MissingServicesError) as refusal:
        elsewhere.check(localstack.endpoint)
    assert "API Gateway v2" in str(refusal.value)
    assert "CloudFront" in str(refusal.value)
