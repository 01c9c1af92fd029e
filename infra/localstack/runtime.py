"""LocalStack's runtime from PyPI: no Docker, no account; S3 and SQS, for tests.

Its free services hold no API Gateway v2, and its functions need Docker, so the whole template runs on
it only in a paid plan (`videosite up --on localstack` says what is missing).
"""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local import ports
from infra.local.environments import python_of
from infra.local.processes import Started, find, start, stop

START_S = 60.0


@dataclass(frozen=True)
class Runtime:
    """A running LocalStack."""

    endpoint: str
    folder: Path
    """Its files; emptied by nobody, so give it a temporary one."""
    process: Started


def launch(folder: Path, services: str = "s3,sqs", say: Callable[[str], None] = print) -> Runtime:
    """Start it on a free port of the loopback interface and wait until it answers.

    Args:
        folder: for its files and its log.
        services: the ones to have, comma separated; empty for all.
        say: gets a line while its environment is installed.

    Raises:
        RuntimeError: it did not start; with the end of its log.
    """
    python = python_of("localstack", say)
    port = ports.take(("localstack",), {})["localstack"]
    log = folder / "localstack.log"
    env = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "GATEWAY_LISTEN": f"{ports.LOOPBACK}:{port}",
        # The default server, Twisted, needs packages that its own extra does not bring.
        "GATEWAY_SERVER": "hypercorn",
        "FILESYSTEM_ROOT": str(folder),
        # Nothing is sent out, nothing fetched.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        **({"SERVICES": services, "STRICT_SERVICE_LOADING": "1"} if services else {}),
    }
    process = start([str(python), "-m", "localstack.runtime.main"], folder, env, log)
    runtime = Runtime(f"http://{ports.LOOPBACK}:{port}", folder, process)
    deadline = time.monotonic() + START_S
    while not _answers(runtime.endpoint):
        if find(process) is None or time.monotonic() > deadline:
            halt(runtime)
            raise RuntimeError(f"LocalStack did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
    return runtime


def halt(runtime: Runtime) -> None:
    """Stop it and all it started."""
    stop(runtime.process, runtime.folder, patience_s=10)


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
