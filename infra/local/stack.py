"""`videosite up` and `down`: the order in which things start, and how everything ends again."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from infra.build import Target, build, host_arch, host_python
from infra.local import elsewhere
from infra.local.beside import run_beside
from infra.local.deploy import MEDIA, UPLOADS
from infra.local.environments import python_of
from infra.local.home import Home
from infra.local.keys import load_keys
from infra.local.lost import lost_videos
from infra.local.processes import find, uninterrupted
from infra.local.record import Record, StorageKind, load
from infra.local.rollout import deploy_if_changed
from infra.local.services import (
    StackError,
    check_port,
    start_ministack,
    start_proxy,
    start_seaweedfs,
    stop_all,
    storage_endpoint,
)
from infra.local.warm import warm
from infra.web import build_web

Say = Callable[[str], None]


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
            stop_all(home, record)
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
                stop_all(home, record)
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
        stop_all(home, record)
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
        check_port(options.port)
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
        start_ministack(home, record, keys, python)
    deployed = deploy_if_changed(home, record, keys, options.parameters, say)
    if record.storage == "seaweedfs" and "seaweedfs" not in record.processes:
        say("starting SeaweedFS")
        start_seaweedfs(home, record, keys)
    if cold and not record.ephemeral and not record.endpoint:
        started_s = str(record.processes["ministack"].started_at_s)
        run_beside("infra.local.takeup", record.aws, keys.root, "HousekeepingFunction", stdin=started_s)
    start_proxy(home, record, keys)
    record.lost_videos = 0
    if deployed and not record.ephemeral and not record.endpoint:
        pair = keys.storage_admin if record.storage == "seaweedfs" else keys.root
        record.lost_videos = lost_videos(
            record.aws, keys.root, storage_endpoint(record), pair, MEDIA, UPLOADS
        )
    if cold or deployed:
        say("warming the functions up")
        warm(record.aws, keys.root, options.wait_until_warm)
