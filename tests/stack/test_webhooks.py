"""Webhooks from end to end, with the documentation's receiver."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.stack.site import Site

pytestmark = pytest.mark.stack

PAGE = Path(__file__).parents[2] / "docs/webhooks.md"


@contextmanager
def receiver(*statuses: int) -> Iterator[Any]:
    """The documentation's receiver, which first gives these answers without a look."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(code, names)
    left, posts = list(statuses), []

    def do_post(self: Any) -> None:
        if left:
            self.send_error(left.pop(0))
        else:
            names["Receiver"].do_POST(self)

    def send_response(self: Any, status: int, message: str | None = None) -> None:
        posts.append((status, self.headers["webhook-id"]))
        BaseHTTPRequestHandler.send_response(self, status, message)

    changed = {"do_POST": do_post, "send_response": send_response, "log_message": lambda *_: None}
    handler: Any = type("Handler", (names["Receiver"],), {**changed, "posts": posts})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        handler.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wait_for(site: Site, path: str, status: str, attempts: int = 1) -> dict[str, Any]:
    """The webhook's one delivery, once it has a status and so many attempts."""
    deadline_s = time.monotonic() + 60
    while True:
        found = site.get(f"{path}/deliveries")["deliveries"]
        if found and found[0]["status"] == status and len(found[0]["attempts"]) >= attempts:
            return dict(found[0])
        assert time.monotonic() < deadline_s, found
        time.sleep(0.2)


def test_a_failed_transcode_is_told_until_it_is_accepted(admin: Site, creator: Site, tmp_path: Path) -> None:
    file = tmp_path / "text.mp4"
    file.write_text("no video")
    with receiver(500, 503) as own, receiver() as everybodys:
        made = creator.post("webhooks", {"url": own.url, "events": ["transcode_failed"]})
        shared = admin.post("admin/webhooks", {"url": everybodys.url, "events": ["transcode_failed"]})
        own.secret, everybodys.secret = made["secret"], shared["secret"]
        path, shared_path = (f"webhooks/{one['webhook_id']}" for one in (made, shared))
        try:
            video_id = creator.upload(file)
            delivery = wait_for(creator, path, "delivered")
            seen = wait_for(admin, shared_path, "delivered")
            body = json.loads(creator.get(f"{path}/deliveries/{delivery['message_id']}")["body"])
            creator.post(f"{path}/deliveries/{delivery['message_id']}/replay")
            wait_for(creator, path, "delivered", 4)
        finally:
            creator.http.delete(path).raise_for_status()
            admin.http.delete(shared_path).raise_for_status()
    assert (body["type"], body["video_id"], body["code"]) == ("transcode_failed", video_id, "unreadable")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 503, 204]
    assert own.posts == [(status, delivery["message_id"]) for status in (500, 503, 204, 204)]
    # One event has one id, whoever is told.
    assert seen["message_id"] == delivery["message_id"]


def test_a_stranger_to_the_secret_refuses(creator: Site) -> None:
    with receiver() as other:
        made = creator.post("webhooks", {"url": other.url})
        path = f"webhooks/{made['webhook_id']}"
        try:
            creator.post(f"{path}/test")
            delivery = wait_for(creator, path, "failed")
        finally:
            creator.http.delete(path).raise_for_status()
    assert delivery["attempts"][0]["status"] == 401
