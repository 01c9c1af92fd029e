"""`videosite thumbnail …`: the picture of a video."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, console, print_json, reported, steps
from cli.site import find_site

app = typer.Typer(help="The picture of a video.", no_args_is_help=True)

VideoId = Annotated[int, typer.Argument(help="The video's id.")]
STEP_AFTER_S = 1.0
PATIENCE_S = 90.0
"""How long `frame` waits for the pictures."""
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
}
"""The site looks at the file itself; this is only what the request says."""


@app.callback()
def thumbnail() -> None:
    """The picture of a video."""


@app.command("set")
def set_picture(
    video_id: VideoId,
    file: Annotated[Path, typer.Argument(help="JPEG, PNG, WebP, GIF or AVIF, at most 4 MiB.")],
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Show a picture of your own."""
    with reported(as_json, {"video_id": video_id}):
        kind = TYPES.get(file.suffix.lower(), "application/octet-stream")
        client = Client(find_site(url, credentials))
        _say(client.put_file(_path(video_id), file.read_bytes(), kind), as_json)


@app.command()
def frame(
    video_id: VideoId,
    at_s: Annotated[float, typer.Argument(min=0, help="Seconds from the start.")],
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Show a frame of the video."""
    with reported(as_json, {"video_id": video_id}):
        client = Client(find_site(url, credentials))
        shown = client.post(f"{_path(video_id)}/frame", {"at_s": at_s}, repeatable=True)
        waited_s = 0.0
        with steps(console(as_json)) as step:
            while shown["pending"]:
                if waited_s >= PATIENCE_S:
                    message = "It is still being made; the picture will change by itself."
                    raise CommandError("not_ready", message)
                if waited_s == STEP_AFTER_S:
                    step("making the picture")
                client.sleep(0.5)
                waited_s += 0.5
                shown = client.get(_path(video_id))
        if shown["error"]:
            raise CommandError(shown["error"]["code"], shown["error"]["message"])
        _say(shown, as_json)


@app.command()
def reset(
    video_id: VideoId,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Show the automatic picture again."""
    with reported(as_json, {"video_id": video_id}):
        client = Client(find_site(url, credentials))
        client.delete(_path(video_id))
        _say(client.get(_path(video_id)), as_json)


def _path(video_id: int) -> str:
    return f"/videos/{video_id}/thumbnail"


def _say(shown: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(shown)
        return
    names = {"upload": "your picture", "frame": "the frame", "automatic": "the automatic picture"}
    text = f"Shown is {names[shown['kind']]}: {shown['poster_url'] or 'none yet'}"
    console(as_json).print(text, markup=False, highlight=False, soft_wrap=True)
