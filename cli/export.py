"""`videosite export ID DIR`: a video's playlists, manifest and segments as files, for any player."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, console, print_json, reported
from cli.site import find_site

PARALLEL_FILES = 8
ATTEMPTS = 4

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*")
"""Relative addresses that stay inside the directory."""


def export(
    video_id: Annotated[int, typer.Argument(help="The video's id.")],
    directory: Annotated[Path, typer.Argument(help="Where to; made if it is not there.", metavar="DIR")],
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Download a video as master.m3u8, manifest.mpd and their segments."""
    document: dict[str, Any] = {"video_id": video_id, "directory": str(directory)}
    with reported(as_json, document):
        _check_directory(directory)
        client = Client(find_site(url, credentials))
        video = client.get(f"/videos/{video_id}")
        if video["status"] != "completed" or not video["playback"]:
            message = f"Video {video_id} is {video['status']}; only a completed one can be exported."
            raise CommandError("not_completed", message)
        files, size_bytes = download(client, video["playback"], directory, as_json)
        if as_json:
            print_json({**document, "files": files, "size_bytes": size_bytes, "error": None})
        else:
            console(as_json).print(
                f"{files} files, {size_bytes / 1e6:.1f} MB. Play {directory / 'master.m3u8'}",
                highlight=False,
                soft_wrap=True,
            )


def _check_directory(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise CommandError("not_a_directory", f"{directory} is a file; name a folder.")
    if directory.is_dir() and any(directory.iterdir()):
        # Two videos in one folder would play as a mixture.
        raise CommandError("not_empty", f"{directory} is not empty; name a new folder.")


def download(client: Client, playback: dict[str, str], directory: Path, as_json: bool) -> tuple[int, int]:
    """Fetch everything that the two lists name; returns (files, bytes)."""
    source = _Source(client, playback["hls"].rpartition("/")[0], directory)
    lists, names = source.list_files()
    sizes = []
    with (
        Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console(as_json)
        ) as bars,
        ThreadPoolExecutor(PARALLEL_FILES) as pool,
    ):
        task = bars.add_task("segments", total=len(names))
        try:
            for size in pool.map(source.fetch, names):
                sizes.append(size)
                bars.advance(task)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    # The lists come last, the master at the very end: a directory that has it is whole.
    sizes += [source.fetch(name) for name in (*lists, "manifest.mpd", "master.m3u8")]
    return len(sizes), sum(sizes)


def uris(playlist: str) -> Iterator[str]:
    """Every address in a playlist: its lines, and the URI attributes of its tags (RFC 8216)."""
    for line in playlist.splitlines():
        if line.startswith("#"):
            yield from re.findall(r'[:,]URI="([^"]*)"', line)
        elif line.strip():
            yield line.strip()


class _Source:
    """The video's media, under one address, and the directory it goes to."""

    def __init__(self, client: Client, base_url: str, directory: Path) -> None:
        self._client = client
        self._base_url = base_url
        self._directory = directory

    def list_files(self) -> tuple[list[str], list[str]]:
        """(media playlists, everything that they list)."""
        # A track may be in several groups.
        lists = list(dict.fromkeys(uris(self._read("master.m3u8").decode())))
        found: dict[str, None] = {}
        for playlist in lists:
            folder = playlist.rpartition("/")[0]
            for name in uris(self._read(playlist).decode()):
                found[f"{folder}/{name}" if folder else name] = None
        return lists, list(found)

    def fetch(self, name: str) -> int:
        """Store one file, whole or not at all; returns its bytes."""
        data = self._read(name)
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_bytes(data)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return len(data)

    def _read(self, name: str) -> bytes:
        if not _PLAIN_NAME.fullmatch(name):
            raise CommandError("unsafe_address", f"A playlist names {name[:100]!r}, outside of the video.")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._client.http.get(f"{self._base_url}/{name}")
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if response.is_success:
                    return response.content
                if response.status_code < 500 or attempt == ATTEMPTS:
                    message = f"{name} could not be read: status {response.status_code}."
                    raise CommandError("media_error", message)
            self._client.sleep(0.3 * 2**attempt)
        raise AssertionError("unreachable")
