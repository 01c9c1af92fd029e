"""`videosite logs [FUNCTION]`: what functions and processes wrote."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli.outcome import CommandError, reported
from cli.stack import found_home
from infra.local import deploy, elsewhere
from infra.local.home import Home, kept_home
from infra.local.keys import KeyPair, load_keys
from infra.local.record import load
from infra.local.stack import tail

PROCESSES = ("ministack", "seaweedfs", "proxy", "sam")
LINES = 50
POLL_S = 1.0


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
) -> None:
    """What functions and processes of the local stack wrote."""
    with reported(False, {}):
        home = found_home()
        if function in PROCESSES:
            _process_log(home, function, follow)
            return
        if home is None:
            raise CommandError("no_stack", "No local stack is running. Start one with: videosite up")
        try:
            _function_logs(home, function, follow)
        except (ClientError, BotoCoreError) as error:
            raise CommandError("no_connection", f"The stack does not answer: {error}") from None


def _process_log(home: Home | None, name: str, follow: bool) -> None:
    path = (home or kept_home()).log(name)
    if not path.exists():
        raise CommandError("no_log", f"There is no log {path}.")
    typer.echo(tail(path, LINES))
    position = path.stat().st_size
    while follow:
        time.sleep(POLL_S)
        with path.open(errors="replace") as file:
            file.seek(position)
            typer.echo(file.read(), nl=False)
            position = file.tell()


def _function_logs(home: Home, function: str, follow: bool) -> None:
    record = load(home)
    root = elsewhere.keys_of_environment() if record.endpoint else load_keys(home).root
    groups = list(_groups(record.aws, root, function))
    if not groups:
        known = ", ".join(sorted(short for short, _ in _groups(record.aws, root, "")))
        raise CommandError("no_log", f"No function {function!r} has written anything. These have: {known}")
    client = deploy.client("logs", record.aws, root)
    shown: dict[str, int] = {}
    first = True
    while first or follow:
        events = [event for short, group in groups for event in _events(client, short, group, shown)]
        events.sort(key=lambda event: event[0])
        for _, short, text in events[-LINES:] if first else events:
            typer.echo(f"{short:14} {text}" if len(groups) > 1 else text)
        first = False
        if follow:
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


def _events(client: Any, short: str, group: str, shown: dict[str, int]) -> list[tuple[int, str, str]]:
    """What came since the last look: (time in ms, function, line)."""
    since = shown.get(group, 0)
    found = client.filter_log_events(logGroupName=group, startTime=since)["events"]
    if found:
        shown[group] = max(event["timestamp"] for event in found) + 1
    return [
        (event["timestamp"], short, event["message"].rstrip())
        for event in found
        if not event["message"].startswith(("START ", "END "))
    ]
