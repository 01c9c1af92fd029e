"""`videosite cancel` and `videosite retry`: steering a transcode."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import JsonFlag, console, print_json, reported
from cli.site import find_site
from cli.watch import empty_outcome, finish, follow

VideoId = Annotated[int, typer.Argument(help="The video's id.")]


def cancel(
    video_id: VideoId,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Stop a video's transcode. What is done is kept: `videosite retry` goes on from there."""
    with reported(as_json, empty_outcome(video_id)):
        client = Client(find_site(url, credentials))
        status = client.post(f"/videos/{video_id}/cancel")
        if as_json:
            print_json(status)
        else:
            console(as_json).print(f"Cancelled. Go on with: videosite retry {video_id}", highlight=False)


def retry(
    video_id: VideoId,
    rendition: Annotated[
        str,
        typer.Option(help="Only what is missing of this one, such as h264-720p, of a video that completed."),
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Follow it until it ends.")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Take a failed or cancelled transcode up again; what is done already is kept."""
    with reported(as_json, empty_outcome(video_id)):
        client = Client(find_site(url, credentials))
        place = f"/renditions/{quote(rendition, safe='')}" if rendition else ""
        status = client.post(f"/videos/{video_id}{place}/retry")
        if watch:
            finish(client, follow(client, video_id, console(as_json)), as_json)
        elif as_json:
            print_json(status)
        else:
            console(as_json).print(f"It goes on. Follow it: videosite watch {video_id}", highlight=False)
