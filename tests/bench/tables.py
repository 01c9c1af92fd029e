"""Tables that read by key, as DynamoDB does: dynalite, DynamoDB's API over sorted storage, from npm.

MiniStack goes through all rows of a partition for each query, so how long a list takes there says how many
rows there are and nothing of the list. dynalite knows no transactions, so it is for what reads.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from infra import node
from infra.local import ports
from infra.local.environments import ENVIRONMENTS
from videosite.settings import get_settings
from videosite.store.tables import ALL_TABLES, forget_connections

PACKAGE = Path(__file__).parent / "dynalite"
START_S = 30


@contextlib.contextmanager
def sorted_tables() -> Iterator[None]:
    """Within, the domain package's tables are dynalite's, all there and empty."""
    port = ports.take(("dynalite",), {})["dynalite"]
    program = _installed() / "node_modules/dynalite/cli.js"
    limits = ("--host", ports.LOOPBACK, "--port", str(port), "--createTableMs", "0")
    server = subprocess.Popen(
        node.command(str(program), *limits), env=node.environment(), stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(server, port)
        address = {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{ports.LOOPBACK}:{port}"}
        with mock.patch.dict(os.environ, address):
            _connect_anew()
            for table in ALL_TABLES:
                table.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
            yield
    finally:
        _connect_anew()
        server.terminate()
        server.wait(START_S)


def _connect_anew() -> None:
    get_settings.cache_clear()
    forget_connections()


def _installed() -> Path:
    """Where dynalite is installed, by the hashes of its list."""
    folder = ENVIRONMENTS / "dynalite"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PACKAGE / name, folder)
    subprocess.run(
        node.command("npm", "ci", "--loglevel=error"),
        cwd=folder,
        env=node.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until_s = time.monotonic() + START_S
    while ports.is_free(port):
        if server.poll() is not None or time.monotonic() > until_s:
            raise SystemExit("dynalite did not start")
        time.sleep(0.05)
