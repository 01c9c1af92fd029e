"""`videosite subtitles …`: subtitle tracks of a video."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.table import Table
from rich.text import Text

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import JsonFlag, console, print_json, printable, reported
from cli.site import find_site

app = typer.Typer(help="Subtitle tracks of a video.", no_args_is_help=True)

VideoId = Annotated[int, typer.Argument(help="The video's id.")]
Language = Annotated[str, typer.Argument(help="Such as en, pt-BR or zh-Hant.")]


@app.callback()
def subtitles() -> None:
    """Subtitle tracks of a video."""


@app.command()
def add(
    video_id: VideoId,
    file: Annotated[Path, typer.Argument(help="SRT, WebVTT, ASS, SSA, SBV or TTML, at most 2 MiB.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Such as en, pt-BR or zh-Hant.")],
    label: Annotated[str, typer.Option(help="What players show. Default: the language's name.")] = "",
    default: Annotated[bool, typer.Option("--default", help="Show it unasked.")] = False,
    shift_ms: Annotated[int, typer.Option(help="Milliseconds later; negative: earlier.")] = 0,
    encoding: Annotated[str, typer.Option(help="Such as big5. Default: found out.")] = "",
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Add a language's track, or replace it."""
    with reported(as_json, {"video_id": video_id, "language": language}):
        data = file.read_bytes()
        query: dict[str, str | int] = {"default": "true"} if default else {}
        for name, value in (("label", label), ("encoding", encoding), ("shift_ms", shift_ms)):
            if value:
                query[name] = value
        client = Client(find_site(url, credentials))
        track = client.put_file(_path(video_id, language), data, "application/octet-stream", **query)
        if as_json:
            print_json({**track, "error": None})
            return
        text = f"Added {track['label']} ({track['language']}): {track['cues']} cues, {track['encoding']}."
        console(as_json).print(printable(text), markup=False, highlight=False)


@app.command("list")
def list_tracks(
    video_id: VideoId,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """The tracks that were uploaded."""
    with reported(as_json, {"subtitles": []}):
        found = Client(find_site(url, credentials)).get(f"/videos/{video_id}/subtitles")["subtitles"]
        if as_json:
            print_json({"subtitles": found, "error": None})
            return
        out = console(as_json)
        if not found:
            out.print(
                f"No subtitles yet. Add some: videosite subtitles add {video_id} FILE --language en",
                highlight=False,
            )
            return
        out.print(_table(found))


@app.command()
def remove(
    video_id: VideoId,
    language: Language,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Remove a language's track."""
    with reported(as_json, {"video_id": video_id, "language": language}):
        Client(find_site(url, credentials)).delete(_path(video_id, language))
        if as_json:
            print_json({"video_id": video_id, "language": language, "error": None})
            return
        console(as_json).print(f"Removed {printable(language)}.", markup=False, highlight=False)


def _path(video_id: int, language: str) -> str:
    return f"/videos/{video_id}/subtitles/{quote(language, safe='')}"


def _table(tracks: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("language", "cues", "shift", "encoding", "default"):
        table.add_column(name, no_wrap=True)
    table.add_column("label", overflow="fold")
    for track in tracks:
        table.add_row(
            track["language"],
            str(track["cues"]),
            f"{track['shift_ms']} ms" if track["shift_ms"] else "",
            f"{track['format']}, {track['encoding']}",
            "yes" if track["default"] else "",
            # Text: a label may look like Rich's markup.
            Text(printable(track["label"])),
        )
    return table
