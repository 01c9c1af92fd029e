"""`videosite upload FILE`: into storage, and with `--watch` through the transcode to the play address."""

import io
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
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
from cli.site import find_site
from cli.watch import empty_outcome, finish, follow

PARALLEL_PARTS = 4
PARTS_PER_PAGE = 100
ATTEMPTS = 5
"""Tries per part; what is repeated after a fault is one part, never the file."""
CHUNK_BYTES = 256 * 1024
STORAGE_TIMEOUT = httpx.Timeout(60, connect=5, pool=None)

Visibility = Literal["private", "unlisted", "public"]
Ladder = Literal["standard", "h264-only", "av1-only", "fast"]

Advance = Callable[[int], None]
"""Hears of bytes that went out; a negative number takes back what has to go again."""


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
            parts = _send(
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


def _send(
    client: Client, video_id: int, plan: dict[str, Any], file: Path, size_bytes: int, advance: Advance
) -> list[dict[str, Any]]:
    """Upload as the API said; returns the parts for "complete", none for a form."""
    with httpx.Client(timeout=STORAGE_TIMEOUT, transport=client.transport) as storage:
        if plan["kind"] == "post":
            _send_form(storage, plan, file, advance, client.sleep)
            return []
        return _Parts(client, storage, video_id, plan, file, size_bytes, advance).send()


class _Meter(io.FileIO):
    """A file that says how much of it was read."""

    def __init__(self, path: Path, advance: Advance) -> None:
        super().__init__(path, "rb")
        self._advance = advance
        self.told = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self._advance(len(data))
        self.told += len(data)
        return data


def _send_form(
    storage: httpx.Client,
    plan: dict[str, Any],
    file: Path,
    advance: Advance,
    sleep: Callable[[float], None],
) -> None:
    def once() -> httpx.Response:
        with _Meter(file, advance) as stream:
            try:
                response = storage.post(plan["url"], data=plan["fields"], files={"file": ("source", stream)})
            except httpx.TransportError:
                advance(-stream.told)
                raise
            if not response.is_success:
                advance(-stream.told)
            return response

    _insist(once, sleep)


def _insist(send: Callable[[], httpx.Response], sleep: Callable[[float], None]) -> httpx.Response:
    """Send until storage takes it; passing faults are tried again with growing pauses."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = send()
        except httpx.TransportError:
            if attempt == ATTEMPTS:
                raise
        else:
            if response.is_success:
                return response
            if response.status_code < 500 or attempt == ATTEMPTS:
                message = f"Storage refused the upload with status {response.status_code}."
                raise CommandError("storage_refused", message)
        sleep(0.5 * 2**attempt)
    raise AssertionError("unreachable")


class _Parts:
    """A multipart upload: several parts under way at once, each tried again by itself."""

    def __init__(
        self,
        client: Client,
        storage: httpx.Client,
        video_id: int,
        plan: dict[str, Any],
        file: Path,
        size_bytes: int,
        advance: Advance,
    ) -> None:
        self._client = client
        self._storage = storage
        self._path = f"/videos/{video_id}/upload/parts"
        self._file = file
        self._size_bytes = size_bytes
        self._part_bytes: int = plan["part_size_bytes"]
        self._count: int = plan["part_count"]
        self._urls: dict[int, str] = {part["number"]: part["url"] for part in plan["parts"]}
        self._advance = advance
        self._stopped = False

    def send(self) -> list[dict[str, Any]]:
        """Upload all parts; returns their numbers and ETags."""
        with ThreadPoolExecutor(PARALLEL_PARTS) as pool:
            futures: list[Future[dict[str, Any]]] = []
            try:
                for first in range(1, self._count + 1, PARTS_PER_PAGE):
                    numbers = range(first, min(first + PARTS_PER_PAGE, self._count + 1))
                    self._sign([number for number in numbers if number not in self._urls])
                    futures += [pool.submit(self._send_part, number) for number in numbers]
                    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                    for future in done:
                        future.result()
            except BaseException:
                self._stopped = True
                pool.shutdown(cancel_futures=True)
                raise
            return [future.result() for future in futures]

    def _sign(self, numbers: list[int]) -> None:
        if numbers:
            answer = self._client.post(self._path, {"numbers": numbers})
            self._urls.update({part["number"]: part["url"] for part in answer["parts"]})

    def _send_part(self, number: int) -> dict[str, Any]:
        response = _insist(lambda: self._put(number), self._client.sleep)
        return {"number": number, "etag": response.headers["ETag"]}

    def _put(self, number: int) -> httpx.Response:
        if self._stopped:
            raise CommandError("interrupted", "Another part failed.")
        response = self._put_once(number)
        if response.status_code == 403:
            # On a slow line an address can expire before its turn comes.
            self._sign([number])
            response = self._put_once(number)
        return response

    def _put_once(self, number: int) -> httpx.Response:
        start = (number - 1) * self._part_bytes
        end = min(start + self._part_bytes, self._size_bytes)
        told = 0

        def chunks() -> Iterator[bytes]:
            nonlocal told
            with self._file.open("rb") as stream:
                stream.seek(start)
                left = end - start
                while left and not self._stopped:
                    data = stream.read(min(CHUNK_BYTES, left))
                    if not data:
                        raise CommandError("file_changed", f"{self._file} became shorter while uploading.")
                    yield data
                    left -= len(data)
                    told += len(data)
                    self._advance(len(data))

        length = {"Content-Length": str(end - start)}
        try:
            response = self._storage.put(self._urls[number], content=chunks(), headers=length)
        except httpx.TransportError:
            self._advance(-told)
            raise
        if not response.is_success:
            self._advance(-told)
        return response
