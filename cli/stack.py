"""`videosite up`, `down` and `status`: the local stack."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.outcome import OTHER, CommandError, JsonFlag, console, print_json, reported
from infra.local.deploy import DeployError
from infra.local.elsewhere import MissingServicesError, endpoint_of
from infra.local.environments import InstallError
from infra.local.home import Home, ephemeral_home, kept_home
from infra.local.processes import find
from infra.local.record import Record, load
from infra.local.stack import Options, StackError
from infra.local.stack import down as stop_stack
from infra.local.stack import up as start_stack

Say = Callable[[str], None]
STORAGES = ("seaweedfs", "ministack")


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the site answers.")] = 8000,
    storage: Annotated[
        str, typer.Option(help="Where objects are: seaweedfs, or ministack (lighter, small clips only).")
    ] = "seaweedfs",
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Keep nothing over `down`.")] = False,
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
        if storage not in STORAGES:
            raise CommandError("bad_storage", f"Storage is one of {', '.join(STORAGES)}.")
        home, other = kept_home(), ephemeral_home()
        if ephemeral:
            home, other = other, home
        _refuse_second(other)
        options = Options(
            port=port,
            storage="ministack" if storage == "ministack" or on else "seaweedfs",
            ephemeral=ephemeral,
            endpoint=endpoint_of(on),
        )
        with steps(out) as say:
            record = start_stack(home, options, say)
        _show(out, home, record)
        if record.unclean:
            message = (
                "MiniStack had been killed. It keeps accounts and videos in memory until `videosite down`: "
                "what was made since the last one is lost."
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
            _show(console(as_json), home, record)
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


@contextmanager
def steps(out: Console) -> Iterator[Say]:
    """Shows the step that is under way: a spinner on a terminal, else a line per step."""
    if not out.is_terminal:
        yield lambda step: out.print(step, markup=False, highlight=False)
        return
    with out.status("starting") as spinner:
        yield lambda step: spinner.update(f"{step} …")


def _show(out: Console, home: Home, record: Record) -> None:
    found = addresses(home, record)
    table = Table(show_header=False, box=None, pad_edge=False)
    for label, value in (
        ("API", found["api"]),
        ("API docs", f"{found['api']}/docs"),
        ("Sockets", found["ws"]),
        ("  for admins", found["ws_admin"]),
        ("Site", found["web"]),
        ("Admin's credentials", found["credentials_file"]),
        ("Logs", str(home.logs)),
    ):
        table.add_row(label, value)
    out.print(table)


def _refuse_second(other: Home) -> None:
    if any(find(process) for process in load(other).processes.values()):
        kind = "ephemeral" if other == ephemeral_home() else "kept"
        raise CommandError("other_stack", f"The {kind} stack is running. Stop it first: videosite down")


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
