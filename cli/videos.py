"""`videosite show`, `update` and `delete`: one video."""

from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, can_ask, clock, console, print_json, printable, reported
from cli.site import find_site

VideoId = Annotated[int, typer.Argument(metavar="ID", help="The video's id, as `videosite list` shows it.")]
Visibility = Literal["private", "unlisted", "public"]


def show(
    video_id: VideoId,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """What is said of a video, who may see it, and where it plays."""
    with reported(as_json, {"video": None}):
        video = Client(find_site(url, credentials)).get(f"/videos/{video_id}")
        _say(video, as_json)


def update(
    video_id: VideoId,
    title: Annotated[str | None, typer.Option(help="At most 200 characters.")] = None,
    description: Annotated[str | None, typer.Option(help="At most 5,000 characters.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="May be repeated; replaces all tags. --tag '' takes all away.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Such as travel; '' takes it away.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, such as pt-BR; '' takes it away.")] = None,
    visibility: Annotated[Visibility | None, typer.Option(help="Who may see it.")] = None,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Change what is said of a video, and who may see it; what is not named stays. When fewer may see it than
    before, its old addresses stop working within minutes."""
    with reported(as_json, {"video": None}):
        given = {
            "title": title,
            "description": description,
            "tags": [one for one in tag if one] if tag is not None else None,
            "category": category,
            "language": language,
            "visibility": visibility,
        }
        body = {name: value for name, value in given.items() if value is not None}
        if not body:
            raise CommandError("nothing_given", "Say what to change: videosite update --help")
        video = Client(find_site(url, credentials)).patch(f"/videos/{video_id}", body)
        _say(video, as_json)


def delete(
    video_id: VideoId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Delete a video with everything of it, for good. It asks first."""
    with reported(as_json, {"video_id": video_id, "deleted": False}):
        client = Client(find_site(url, credentials))
        if not yes:
            title = printable(client.get(f"/videos/{video_id}")["title"])
            confirm(f"Delete video {video_id}, {title}, for good?")
        client.delete(f"/videos/{video_id}")
        if as_json:
            print_json({"video_id": video_id, "deleted": True, "error": None})
            return
        text = f"Deleted {video_id}. What it took in storage is removed within minutes."
        console(as_json).print(text, markup=False, highlight=False)


def confirm(question: str) -> None:
    """Ask on the terminal.

    Raises:
        CommandError: `not_confirmed`, the answer was no; `no_terminal`.
    """
    if not can_ask():
        raise CommandError("no_terminal", "There is no terminal to ask on; say --yes if you mean it.")
    if not typer.confirm(question, err=True):
        raise CommandError("not_confirmed", "Nothing was done.")


def _say(video: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({"video": video, "error": None})
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(video):
        # Text: it may look like Rich's markup.
        table.add_row(name, Text(value))
    console(as_json).print(table)


def _lines(video: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, value) of what there is."""
    status = video["status"]
    if status == "processing":
        status = f"{status} {video['progress']} %"
    error, playback = video["error"], video["playback"]
    made = video["created_at"].replace("T", " ").removesuffix("Z")[:16]
    lines = [
        ("id", str(video["video_id"])),
        ("title", printable(video["title"])),
        ("description", "\n".join(map(printable, video["description"].split("\n")))),
        ("tags", printable(", ".join(video["tags"]))),
        ("category", video["category"] or ""),
        ("language", video["language"] or ""),
        (
            "visible to",
            {"private": "its owner", "unlisted": "who has the link"}.get(video["visibility"], "all"),
        ),
        ("share slug", video["share_slug"] or ""),
        ("status", f"{status}: {error['message']}" if error else status),
        ("length", clock(video["duration_s"]) if video["duration_s"] is not None else ""),
        ("views", str(video["views"])),
        ("made", f"{made} UTC"),
        ("plays at", playback["hls"] if playback else ""),
    ]
    return [(name, value) for name, value in lines if value]
