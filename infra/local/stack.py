"""`videosite up` and `down`: the order in which things start, and how everything ends again."""

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from infra.build import Target, build, host_arch, host_python
from infra.local import deploy, elsewhere, ministack, ports, proxy, seaweedfs
from infra.local.accounts import seed_admin
from infra.local.beside import run_beside
from infra.local.environments import python_of
from infra.local.home import BINARIES, ROOT, Home, write_private
from infra.local.keys import Keys, load_keys
from infra.local.lost import lost_videos
from infra.local.processes import Started, find, start, stop, uninterrupted
from infra.local.record import Record, StorageKind, load, save
from infra.local.warm import warm
from infra.web import OUTPUT, build_web

UPLOADS = f"{deploy.STACK}-uploads-{ministack.ACCOUNT}"
MAIL_FROM = "videosite@localhost"
MEDIA = f"{deploy.STACK}-media-{ministack.ACCOUNT}"
"""Bucket names as the template makes them."""

ORDER = ("proxy", "ministack", "seaweedfs")
"""Stopped in this order: MiniStack waits for its workers, who need storage until they are done."""

Say = Callable[[str], None]


class StackError(RuntimeError):
    """The stack cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class Options:
    """How the stack is wanted."""

    port: int = 8000
    storage: StorageKind = "seaweedfs"
    ephemeral: bool = False
    endpoint: str = ""
    """An AWS-compatible endpoint that somebody else runs; empty: an own MiniStack."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters of the template to set besides those that follow from the above."""
    wait_until_warm: bool = False
    """Wait for every function's cold start, not only the API's."""


@contextlib.contextmanager
def alone(home: Home) -> Iterator[None]:
    """One `up` or `down` at a time per home.

    Raises:
        StackError: another one is at work.
    """
    home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home.folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise StackError(
                f"Another `videosite up` or `down` is at work (process {lock.read().strip() or '?'}). "
                "Wait for it, or end it with Ctrl-C."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def up(home: Home, options: Options, say: Say) -> Record:
    """Start the stack, or bring a running one up to date. Nothing is left running if it fails.

    Args:
        home: where it keeps its things.
        options: how it is wanted.
        say: hears of each step.

    Raises:
        StackError: a port is taken, another `up` runs, or the stack runs with other options.
        InstallError, DeployError: from those steps.
    """
    with alone(home):
        record = load(home)
        if not _runs(record):
            unclean = "ministack" in record.processes and not find(record.processes["ministack"])
            _stop_all(home, record)
            record = _fresh(home, record, options)
            record.unclean = unclean and not record.ephemeral
        elif _shape(record) != _shape(options):
            where = f" at {record.endpoint}" if record.endpoint else ""
            raise StackError(
                f"The stack already runs on port {record.port} with storage {record.storage}{where}. "
                "Stop it first: videosite down"
            )
        else:
            record.unclean = False
        try:
            _bring_up(home, record, options, say)
        except BaseException as error:
            # A second Ctrl-C must not keep the first from ending everything.
            with uninterrupted():
                _stop_all(home, record)
            # After a fault its logs are wanted.
            if record.ephemeral and isinstance(error, KeyboardInterrupt):
                home.erase()
            raise
        return record


def down(home: Home, say: Say) -> bool:
    """Stop the stack; returns whether anything ran. An ephemeral one is erased."""
    if not home.record.exists():
        return False
    with alone(home):
        record = load(home)
        ran = any(find(process) for process in record.processes.values())
        if ran:
            say("stopping (workers finish what they are doing)")
        _stop_all(home, record)
        if record.ephemeral:
            home.erase()
    return ran


def running(home: Home) -> Record | None:
    """The record of a home whose stack runs, all of it."""
    record = load(home)
    return record if _runs(record) else None


def _runs(record: Record) -> bool:
    return bool(record.processes) and all(find(process) for process in record.processes.values())


def _shape(of: Record | Options) -> tuple[int, str, str]:
    return of.port, of.storage, of.endpoint


def _fresh(home: Home, before: Record, options: Options) -> Record:
    if options.ephemeral:
        home.erase()
        before = Record()
    home.create()
    return Record(
        port=options.port,
        storage=options.storage,
        ephemeral=options.ephemeral,
        endpoint=options.endpoint,
        ports=before.ports,
        deployed=before.deployed,
        outputs=before.outputs,
        reader=before.reader if options.storage == "ministack" else None,
    )


def _bring_up(home: Home, record: Record, options: Options, say: Say) -> None:
    if "proxy" not in record.processes:
        _check_port(options.port)
    if record.endpoint:
        elsewhere.check(record.endpoint)
    keys = load_keys(home)
    if record.endpoint:
        keys = replace(keys, root=elsewhere.keys_of_environment())
    say("building what changed")
    build(Target(host_arch(), host_python()), say)
    build_web(say)
    cold = not record.processes
    if not record.endpoint and cold:
        python = python_of("ministack", say)
        say("starting MiniStack")
        _start_ministack(home, record, keys, python)
    deployed = _deploy_if_changed(home, record, keys, options, say)
    if record.storage == "seaweedfs" and "seaweedfs" not in record.processes:
        say("starting SeaweedFS")
        _start_seaweedfs(home, record, keys)
    if cold and not record.ephemeral and not record.endpoint:
        started_s = str(record.processes["ministack"].started_at_s)
        run_beside("infra.local.takeup", record.aws, keys.root, "HousekeepingFunction", stdin=started_s)
    _start_proxy(home, record, keys)
    record.lost_videos = 0
    if deployed and not record.ephemeral and not record.endpoint:
        pair = keys.storage_admin if record.storage == "seaweedfs" else keys.root
        record.lost_videos = lost_videos(
            record.aws, keys.root, storage_endpoint(record), pair, MEDIA, UPLOADS
        )
    if cold or deployed:
        say("warming the functions up")
        warm(record.aws, keys.root, options.wait_until_warm)


def _check_port(port: int) -> None:
    if not ports.is_free(port):
        raise StackError(
            f"Port {port} is taken by {ports.owner(port)}. End that, or choose another port: "
            f"videosite up --port {port + 1}"
        )


def _start_ministack(home: Home, record: Record, keys: Keys, python: Path) -> None:
    record.ports = ports.take(("ministack", *seaweedfs.PORTS), record.ports)
    port = record.ports["ministack"]
    on_disk = record.storage == "seaweedfs" or not record.ephemeral
    with uninterrupted():
        record.processes["ministack"] = ministack.launch(
            python, home, port, keys.root, persist=not record.ephemeral, objects_on_disk=on_disk
        )
        save(home, record)
    _wait_for(home, record, "ministack", lambda: ministack.answers(port))


def _start_seaweedfs(home: Home, record: Record, keys: Keys) -> None:
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


def _start_proxy(home: Home, record: Record, keys: Keys) -> None:
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


def storage_endpoint(record: Record) -> str:
    """The S3 API of the stack's storage."""
    if record.storage == "seaweedfs":
        return seaweedfs.url(record.ports)
    return record.aws


def parameters(record: Record, keys: Keys, options: Options) -> dict[str, str]:
    """The template's parameters for this stack."""
    workers = max(2, os.cpu_count() or 2)
    values = {
        "StageName": "local",
        "PublicUrl": record.public_url,
        "CorsOrigins": f"http://{ports.LOOPBACK}:{record.port}",
        "Architecture": host_arch(),
        "SocketsEndpoint": ministack.sockets_api(
            record.aws, record.outputs.get("SocketsApiId", ministack.SOCKETS_API)
        ),
        "StorageEndpoint": storage_endpoint(record),
        "StoragePublicEndpoint": storage_endpoint(record),
        "StoragePathStyle": "true",
        # Receivers under development listen on this machine.
        "WebhookLoopback": "true",
        "UrgentConcurrency": str(workers),
        # One more than cores: it works while the others fetch their next task.
        "BulkConcurrency": str(workers + 1),
        "Window": str(4 * (workers + 1)),
    }
    if not record.endpoint:
        # Mails go into MiniStack's mailbox: `videosite mails`.
        values["MailFrom"] = MAIL_FROM
        # Saves unpacking 230 MB of layers per worker. Elsewhere functions may be on another machine.
        values["FfmpegPath"] = str(BINARIES / "ffmpeg")
        values["FfprobePath"] = str(BINARIES / "ffprobe")
    if record.storage == "seaweedfs":
        values["StorageAccessKey"] = keys.storage_functions.access_key
        values["StorageSecretKey"] = keys.storage_functions.secret_key
        values["StorageReaderAccessKey"] = keys.storage_reader.access_key
        values["StorageReaderSecretKey"] = keys.storage_reader.secret_key
    return {**values, **options.parameters}


def _deploy_if_changed(home: Home, record: Record, keys: Keys, options: Options, say: Say) -> bool:
    """Returns whether it deployed."""
    endpoint = record.aws
    values = parameters(record, keys, options)
    fingerprint = deploy.wanted(values)
    # Asked, not only remembered: a MiniStack that was killed has forgotten its tables.
    found = deploy.outputs(endpoint, keys.root)
    if found is not None and record.deployed == fingerprint:
        record.outputs = found
        return False
    sam = python_of("sam", say)
    say("deploying template.yaml with sam deploy")
    record.deployed = ""
    save(home, record)
    profile = "localstack" if record.endpoint else "local"
    deploy.sam_deploy(sam, home, endpoint, keys.root, values, profile)
    record.outputs = deploy.outputs(endpoint, keys.root) or {}
    if (values := parameters(record, keys, options)) and deploy.wanted(values) != fingerprint:
        # The endpoint gave the WebSocket API an id of its own, and functions post to its address.
        fingerprint = deploy.wanted(values)
        deploy.sam_deploy(sam, home, endpoint, keys.root, values, profile)
    deploy.set_expiry(endpoint, keys.root)
    if not record.endpoint:
        deploy.allow_mail(endpoint, keys.root, MAIL_FROM)
    deploy.number_concurrency(endpoint, keys.root)
    if record.storage == "ministack":
        record.reader = deploy.make_reader(endpoint, keys.root, MEDIA)
    say("making the admin account")
    seed_admin(home, endpoint, keys.root)
    record.deployed = fingerprint
    save(home, record)
    if not record.endpoint and not record.ephemeral:
        ministack.save_everything(record.processes["ministack"])
    return True


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


def _stop_all(home: Home, record: Record) -> None:
    """Stop what the record names and what it left behind; forget it."""
    folders: dict[str, Path] = {"ministack": home.ministack_tmp, "seaweedfs": home.seaweedfs}
    for name in ORDER:
        process: Started | None = record.processes.get(name)
        if process:
            stop(process, folders.get(name))
            record.processes.pop(name)
            save(home, record)


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""
