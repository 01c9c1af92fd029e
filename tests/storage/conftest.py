"""Stores to hold to one contract: SeaweedFS and MiniStack's S3, alone, as the local stack starts them."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.local import deploy, ministack, ports, seaweedfs
from infra.local.environments import python_of
from infra.local.home import Home
from infra.local.keys import KeyPair, Keys, load_keys
from infra.local.processes import stop
from tests.conftest import forget_process
from videosite.library.storage_events import created_uploads
from videosite.pipeline.events import CreatedObject, created_objects

UPLOADS, MEDIA = "contract-uploads", "contract-media"
ORIGIN = "https://videos.example.org"
SECRET = "the-storages-secret"
START_S = 30.0


@dataclass
class Store:
    """A store with both buckets, and what it says of the uploads bucket."""

    kind: str
    endpoint: str
    functions: KeyPair
    reader: KeyPair
    take: Callable[[], list[CreatedObject]]
    """The created objects of ours that were reported since it was asked last."""
    seen: list[CreatedObject] = field(default_factory=list)

    def client(self, pair: KeyPair | None = None) -> Any:
        """An S3 client with a key; the functions' unless told otherwise."""
        return seaweedfs.client(self.endpoint, pair or self.functions)

    def wait_for_event(self, key: str) -> CreatedObject:
        """What the store reported of a key."""
        deadline_s = time.monotonic() + START_S
        while not (found := [item for item in self.seen if item.key == key]):
            assert time.monotonic() < deadline_s, f"no event of {key}: {self.seen}"
            self.seen += self.take()
            time.sleep(0.05)
        return found[0]


@pytest.fixture(scope="session", params=["seaweedfs", "ministack"])
def running(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Each store in turn, on free ports."""
    begin = {"seaweedfs": seaweed, "ministack": mini}[request.param]
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder, "home"))
        home.create()
        with begin(home, load_keys(home)) as store:
            yield store


@pytest.fixture
def store(running: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A running store that `videosite.store.objects` works on."""
    for name, value in {
        "AWS_DEFAULT_REGION": ministack.REGION,
        "VIDEOSITE_STORAGE_ENDPOINT": running.endpoint,
        "VIDEOSITE_STORAGE_ACCESS_KEY": running.functions.access_key,
        "VIDEOSITE_STORAGE_SECRET_KEY": running.functions.secret_key,
        "VIDEOSITE_STORAGE_READER_ACCESS_KEY": running.reader.access_key,
        "VIDEOSITE_STORAGE_READER_SECRET_KEY": running.reader.secret_key,
        "VIDEOSITE_STORAGE_PATH_STYLE": "true",
        "VIDEOSITE_UPLOADS_BUCKET": UPLOADS,
        "VIDEOSITE_MEDIA_BUCKET": MEDIA,
    }.items():
        monkeypatch.setenv(name, value)
    forget_process()
    yield running
    forget_process()


@contextmanager
def seaweed(home: Home, keys: Keys) -> Iterator[Store]:
    """SeaweedFS, and somebody who takes its webhook in the route's place."""
    bodies: list[dict[str, Any]] = []
    with receiver(bodies) as address:
        found = ports.take(seaweedfs.PORTS, {})
        process = seaweedfs.launch(home, found, keys, UPLOADS, MEDIA, address, SECRET)
        try:
            endpoint = seaweedfs.url(found)
            wait(lambda: seaweedfs.prepare(endpoint, keys, UPLOADS, MEDIA, [ORIGIN]))

            def take() -> list[CreatedObject]:
                taken, bodies[:] = list(bodies), []
                return [item for body in taken for item in created_uploads(body, UPLOADS)]

            yield Store("seaweedfs", endpoint, keys.storage_functions, keys.storage_reader, take)
        finally:
            stop(process, home.seaweedfs, patience_s=10)


@contextmanager
def receiver(bodies: list[dict[str, Any]]) -> Iterator[str]:
    """The address of a server that takes JSON from who knows the secret."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = self.headers["Authorization"] == f"Bearer {SECRET}"
            if known:
                bodies.append(body)
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((ports.LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://{ports.LOOPBACK}:{server.server_port}/api/v1/storage-events"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mini(home: Home, keys: Keys) -> Iterator[Store]:
    """MiniStack's S3, whose notifications go into a queue as S3's do."""
    port = ports.take(("ministack",), {})["ministack"]
    python = python_of("ministack")
    process = ministack.launch(python, home, port, keys.root, persist=False, objects_on_disk=False)
    try:
        wait(lambda: ministack.answers(port))
        endpoint = ministack.url(port)
        s3 = seaweedfs.client(endpoint, keys.root)
        for bucket in (UPLOADS, MEDIA):
            s3.create_bucket(Bucket=bucket)
        rule = {
            "AllowedMethods": ["POST", "PUT"], "AllowedOrigins": [ORIGIN], "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 3600,
        }  # fmt: skip
        s3.put_bucket_cors(Bucket=UPLOADS, CORSConfiguration={"CORSRules": [rule]})
        sqs = deploy.client("sqs", endpoint, keys.root)
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn,
        }  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        s3.put_bucket_notification_configuration(
            Bucket=UPLOADS,
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
            },
            SkipDestinationValidation=True,
        )
        reader = deploy.make_reader(endpoint, keys.root, MEDIA)

        def take() -> list[CreatedObject]:
            found: list[CreatedObject] = []
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                found += created_objects(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return [item for item in found if item.bucket == UPLOADS]

        yield Store("ministack", endpoint, keys.root, reader, take)
    finally:
        stop(process, home.ministack_tmp, patience_s=10)


def wait(ready: Callable[[], bool]) -> None:
    """Until it is so."""
    deadline_s = time.monotonic() + START_S
    while not ready():
        assert time.monotonic() < deadline_s, "the store did not get ready"
        time.sleep(0.05)
