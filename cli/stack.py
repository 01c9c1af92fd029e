"""`videosite up`, `down` and `status`: the local stack."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.console import Console

from cli.exit_codes import OTHER
from cli.outcome import CommandError, JsonFlag, console, print_json, reported, steps
from infra.local.deploy import DeployError
from infra.local.elsewhere import MissingServicesError, endpoint_of
from infra.local.environments import InstallError
from infra.local.home import Home, ephemeral_home, kept_home
from infra.local.lost import LOOKED_AT
from infra.local.processes import find
from infra.local.record import Record, StorageKind, load
from infra.local.services import StackError
from infra.local.stack import Options
from infra.local.stack import down as stop_stack
from infra.local.stack import up as start_stack

Registration = Literal["closed", "viewer", "creator"]


def up(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Where the site answers.", show_default="8000, or as it runs"),
    ] = None,
    storage: Annotated[
        StorageKind | None,
        typer.Option(
            help="Where objects are; ministack is lighter, for small clips.",
            show_default="seaweedfs, or as it runs",
        ),
    ] = None,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Keep nothing over `down`.")] = False,
    registration: Annotated[
        Registration, typer.Option(help="Whether people may register themselves, and in which role.")
    ] = "closed",
    on: Annotated[
        str,
        typer.Option(
            "--on", help="`localstack` or an address: deploy to that endpoint instead of an own MiniStack."
        ),
    ] = "",
) -> None:
    """Start the local stack, or bring a running one up to date."""
    out = console(as_json=False)
    with reported(False, {}), _failures(), _terminable():
        home, other = kept_home(), ephemeral_home()
        if ephemeral:
            home, other = other, home
        _refuse_second(other)
        running = as_it_runs(home)
        options = Options(
            port=port or running.port,
            storage="ministack" if on else storage or running.storage,
            ephemeral=ephemeral,
            endpoint=endpoint_of(on) if on else running.endpoint,
            parameters={"Registration": registration},
        )
        with steps(out) as say:
            record = start_stack(home, options, say)
        _show(out, home, record)
        if record.unclean:
            message = (
                "MiniStack had been killed. It writes its tables down every few seconds: what changed in the "
                "last of them is lost."
            )
            out.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)
        if record.lost_videos:
            more = "or more " if record.lost_videos == LOOKED_AT else ""
            message = (
                f"The tables are empty, and storage has {record.lost_videos} {more}videos. "
                "To have them back: videosite rebuild"
            )
            out.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def down() -> None:
    """Stop the local stack."""
    out = console(as_json=False)
    with reported(False, {}), _failures():
        with steps(out) as say:
            ran = [stop_stack(home, say) for home in (ephemeral_home(), kept_home())]
        out.print("Stopped." if any(ran) else "Nothing was running.")


def status(as_json: JsonFlag = False) -> None:
    """Where the local stack is, and whether it is well."""
    with reported(as_json, addresses(None, None)):
        home = found_home()
        record = load(home) if home else None
        if home is None or record is None:
            raise CommandError("no_stack", "No local stack is running. Start one with: videosite up")
        dead = record.missing
        if as_json:
            print_json(addresses(home, record))
        else:
            out = console(as_json)
            _show(out, home, record)
            if not dead:
                out.print(_health(record), markup=False, highlight=False, soft_wrap=True)
        if dead:
            verb = "does" if len(dead) == 1 else "do"
            message = (
                f"{', '.join(dead)} {verb} not run. Look at: videosite logs {dead[0]}. Then: videosite up"
            )
            console(as_json=True).print(message, style="red", markup=False)
            raise typer.Exit(OTHER)


def found_home() -> Home | None:
    """The home whose stack runs, at least in part."""
    for home in (kept_home(), ephemeral_home()):
        if any(find(process) for process in load(home).processes.values()):
            return home
    return None


def addresses(home: Home | None, record: Record | None) -> dict[str, Any]:
    """What `videosite status --json` prints; all null where nothing runs."""
    if home is None or record is None:
        return dict.fromkeys(("api", "ws", "ws_admin", "web", "credentials_file"))
    site = record.public_url
    sockets = site.replace("http", "ws", 1)
    return {
        "api": f"{site}/api/v1",
        "ws": f"{sockets}/api/v1/ws",
        "ws_admin": f"{sockets}/api/v1/ws/admin",
        "web": f"{site}/",
        "credentials_file": str(home.credentials),
    }


def _show(out: Console, home: Home, record: Record) -> None:
    found = addresses(home, record)
    for label, value in (
        ("API", found["api"]),
        ("API docs", f"{found['api']}/docs"),
        ("Sockets", found["ws"]),
        ("  for admins", found["ws_admin"]),
        ("Site", found["web"]),
        ("Admin's credentials", found["credentials_file"]),
        ("Logs", str(home.logs)),
    ):
        # Addresses are for copying: a narrow terminal wraps them and cuts nothing.
        out.print(f"{label:20} {value}", markup=False, highlight=False, soft_wrap=True)


def as_it_runs(home: Home) -> Record:
    """The record of a stack that runs, else one with the defaults."""
    record = load(home)
    return record if any(find(process) for process in record.processes.values()) else Record()


def _health(record: Record) -> str:
    """A sentence on how the site answers."""
    started_s = time.perf_counter()
    try:
        answer = httpx.get(f"{record.public_url}/api/v1/health", timeout=HEALTH_PATIENCE_S)
    except httpx.HTTPError as error:
        raise CommandError("not_well", f"The processes run, but the API does not answer: {error}.") from None
    if not answer.is_success:
        message = (
            f"The processes run, but the API answers with status {answer.status_code}. "
            "Look at: videosite logs api"
        )
        raise CommandError("not_well", message)
    took_ms = (time.perf_counter() - started_s) * 1000
    names = ", ".join(record.processes)
    return f"All is well: {names} run, the API answers in {took_ms:.0f} ms."


def _refuse_second(other: Home) -> None:
    if any(find(process) for process in load(other).processes.values()):
        kind = "ephemeral" if other == ephemeral_home() else "kept"
        raise CommandError("other_stack", f"The {kind} stack is running. Stop it first: videosite down")


HEALTH_PATIENCE_S = 20
"""A cold start of the API takes a second or two; a busy machine makes it more."""


@contextmanager
def _failures() -> Iterator[None]:
    """Failures of the stack, as the commands word theirs."""
    try:
        yield
    except MissingServicesError as error:
        raise CommandError("missing_services", str(error)) from None
    except (StackError, DeployError, InstallError) as error:
        raise CommandError("stack_failed", str(error)) from None


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM, or its terminal closing, ends `up` as Ctrl-C does: with nothing left running."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {kind: signal.signal(kind, interrupt) for kind in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
