"""LocalStack's runtime: created objects reach a queue, and `--on` says what it lacks."""

import json

import pytest

from infra.local import elsewhere
from infra.local.keys import KeyPair
from infra.local.seaweedfs import client as storage_client
from infra.localstack.runtime import Runtime


def test_a_created_object_reaches_the_queue(localstack: Runtime) -> None:
    from infra.local.deploy import client

    anybody = KeyPair("test", "test")
    queues = client("sqs", localstack.endpoint, anybody)
    url = queues.create_queue(QueueName="events")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    objects = storage_client(localstack.endpoint, anybody)
    objects.create_bucket(Bucket="events")
    objects.put_bucket_notification_configuration(
        Bucket="events",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
        SkipDestinationValidation=True,
    )
    objects.put_object(Bucket="events", Key="uploads/1/source.mp4", Body=b"bytes")
    keys = []
    for _ in range(5):
        found = queues.receive_message(QueueUrl=url, WaitTimeSeconds=2, MaxNumberOfMessages=10)
        for message in found.get("Messages", []):
            keys += [it["s3"]["object"]["key"] for it in json.loads(message["Body"]).get("Records", [])]
        if keys:
            break
    assert keys == ["uploads/1/source.mp4"]


def test_an_endpoint_that_lacks_services_is_refused_by_name(localstack: Runtime) -> None:
    with pytest.raises(elsewhere.MissingServicesError) as refusal:
        elsewhere.check(localstack.endpoint)
    assert "API Gateway v2" in str(refusal.value)
    assert "CloudFront" in str(refusal.value)
