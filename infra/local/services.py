"""The stack's processes: how each starts, when it is ready, and how all of them end."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from infra.local import deploy, ministack, ports, proxy, seaweedfs
from infra.local.deploy import MEDIA, UPLOADS
from infra.local.home import ROOT, Home, write_private
from infra.local.keys import Keys
from infra.local.processes import Started, find, start, stop, uninterrupted
from infra.local.record import Record, save
from infra.web import OUTPUT

ORDER = ("proxy", "ministack", "seaweedfs")
"""Stopped in this order: MiniStack waits for its workers, who need storage until they are done."""


class StackError(RuntimeError):
    """The stack cannot start; the message says why and what to do."""


def storage_endpoint(record: Record) -> str:
    """The S3 API of the stack's storage."""
    if record.storage == "seaweedfs":
        return seaweedfs.url(record.ports)
    return record.aws


def check_port(port: int) -> None:
    """Raises StackError if the address is somebody else's, and says whose."""
    if not ports.is_free(port):
        raise StackError(
            f"Port {port} is taken by {ports.owner(port)}. End that, or choose another port: "
            f"videosite up --port {port + 1}"
        )


def start_ministack(home: Home, record: Record, keys: Keys, python: Path) -> None:
    """Start it, and wait until it answers. Its ports are chosen here."""
    record.ports = ports.take(("ministack", *seaweedfs.PORTS), record.ports)
    port = record.ports["ministack"]
    on_disk = record.storage == "seaweedfs" or not record.ephemeral
    with uninterrupted():
        record.processes["ministack"] = ministack.launch(
            python, home, port, keys.root, persist=not record.ephemeral, objects_on_disk=on_disk
        )
        save(home, record)
    _wait_for(home, record, "ministack", lambda: ministack.answers(port))


def start_seaweedfs(home: Home, record: Record, keys: Keys) -> None:
    """Start it with keys, buckets and its events' address, and wait until all of it is there."""
    secret = deploy.secret(record.aws, keys.root, record.outputs["StorageEventsSecretArn"])
    events = f"http://{ports.LOOPBACK}:{record.port}/api/v1/storage-events"
    with uninterrupted():
        record.processes["seaweedfs"] = seaweedfs.launch(
            home, record.ports, keys, UPLOADS, MEDIA, events, secret
        )
        save(home, record)
    origins = [record.public_url, f"http://{ports.LOOPBACK}:{record.port}"]
    storage = seaweedfs.url(record.ports)
    _wait_for(home, record, "seaweedfs", lambda: seaweedfs.prepare(storage, keys, UPLOADS, MEDIA, origins))


def start_proxy(home: Home, record: Record, keys: Keys) -> None:
    """Start the one address, anew if what it should do has changed."""
    config = _proxy_config(record, keys)
    file = home.folder / "proxy.json"
    text = json.dumps(asdict(config))
    if "proxy" in record.processes:
        if file.read_text() == text:
            return
        stop(record.processes.pop("proxy"))
    write_private(file, text)
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(home.folder)}
    argv = [sys.executable, "-m", "infra.local.proxy", str(file)]
    with uninterrupted():
        record.processes["proxy"] = start(argv, ROOT, environment, home.log("proxy"))
        save(home, record)
    _wait_for(home, record, "proxy", lambda: not ports.is_free(record.port))


def _proxy_config(record: Record, keys: Keys) -> proxy.Config:
    secret = deploy.secret(record.aws, keys.root, record.outputs["MediaSecretArn"])
    sockets = ministack.sockets_api(record.aws, record.outputs["SocketsApiId"])
    reader = record.reader or keys.storage_reader
    return proxy.Config(
        port=record.port,
        http_api=ministack.http_api(record.aws, record.outputs["HttpApiId"]),
        sockets_api=sockets.replace("http", "ws", 1),
        storage=storage_endpoint(record),
        media_bucket=MEDIA,
        access_key=reader.access_key,
        secret_key=reader.secret_key,
        media_secret=secret,
        web=str(OUTPUT),
    )


def stop_all(home: Home, record: Record) -> None:
    """Stop what the record names and what it left behind; forget it."""
    folders: dict[str, Path] = {"ministack": home.ministack_tmp, "seaweedfs": home.seaweedfs}
    for name in ORDER:
        process: Started | None = record.processes.get(name)
        if process:
            stop(process, folders.get(name))
            record.processes.pop(name)
            save(home, record)


def _wait_for(
    home: Home, record: Record, name: str, ready: Callable[[], bool], patience_s: float = 60
) -> None:
    deadline = time.monotonic() + patience_s
    while not ready():
        if find(record.processes[name]) is None:
            raise StackError(
                f"{name} ended while starting. Its log: {home.log(name)}\n{tail(home.log(name))}"
            )
        if time.monotonic() > deadline:
            raise StackError(f"{name} did not get ready in {patience_s:.0f} s. Its log: {home.log(name)}")
        time.sleep(0.05)


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""
