"""A client of a running stack for tests: plain HTTP and sockets, nothing of the CLI."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

RENEW_S = 600
"""A token is good for a quarter of an hour; all tests of a stack take longer on a busy machine."""
PASSWORD = "a long password for tests"
ENDED = ("completed", "failed", "cancelled")


class Site:
    """One account at one address."""

    def __init__(self, base_url: str, email: str, password: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(base_url=f"{base_url}/api/v1/", timeout=60, auth=self._sign)
        self._credentials = {"email": email, "password": password}
        self._parts: dict[int, list[dict[str, Any]]] = {}
        self.sign_in()

    def sign_in(self) -> None:
        """Get another token now."""
        answer = self.http.post("auth/login", json=self._credentials, auth=httpx.Auth())
        answer.raise_for_status()
        self._token = str(answer.json()["access_token"])
        self._renew_at_s = time.monotonic() + RENEW_S

    @property
    def token(self) -> str:
        """An access token that is good for some minutes."""
        if time.monotonic() > self._renew_at_s:
            self.sign_in()
        return self._token

    def _sign(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def make_user(self, role: str, name: str = "") -> Site:
        """Another account, made by this admin."""
        email = f"{name or role}@example.org"
        self.post("admin/users", {"email": email, "password": PASSWORD, "role": role})
        return Site(self.base_url, email, PASSWORD)

    def close(self) -> None:
        self.http.close()

    def get(self, path: str) -> dict[str, Any]:
        answer = self.http.get(path)
        answer.raise_for_status()
        return dict(answer.json())

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.http.post(path, json=body)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def upload(
        self, file: Path, title: str = "Clip", complete: bool = True, ladder: str = "h264-only", **wanted: Any
    ) -> int:
        """Create a video and send its file as the API wants it; returns its id."""
        body = {"title": title, "filename": file.name, "size_bytes": file.stat().st_size, "ladder": ladder}
        created = self.post("videos", body | wanted)
        video_id, way = int(created["video"]["video_id"]), created["upload"]
        self._parts[video_id] = _send_form(file, way) if way["kind"] == "post" else _send_parts(file, way)
        if complete:
            self.complete(video_id)
        return video_id

    def complete(self, video_id: int) -> None:
        """Say that the file of `upload` is there."""
        self.post(f"videos/{video_id}/upload/complete", {"parts": self._parts.pop(video_id)})

    def status(self, video_id: int) -> dict[str, Any]:
        return self.get(f"videos/{video_id}/transcode-status")

    def wait(self, video_id: int, timeout_s: float = 90, until: tuple[str, ...] = ENDED) -> dict[str, Any]:
        """The status once it is one of `until`."""
        deadline_s = time.monotonic() + timeout_s
        while (status := self.status(video_id))["status"] not in until:
            assert time.monotonic() < deadline_s, status
            time.sleep(0.1)
        return status

    def wait_measured(self, video_id: int, timeout_s: float = 90) -> dict[str, Any]:
        """The status once every rendition has the VMAF of all its samples."""
        deadline_s = time.monotonic() + timeout_s
        while not all(map(_is_measured, (status := self.status(video_id))["renditions"])):
            assert time.monotonic() < deadline_s, status
            time.sleep(0.1)
        return status

    @contextmanager
    def socket(self, path: str = "ws", token: str = "") -> Iterator[Socket]:
        """An open WebSocket of this account."""
        address = f"ws{self.base_url.removeprefix('http')}/api/v1/{path}?token={token or self.token}"
        with connect(address, open_timeout=20, proxy=None) as connection:
            yield Socket(connection)

    def wait_for_sockets(self, count: int, timeout_s: float = 20) -> None:
        """Wait until so many sockets are open: those of earlier tests may still be closing."""
        deadline_s = time.monotonic() + timeout_s
        while (stats := self.get("ws/stats"))["total_connections"] != count:
            assert time.monotonic() < deadline_s, stats
            time.sleep(0.1)

    def announce(self, message: str, **wanted: Any) -> dict[str, Any]:
        """Say something as an admin."""
        return self.post("admin/system-messages", {"message": message, **wanted})

    def withdraw(self, *announced: dict[str, Any]) -> None:
        """Keep those who come later, in other tests, from hearing it."""
        for one in announced:
            self.http.delete(f"admin/system-messages/{one['message_id']}").raise_for_status()


def _is_measured(rendition: dict[str, Any]) -> bool:
    vmaf = rendition["vmaf_detail"]
    return vmaf is not None and vmaf["samples"] == vmaf["planned"]


class Socket:
    """Frames as they come."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.frames: list[dict[str, Any]] = []

    def send(self, frame: dict[str, Any] | str | bytes) -> None:
        self._connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    def ask(self, frame: dict[str, Any] | str, kind: str) -> dict[str, Any]:
        """Send a frame and receive up to the answer of a type."""
        self.send(frame)
        return self.until(kind)

    def receive(self, timeout_s: float = 20) -> dict[str, Any]:
        frame = dict(json.loads(self._connection.recv(timeout=timeout_s)))
        self.frames.append(frame)
        return frame

    def until(self, kind: str, timeout_s: float = 60) -> dict[str, Any]:
        """Receive up to the first frame of a type; all of them stay in `frames`."""
        deadline_s = time.monotonic() + timeout_s
        while (frame := self.receive(max(0.1, deadline_s - time.monotonic())))["type"] != kind:
            pass
        return frame

    def drop(self, reset: bool = False) -> None:
        """Cut the connection off, without a closing handshake; `reset`: as a crash does, with TCP's RST."""
        if reset:
            # SO_LINGER with no time: close() sends RST at once (socket(7)).
            self._connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._connection.socket.shutdown(socket.SHUT_RD)
            self._connection.socket.close()
        else:
            self._connection.socket.shutdown(socket.SHUT_RDWR)

    def close_code(self, timeout_s: float = 20) -> int | None:
        """Receive until the server closes; the code it gives, 1006 if it said none."""
        with suppress(ConnectionClosed):
            while True:
                self.receive(timeout_s)
        return self._connection.close_code

    def drain(self, quiet_s: float = 2) -> None:
        """Receive until nothing came for a while."""
        try:
            while True:
                self.receive(quiet_s)
        except TimeoutError:
            return


def _send_form(file: Path, way: dict[str, Any]) -> list[dict[str, Any]]:
    with file.open("rb") as data:
        sent = httpx.post(way["url"], data=way["fields"], files={"file": data}, timeout=60)
    assert sent.status_code in (200, 201, 204), sent.text
    return []


def _send_parts(file: Path, way: dict[str, Any]) -> list[dict[str, Any]]:
    """Up to 100 parts: their addresses come with the first answer."""
    assert way["part_count"] == len(way["parts"])
    found = []
    with file.open("rb") as data:
        for part in way["parts"]:
            sent = httpx.put(part["url"], content=data.read(way["part_size_bytes"]), timeout=60)
            assert sent.status_code == 200, sent.text
            found.append({"number": part["number"], "etag": sent.headers["ETag"]})
    return found
