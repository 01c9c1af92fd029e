"""The stack that the tests of this folder share: the very template on MiniStack, in a folder of its own.

All of them run in one xdist worker (`tests/schedule.py`), so there is one stack per session.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.local import deploy, ports
from infra.local.beside import function_environment, function_name
from infra.local.deploy import MEDIA, UPLOADS
from infra.local.home import Home
from infra.local.keys import KeyPair, load_keys
from infra.local.processes import find, leftovers, start, stop
from infra.local.record import Record, StorageKind, save
from infra.local.seaweedfs import client as storage_client
from infra.local.services import storage_endpoint
from infra.local.stack import Options, down, up
from infra.localstack.runtime import Runtime, halt, launch
from tests.conftest import forget_process
from tests.stack.site import Site

LEASE_S = 6
"""A dead worker costs this much; 90 s on AWS."""
SCHEDULED = {
    "version": "0", "id": "1", "account": "000000000000", "region": "us-east-1", "source": "aws.events",
    "detail-type": "Scheduled Event", "detail": {}, "time": "2025-10-10T10:30:00Z", "resources": [],
}  # fmt: skip
"""The event of a schedule."""


# Making a client takes 50-90 ms, and these are asked for hundreds of times.
_client = lru_cache(deploy.client)
_function_name = lru_cache(function_name)
_environment = lru_cache(function_environment)


@dataclass(frozen=True)
class RunningStack:
    """A stack as tests reach it."""

    home: Home
    record: Record
    root: KeyPair
    """MiniStack's root."""
    uploads_bucket: str = UPLOADS
    media_bucket: str = MEDIA

    @property
    def url(self) -> str:
        """The one address: the proxy's."""
        return self.record.public_url

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    @property
    def ws(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/api/v1/ws"

    @property
    def ws_admin(self) -> str:
        return f"{self.ws}/admin"

    @property
    def credentials(self) -> dict[str, str]:
        """The seeded admin: email and password."""
        values: dict[str, str] = json.loads(self.home.credentials.read_text())
        return values

    @property
    def outputs(self) -> dict[str, str]:
        """Outputs of the template."""
        return self.record.outputs

    def aws(self, service: str) -> Any:
        """A boto3 client as root: sqs, dynamodb, lambda, secretsmanager …"""
        return _client(service, self.record.aws, self.root)

    def storage(self) -> Any:
        """An S3 client of the object storage as its admin."""
        keys = load_keys(self.home)
        pair = keys.storage_admin if self.record.storage == "seaweedfs" else self.root
        return storage_client(storage_endpoint(self.record), pair)

    def queue_url(self, name: str) -> str:
        """Address of a queue: ingest, urgent, bulk, publish."""
        return str(self.aws("sqs").get_queue_url(QueueName=f"{deploy.STACK}-{name}")["QueueUrl"])

    def table_name(self, name: str) -> str:
        """Name of a table: videos, jobs, tasks …"""
        return f"{deploy.STACK}-{name}"

    def function_name(self, logical_id: str) -> str:
        """Name of a function by its id in the template: TranscodeFunction …"""
        return _function_name(self.record.aws, self.root, logical_id)

    def environment(self, logical_id: str = "ApiFunction") -> dict[str, str]:
        """A function's environment with root's keys, for running our code in a process beside the stack."""
        return _environment(self.record.aws, self.root, logical_id)

    def workers(self, logical_id: str) -> list[psutil.Process]:
        """The processes of a function's workers (FFmpeg and other children of theirs not among them)."""
        marker = f"{deploy.STACK}-{logical_id}-"
        return [process for process in leftovers(self.home.ministack_tmp) if _is_worker(process, marker)]

    def invoke(self, logical_id: str, event: dict[str, Any]) -> dict[str, Any]:
        """Call a function with an event and wait; `FunctionError` in the answer if it raised."""
        answer = self.aws("lambda").invoke(
            FunctionName=self.function_name(logical_id), Payload=json.dumps(event).encode()
        )
        answer["Payload"] = json.loads(answer["Payload"].read() or b"null")
        return dict(answer)

    def sweep(self) -> dict[str, int]:
        """A round of housekeeping; returns what it did."""
        answer = self.invoke("HousekeepingFunction", SCHEDULED)
        assert "FunctionError" not in answer, answer
        counts: dict[str, int] = answer["Payload"]
        return counts

    def restart_proxy(self, while_down: Callable[[], object]) -> None:
        """Stop what clients are connected to, do something, and start it again."""
        process = find(self.record.processes["proxy"])
        assert process is not None
        argv, cwd, environment = process.cmdline(), Path(process.cwd()), process.environ()
        assert stop(self.record.processes["proxy"], patience_s=10), "it had to be killed"
        while_down()
        self.record.processes["proxy"] = start(argv, cwd, environment, self.home.log("proxy"))
        save(self.home, self.record)
        while ports.is_free(self.record.port):
            time.sleep(0.05)


def _is_worker(process: psutil.Process, marker: str) -> bool:
    """Whether it is one; False too if it has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return marker in process.cwd() and process.name().startswith("python")
    return False


@contextlib.contextmanager
def inside(stack: RunningStack) -> Iterator[None]:
    """Within, the domain package works on the stack's tables, queues and objects, as its root."""
    before = dict(os.environ)
    for function in ("ApiFunction", "IngestFunction", "TranscodeFunction"):
        os.environ.update(stack.environment(function))
    os.environ["PATH"] = before["PATH"]
    forget_process()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_process()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Every test of this folder is one of the stack's."""
    item.add_marker(pytest.mark.stack)


def start_stack(folder: Path, ephemeral: bool = True, storage: StorageKind = "ministack") -> RunningStack:
    """Start a stack on free ports, with MiniStack's own storage, or with SeaweedFS if it is kept."""
    home = Home(folder)
    port = ports.take(("proxy",), {})["proxy"]
    storage = storage if ephemeral else "seaweedfs"
    record = up(home, options_of(Record(port, storage, ephemeral)), print)
    return RunningStack(home, record, load_keys(home).root)


def options_of(record: Record) -> Options:
    """How the tests want a stack that is as a record says."""
    return Options(
        port=record.port,
        storage=record.storage,
        ephemeral=record.ephemeral,
        parameters={"LeaseSeconds": str(LEASE_S), "Registration": "creator"},
        wait_until_warm=True,
    )


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """A running stack. Tests share it: make users, videos and sockets of your own."""
    storage = request.config.getoption("--storage")
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        try:
            yield start_stack(home, storage=storage)
        finally:
            down(Home(home), print)


@pytest.fixture(scope="session")
def localstack() -> Iterator[Runtime]:
    """LocalStack's runtime with S3 and SQS. Any credentials will do."""
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        runtime = launch(Path(folder))
        try:
            yield runtime
        finally:
            halt(runtime)


@pytest.fixture(scope="session")
def admin(stack: RunningStack) -> Iterator[Site]:
    """The seeded admin."""
    site = Site(stack.url, **stack.credentials)
    yield site
    site.close()


@pytest.fixture(scope="session")
def creator(admin: Site) -> Iterator[Site]:
    """A user who may upload."""
    site = admin.make_user("creator")
    yield site
    site.close()


@pytest.fixture(scope="session")
def viewer(admin: Site) -> Iterator[Site]:
    """A user who may only look."""
    site = admin.make_user("viewer")
    yield site
    site.close()
