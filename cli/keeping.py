"""`videosite rebuild`, `backup` and `restore`: the local stack's library, kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.outcome import CommandError, JsonFlag, console, print_json, reported, steps
from cli.stack import found_home
from infra.local.beside import run_beside
from infra.local.deploy import DeployError
from infra.local.home import read_json
from infra.local.keys import load_keys
from infra.local.record import load

Folder = Annotated[Path, typer.Argument(help="The folder of the backup.", metavar="FOLDER")]


def rebuild(as_json: JsonFlag = False) -> None:
    """Make rows of the videos that storage has and the tables do not, from the objects beside their media.

    What is there stays as it is; doing it again changes nothing.
    """
    _run("rebuild", None, as_json, lambda found: [*told(found)])


def backup(folder: Folder, as_json: JsonFlag = False) -> None:
    """Copy the library into a folder: objects, and rows that do not follow from them.

    Into the same folder again, only what changed is copied, and what was deleted goes.
    """
    _run("backup", folder, as_json, lambda found: [_copied(found, folder)])


def restore(folder: Folder, as_json: JsonFlag = False) -> None:
    """Put a backup into the stack that runs: what is there stays, what is missing comes back."""
    if not (folder / "backup.json").exists():
        with reported(as_json, {}):
            raise CommandError("no_backup", f"{folder} is no backup: it has no backup.json.")
    _run(
        "restore",
        folder,
        as_json,
        lambda found: [f"Put back {found['objects']} objects and {found['rows']} rows.", *told(found)],
    )


def _run(verb: str, folder: Path | None, as_json: bool, tell: Callable[[dict[str, Any]], list[str]]) -> None:
    out = console(as_json)
    with reported(as_json, {}):
        home = found_home()
        record = load(home) if home else None
        if home is None or record is None or record.missing:
            raise CommandError("no_stack", "No local stack is running. Start one with: videosite up")
        place = str((folder or Path()).resolve())
        given = {"email": read_json(home.credentials).get("email", ""), "folder": place}
        try:
            with steps(out) as say:
                answer = run_beside(
                    "infra.local.keeping",
                    record.aws,
                    load_keys(home).root,
                    "HousekeepingFunction",
                    stdin=json.dumps(given),
                    arguments=[verb],
                    say=say,
                )
        except DeployError as error:
            raise CommandError(f"{verb}_failed", str(error)) from None
        found: dict[str, Any] = json.loads(answer.splitlines()[-1])
        if as_json:
            print_json(found | {"error": None})
            return
        for line in tell(found):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


def _copied(found: dict[str, Any], folder: Path) -> str:
    return (
        f"{folder} holds {found['videos']} videos in {found['objects']} objects, "
        f"{found['bytes'] / 1e6:,.0f} MB; {found['copied_bytes'] / 1e6:,.0f} MB of them were copied now. "
        "It holds accounts too: keep it private."
    )


def told(found: dict[str, Any]) -> list[str]:
    """What `rebuild` did, in sentences."""
    lines = [f"{len(found['made'])} videos are back; {found['there']} were there."]
    if found["restarted"]:
        lines.append(f"{len(found['restarted'])} transcodes had been cut off and began anew.")
    if found["adopted"]:
        count = len(found["adopted"])
        lines.append(f"{count} uploads nothing was known of are private videos of the admin now.")
    if found["accounts"]:
        names = ", ".join(found["accounts"])
        lines.append(f'Made accounts without a password, to be set by "forgot password": {names}')
    if found["unreadable"]:
        names = ", ".join(map(str, found["unreadable"]))
        lines.append(f"The sidecars of these are damaged or of a newer version: {names}")
    return lines
