"""The web client as it is built, in Node.js, through Nginx, against the stack."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import ports
from infra.node import NODE, WEB, command, environment
from tests import nginx
from tests.media.clips import make_clip
from tests.stack.conftest import RunningStack
from tests.stack.site import Site

pytestmark = pytest.mark.stack

PACKAGE = WEB / "packages/realtime"


class Client:
    """A running client and what it tells."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self.heard: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)

    def tell(self, **what: Any) -> None:
        """Give a command."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def until(self, kind: str, timeout_s: float = 60, **fields: Any) -> dict[str, Any]:
        """The next event of a kind with such fields; all of them stay in `heard`."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = json.loads(self._lines.get(timeout=max(0.1, deadline_s - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no {kind} with {fields} after {self.heard[-5:]}") from None
            self.heard.append(line)
            event = line["event"]
            if line["kind"] == kind and (not fields or fields.items() <= event.items()):
                return event if isinstance(event, dict) else {"value": event}

    def of(self, kind: str) -> list[dict[str, Any]]:
        """All events of a kind so far."""
        return [line["event"] for line in self.heard if line["kind"] == kind]


@contextmanager
def running_client(url: str, site: Site) -> Iterator[Client]:
    """A client of an account, at an address."""
    options = {
        "url": f"{url.replace('http', 'ws', 1)}/api/v1/ws",
        "api": f"{url}/api/v1",
        "accessToken": site.token,
        "who": {"scope": "user", "userId": site.get("users/me")["user_id"]},
        "reconnectInterval": 300,
    }
    arguments = (str(NODE), str(Path(__file__).with_name("client.mjs")), str(PACKAGE), json.dumps(options))
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Client(process)
            assert process.stdin
            process.stdin.close()
            assert process.wait(20) == 0
        finally:
            process.kill()


@contextmanager
def running_nginx(folder: Path, port: int) -> Iterator[None]:
    """Nginx as configured in a folder; what it serves is answered when this begins."""
    process = subprocess.Popen(nginx.command(folder))
    try:
        deadline_s = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/v1/ws/stats", timeout=10).raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for_log(file: Path, part: str) -> str:
    """What Nginx has logged, once a part is in it: it logs a socket when that ends."""
    deadline_s = time.monotonic() + 20
    while part not in (log := file.read_text()):
        assert time.monotonic() < deadline_s, log
        time.sleep(0.05)
    return log


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The package's `dist` is that of its sources."""
    subprocess.run(
        command("npm", "run", "build"), cwd=WEB, env=environment(), check=True, capture_output=True
    )


def test_it_loses_nothing_when_the_way_to_the_server_is_gone(
    stack: RunningStack, admin: Site, tmp_path: Path
) -> None:
    """Through the documented Nginx block: live, away, recovered, a transcode, read."""
    creator = admin.make_user("moderator")
    user_id = creator.get("users/me")["user_id"]
    # Other tests have told everybody something, which is told to those who come later, too.
    unread = creator.get("notifications")["unread"]
    port = ports.take(("proxy",), {})["proxy"]
    folder = nginx.configure(tmp_path, port, stack.url.removeprefix("http://"))

    def announce(text: str) -> None:
        body = {"message": text, "level": "info", "audience": "user", "user_id": user_id}
        admin.post("admin/system-messages", body)

    with running_nginx(folder, port):
        pass
    with running_client(f"http://127.0.0.1:{port}", creator) as client:
        client.until("state", name="waiting")
        with running_nginx(folder, port):
            for _ in range(2):
                assert client.until("recovery")["first"] is True
            announce("one")
            client.until("system_message", message="one")
        client.until("state", name="waiting")
        announce("two")
        announce("three")
        with running_nginx(folder, port):
            for _ in range(2):
                assert client.until("recovery")["recovered"] is True
            video_id = creator.upload(make_clip(tmp_path / "clip.mp4", frames=130))
            done = client.until("transcode_complete", video_id=video_id)
            assert done["final"] is True
            client.tell(subscribe=video_id + 1)
            client.until("problem", code="video_not_found", videoId=video_id + 1)
            assert creator.get("notifications")["unread"] == unread + 4
            client.tell(read="all")
            assert client.until("unread")["value"] == 0
            client.tell(close=True)
            client.until("state", name="closed")
            log = wait_for_log(folder / "logs/videosite.log", '"GET /api/v1/ws" 101')
    assert "token" not in log
    creator.close()
    said = ("one", "two", "three")
    assert (
        tuple(event["message"] for event in client.of("system_message") if event["message"] in said) == said
    )
    progress = [event["progress"] for event in client.of("transcode_progress")]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 2
    assert progress[-1] == 100
