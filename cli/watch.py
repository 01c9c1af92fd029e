"""`videosite watch ID`: one live bar per rendition, until the transcode ends; the play address stands above
them as soon as it plays. Where there is no terminal, a line per step instead of bars.

The socket's progress messages are status documents, so the bars follow them alone. The end is read from
the API. When the socket fails, or is silent, the status is asked for at intervals instead, so the
command needs nothing but HTTP to end.
"""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn
from rich.table import Column
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from cli.client import Client, CredentialsOption, UrlOption
from cli.exit_codes import INTERRUPTED, REFUSED
from cli.outcome import CommandError, JsonFlag, clock, console, print_json, reported, steps
from cli.site import find_site

ENDED = ("completed", "failed", "cancelled")
POLL_S = 1.0
NARROW = 60
"""Columns of a terminal too narrow for bars."""
SILENCE_S = 5.0
"""A socket that says nothing for this long is not trusted to be telling everything."""


def watch(
    video_id: Annotated[int, typer.Argument(help="The video's id.")],
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Follow a video's transcode until it ends."""
    with reported(as_json, empty_outcome(video_id)):
        client = Client(find_site(url, credentials))
        status = follow(client, video_id, console(as_json))
        finish(client, status, as_json)


def empty_outcome(video_id: int | None = None) -> dict[str, Any]:
    """The JSON of a command that did not get as far as a status."""
    return {
        "video_id": video_id,
        "status": "error",
        "duration_s": None,
        "renditions": [],
        "playback_url": None,
        "poster_url": None,
        "error": None,
    }


def finish(client: Client, status: dict[str, Any], as_json: bool) -> None:
    """Say how the transcode ended: the final object, or the play address or the reason.

    Raises:
        typer.Exit: 2, unless it completed.
    """
    video = client.get(f"/videos/{status['video_id']}")
    playback = video["playback"] or {}
    document = {
        "video_id": video["video_id"],
        "status": status["status"],
        "duration_s": video["duration_s"],
        "renditions": status["renditions"],
        "playback_url": playback.get("hls"),
        "poster_url": video.get("poster_url"),
        "error": status["error"],
    }
    if as_json:
        print_json(document)
    else:
        _print_ending(document, console(as_json))
    if status["status"] != "completed":
        raise typer.Exit(REFUSED)


def _print_ending(document: dict[str, Any], out: Console) -> None:
    if document["status"] == "completed":
        out.print(f"Completed. Play it: {document['playback_url']}", soft_wrap=True, highlight=False)
        if document["poster_url"]:
            out.print(f"Poster: {document['poster_url']}", soft_wrap=True, highlight=False)
        return
    error = document["error"] or {"message": "The transcode was cancelled.", "code": "cancelled"}
    out.print(f"{error['message']} ({error['code']})", style="red", markup=False, highlight=False)


def follow(client: Client, video_id: int, out: Console) -> dict[str, Any]:
    """Show how it goes until the transcode ends; returns the last status document.

    Raises:
        CommandError: `interrupted`; the transcode goes on.
    """
    status: dict[str, Any] = {}
    try:
        found = statuses(client, video_id)
        with steps(out) as say:
            say("asking how it stands")
            first = next(found)
        playable = _Playable(client, video_id)
        with _board(out) as board:
            for status in chain([first], found):
                if status["status"] == "processing" and (address := playable.news()):
                    board.say(f"It plays already: {address}")
                board.show(status)
    except KeyboardInterrupt:
        message = f"Not watching any more. The transcode goes on; follow it: videosite watch {video_id}"
        interrupted = CommandError("interrupted", message)
        interrupted.exit_code = INTERRUPTED
        raise interrupted from None
    return status


class _Playable:
    """Finds out when a video can be played."""

    def __init__(self, client: Client, video_id: int) -> None:
        self._client = client
        self._video_id = video_id
        self._asked_s = 0.0
        self._told = False

    def news(self) -> str | None:
        """The play address, once; asks the site once a second at most."""
        if self._told or time.monotonic() - self._asked_s < POLL_S:
            return None
        self._asked_s = time.monotonic()
        playback = self._client.get(f"/videos/{self._video_id}")["playback"]
        self._told = playback is not None
        return str(playback["hls"]) if playback else None


class _Board(Protocol):
    """Shows how a transcode goes."""

    def show(self, status: dict[str, Any]) -> None:
        """The newest status."""

    def say(self, sentence: str) -> None:
        """Something worth keeping on the screen."""


@contextmanager
def _board(out: Console) -> Iterator[_Board]:
    if not out.is_terminal:
        yield _Lines(out)
        return
    columns: list[ProgressColumn] = [
        TextColumn("{task.description:<12}", table_column=Column(no_wrap=True, min_width=12)),
        BarColumn(bar_width=24, table_column=Column(min_width=24)),
        TextColumn("{task.percentage:>3.0f} %", table_column=Column(no_wrap=True, min_width=5)),
        TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
    ]
    if out.width < NARROW:
        del columns[1]
    with Progress(*columns, console=out, expand=True) as bars:
        yield _Bars(bars)


class _Lines:
    """A line whenever the status changes or ten percent more are done."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._shown: tuple[str, int] | None = None

    def show(self, status: dict[str, Any]) -> None:
        step = (status["status"], status["progress"] // 10)
        if step != self._shown:
            self._shown = step
            self.say(f"{status['progress']:3} %  {status['message']}")

    def say(self, sentence: str) -> None:
        self._out.print(sentence, markup=False, highlight=False, soft_wrap=True)


class _Bars:
    """One for the whole, one per rendition as they become known."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._whole = bars.add_task("video", total=100, note="")
        self._rows: dict[str, TaskID] = {}

    def show(self, status: dict[str, Any]) -> None:
        self._bars.update(self._whole, completed=status["progress"], note=status["message"])
        for row in status["renditions"]:
            name = row["name"]
            if name not in self._rows:
                self._rows[name] = self._bars.add_task(name, total=100, note="")
            self._bars.update(self._rows[name], completed=row["progress"], note=_note(row))

    def say(self, sentence: str) -> None:
        self._bars.console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _note(row: dict[str, Any]) -> str:
    if row["status"] != "processing" or row["speed"] is None:
        return str(row["status"])
    left = f", {clock(row['eta_s'])} left" if row["eta_s"] is not None else ""
    return f"{row['speed']:.1f}×{left}"


def statuses(client: Client, video_id: int) -> Iterator[dict[str, Any]]:
    """The status whenever it may have changed, the last one being final."""

    def ask() -> dict[str, Any]:
        return client.get(f"/videos/{video_id}/transcode-status")

    status = ask()
    yield status
    try:
        with _connect(client) as socket:
            socket.send(json.dumps({"action": "subscribe", "video_id": video_id}))
            while status["status"] not in ENDED:
                status = _hear(socket, video_id) or ask()
                if status["status"] in ENDED:
                    status = ask()
                yield status
    except (OSError, TimeoutError, WebSocketException):
        # No socket, no matter: the same by asking.
        while status["status"] not in ENDED:
            client.sleep(POLL_S)
            status = ask()
            yield status


def _connect(client: Client) -> AbstractContextManager[ClientConnection]:
    """The socket of the client's account, for a `with`."""
    address = f"{client.site.ws}?{urlencode({'token': client.access_token()})}"
    # No pings: a silent socket is noticed by its silence, and the library logs a ping without an answer.
    return connect(address, open_timeout=5, close_timeout=1, ping_interval=None, compression=None)


def _hear(socket: ClientConnection, video_id: int) -> dict[str, Any] | None:
    """The next progress of the video, or None when the API should be asked: the socket spoke of an end, or
    said nothing for long."""
    deadline_s = time.monotonic() + SILENCE_S
    while True:
        try:
            frame = socket.recv(timeout=max(0.0, deadline_s - time.monotonic()))
        except TimeoutError:
            return None
        message = _parse(frame)
        if message.get("video_id") != video_id:
            continue
        if message.get("type") != "transcode_progress":
            return None
        return {**message, "message": message.get("text", {}).get("en", message["message"])}


def _parse(frame: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(frame)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
