"""`videosite upload FILE`: into storage, and with `--watch` through the transcode to the play address."""

import io
import stat
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cli.client import Client, CredentialsOption, UrlOption
from cli.exit_codes import REFUSED
from cli.outcome import CommandError, JsonFlag, as_text, console, print_json, printable, reported, steps
from cli.sending import send
from cli.site import find_site
from cli.watch import empty_outcome, finish, follow

Visibility = Literal["private", "unlisted", "public"]
Ladder = Literal["standard", "h264-only", "av1-only", "fast"]


def upload(
    file: Annotated[Path, typer.Argument(help="The video file.", show_default=False)],
    title: Annotated[str | None, typer.Option(help="Default: the file's name.")] = None,
    visibility: Annotated[Visibility, typer.Option(help="Who may see it.")] = "private",
    ladder: Annotated[
        Ladder, typer.Option(help="Which renditions are made; standard: H.264 and AV1.")
    ] = "standard",
    normalize: Annotated[
        bool, typer.Option("--normalize", help="Bring each audio track to −16 LUFS (EBU R128).")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay until the transcode ends.")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Upload a video."""
    outcome = empty_outcome()
    with reported(as_json, outcome):
        try:
            size_bytes = check_file(file)
            client = Client(find_site(url, credentials))
            wanted: dict[str, Any] = {"visibility": visibility, "ladder": ladder, "normalize": normalize}
            if title is not None:
                wanted["title"] = check_title(title)
            video = send_file(client, file, size_bytes, wanted, console(as_json), outcome)
        except CommandError as error:
            if error.refused:
                outcome["status"] = "failed"
                error.exit_code = REFUSED
            raise
        if watch:
            finish(client, follow(client, video["video_id"], console(as_json)), as_json)
        elif as_json:
            print_json({**outcome, "status": video["status"]})
        else:
            console(as_json).print(
                f"Uploaded. Watch it: videosite watch {video['video_id']}", highlight=False
            )


def check_title(title: str) -> str:
    """The title as it can be sent.

    Raises:
        CommandError: there is nothing in it.
    """
    if not title.strip():
        raise CommandError("bad_title", "The title is empty; leave --title out to use the file's name.")
    return as_text(title)


def check_file(file: Path) -> int:
    """Size of the file in bytes.

    Raises:
        CommandError: it is not there, is a directory, cannot be read, or (refused) is empty.
    """
    if file.is_dir():
        raise CommandError("not_a_file", f"{file} is a directory; name a video file.")
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            # Opening a pipe would wait for its other end.
            raise CommandError("not_a_file", f"{file} is not a regular file; name a video file.")
        with file.open("rb") as stream:
            size_bytes = stream.seek(0, io.SEEK_END)
    except FileNotFoundError:
        raise CommandError("no_such_file", f"There is no file {file}.") from None
    except OSError as error:
        raise CommandError("unreadable_file", f"{file} cannot be read: {error.strerror}.") from None
    if size_bytes == 0:
        raise CommandError("empty", f"{file} is empty.", refused=True)
    return size_bytes


def send_file(
    client: Client,
    file: Path,
    size_bytes: int,
    wanted: dict[str, Any],
    out: Console,
    outcome: dict[str, Any],
) -> dict[str, Any]:
    """Create the video with what is `wanted` of it, upload the file, say so. Returns the video's document;
    a failure takes it back."""
    name = as_text(file.name)
    with steps(out) as say:
        say("preparing the upload")
        created = client.post("/videos", {"filename": name, "size_bytes": size_bytes, **wanted})
    video_id = created["video"]["video_id"]
    outcome["video_id"] = video_id
    out.print(f"Video {video_id}: {printable(created['video']['title'])}", markup=False, highlight=False)
    try:
        with _bar(out) as bar:
            task = bar.add_task(printable(name), total=size_bytes)
            parts = send(
                client, video_id, created["upload"], file, size_bytes, lambda n: bar.advance(task, n)
            )
    except BaseException:
        _take_back(client, video_id)
        raise
    with steps(out) as say:
        say("handing it over")
        return client.post(f"/videos/{video_id}/upload/complete", {"parts": parts}, repeatable=True)


def _take_back(client: Client, video_id: int) -> None:
    try:
        client.delete(f"/videos/{video_id}/upload")
    except (CommandError, httpx.HTTPError):
        # The reason for giving up matters more; housekeeping drops what stays.
        return


def _bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=out,
    )
