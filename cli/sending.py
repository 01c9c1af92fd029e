"""A file into storage: by one form, or in parts of which each is tried again by itself."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import httpx

from cli.client import Client
from cli.outcome import CommandError

PARALLEL_PARTS = 4
PARTS_PER_PAGE = 100
ATTEMPTS = 5
"""Tries per part; what is repeated after a fault is one part, never the file."""
CHUNK_BYTES = 256 * 1024
STORAGE_TIMEOUT = httpx.Timeout(60, connect=5, pool=None)

Advance = Callable[[int], None]
"""Hears of bytes that went out; a negative number takes back what has to go again."""


def send(
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
