"""`videosite logs [FUNCTION]`: what functions and processes wrote."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli.outcome import CommandError, reported
from cli.stack import found_home
from infra.local import deploy, elsewhere
from infra.local.home import Home, kept_home
from infra.local.keys import KeyPair, load_keys
from infra.local.record import load
from infra.local.services import tail

PROCESSES = ("ministack", "seaweedfs", "proxy", "sam")
POLL_S = 1.0
LAMBDA_LINES = ("START ", "END ", "REPORT ")
"""What Lambda itself writes around every invocation."""
UNSHOWN = frozenset(
    {"level", "message", "timestamp", "service", "location", "exception", "exception_name", "stack_trace"}
)
"""Fields of a line that are shown otherwise than as name=value."""


class Line(NamedTuple):
    """One line of a function's log."""

    time_ms: int
    function: str
    text: str


def logs(
    function: Annotated[
        str,
        typer.Argument(
            help=f"A function (api, ingest, transcode …) or a process ({', '.join(PROCESSES)}). "
            "Default: all functions.",
            show_default=False,
        ),
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 100,
    raw: Annotated[bool, typer.Option("--raw", help="Lines as they were written (JSON).")] = False,
) -> None:
    """What functions and processes of the local stack wrote."""
    with reported(False, {}):
        home = found_home()
        if function in PROCESSES:
            _process_log(home, function, follow, lines)
            return
        if home is None:
            raise CommandError(
                "no_stack",
                "No local stack is running, and the functions' logs are in it. Start it with: videosite up. "
                f"Logs of processes stay: videosite logs {PROCESSES[0]} (or {', '.join(PROCESSES[1:])})",
            )
        try:
            _function_logs(home, function, follow, lines, raw)
        except (ClientError, BotoCoreError) as error:
            raise CommandError("no_connection", f"The stack does not answer: {error}") from None


def _process_log(home: Home | None, name: str, follow: bool, lines: int) -> None:
    path = (home or kept_home()).log(name)
    if not path.exists():
        raise CommandError("no_log", f"There is no log {path}.")
    typer.echo(tail(path, lines))
    position = path.stat().st_size
    while follow:
        time.sleep(POLL_S)
        with path.open(errors="replace") as file:
            file.seek(position)
            typer.echo(file.read(), nl=False)
            position = file.tell()


def _function_logs(home: Home, function: str, follow: bool, count: int, raw: bool) -> None:
    record = load(home)
    root = elsewhere.keys_of_environment() if record.endpoint else load_keys(home).root
    groups = list(_groups(record.aws, root, function))
    if not groups:
        known = ", ".join(sorted(short for short, _ in _groups(record.aws, root, "")))
        raise CommandError(
            "no_log",
            f"No function {function!r} has written anything. These have: {known or 'none'}. "
            f"Processes: {', '.join(PROCESSES)}.",
        )
    client = deploy.client("logs", record.aws, root)
    readers = [_Reader(client, short, group) for short, group in groups]
    last: int | None = count
    while True:
        found = sorted(line for reader in readers for line in reader.news())
        for line in found[-last:] if last else found:
            name = f"{line.function:14} " if len(groups) > 1 else ""
            typer.echo(name + (line.text if raw else readable(line)))
        last = None
        if not follow:
            return
        time.sleep(POLL_S)


def _groups(endpoint: str, root: KeyPair, function: str) -> Iterator[tuple[str, str]]:
    """(short name, log group) of the functions whose name begins so."""
    client = deploy.client("logs", endpoint, root)
    prefix = f"/aws/lambda/{deploy.STACK}-"
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            short = name.removeprefix(prefix).rsplit("-", 1)[0].removesuffix("Function").lower()
            if short.startswith(function.lower()):
                yield short, name


class _Reader:
    """Reads one function's log, each line once."""

    def __init__(self, client: Any, function: str, group: str) -> None:
        self._pages = client.get_paginator("filter_log_events")
        self._function = function
        self._group = group
        self._since_ms = 0
        self._seen: set[tuple[str, str]] = set()
        """Stream and text of events at `_since_ms`, more of which may come. MiniStack gives them no ids."""

    def news(self) -> Iterator[Line]:
        """What came since the last look."""
        for page in self._pages.paginate(logGroupName=self._group, startTime=self._since_ms):
            for event in page["events"]:
                key = (event["logStreamName"], event["message"])
                if event["timestamp"] > self._since_ms:
                    self._since_ms = event["timestamp"]
                    self._seen.clear()
                elif event["timestamp"] == self._since_ms and key in self._seen:
                    continue
                self._seen.add(key)
                if not event["message"].startswith(LAMBDA_LINES):
                    yield Line(event["timestamp"], self._function, event["message"].rstrip())


def readable(line: Line) -> str:
    """A structured line as `time LEVEL message name=value …`; any other one as it is."""
    try:
        fields = json.loads(line.text)
        said = f"{fields['level']:7} {fields['message']}"
    except (ValueError, TypeError, KeyError):
        return line.text
    at = datetime.fromtimestamp(line.time_ms / 1000).strftime("%H:%M:%S.%f")[:-3]
    extras = (
        f"{name}={value}" for name, value in fields.items() if name not in UNSHOWN and value is not None
    )
    trace = f"\n{fields['exception']}" if fields.get("exception") else ""
    return " ".join((at, said, *extras)) + trace
