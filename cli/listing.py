"""`videosite list`: the account's videos, newest first."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import JsonFlag, clock, console, print_json, printable, reported
from cli.site import find_site


def list_videos(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    everybodys: Annotated[bool, typer.Option("--all", help="Everybody's (for staff).")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Your videos, newest first."""
    with reported(as_json, {"videos": []}):
        client = Client(find_site(url, credentials))
        videos, more = client.listed("/admin/videos" if everybodys else "/videos", "videos", limit)
        if as_json:
            print_json({"videos": videos, "error": None})
            return
        out = console(as_json)
        if not videos:
            out.print("No videos yet. Upload one: videosite upload FILE --watch", highlight=False)
            return
        out.print(_table(videos))
        if more:
            out.print(f"There are more: videosite list --limit {limit * 5}", highlight=False)


def _table(videos: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("length", justify="right", no_wrap=True)
    table.add_column("made", no_wrap=True)
    table.add_column("title", overflow="ellipsis")
    for video in videos:
        status = video["status"]
        if status == "processing":
            status = f"{status} {video['progress']} %"
        elif video["error"]:
            status = f"{status}: {video['error']['code']}"
        length = clock(video["duration_s"]) if video["duration_s"] is not None else ""
        made = video["created_at"].replace("T", " ").removesuffix("Z")[:16]
        # Text: a title may look like Rich's markup.
        title = Text(printable(video["title"]))
        table.add_row(str(video["video_id"]), status, length, made, title)
    return table
