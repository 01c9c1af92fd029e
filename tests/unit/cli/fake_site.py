"""A site as the commands see it: the API and the storage, over httpx's mock transport."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from cli.client import Client, Site, site_at

URL = "http://site.test"
STORAGE = "http://storage.test"
PASSWORD = "correct horse"
VIDEO_ID = 1_420_070_400_001
RENDITION = {
    "name": "h264-360p",
    "codec": "h264",
    "resolution": "640x360",
    "status": "processing",
    "progress": 50,
    "attempts": 1,
    "error": None,
    "speed": 2.0,
    "eta_s": 3.0,
    "vmaf": None,
    "size_bytes": None,
    "cost_usd": None,
}


def status_document(status: str = "processing", progress: int = 50, **values: Any) -> dict[str, Any]:
    """A transcode-status answer."""
    rendition = {**RENDITION, "status": status, "progress": progress}
    return {
        "video_id": VIDEO_ID,
        "status": status,
        "progress": progress,
        "message": status.capitalize(),
        "error": None,
        "generation": 1,
        "renditions": [rendition],
        "updated_at": "2026-03-01T10:30:00Z",
        **values,
    }


class FakeSite:
    """Answers requests; `override` (method and path → response) goes first, once per entry in its list."""

    def __init__(self, folder: Path) -> None:
        self.site: Site = site_at(URL, folder / "credentials.json")
        (folder / "credentials.json").write_text(json.dumps({"email": "ada@x.org", "password": PASSWORD}))
        self.override: dict[str, list[httpx.Response | Exception]] = {}
        self.requests: list[str] = []
        self.bodies: dict[str, Any] = {}
        self.statuses: list[dict[str, Any]] = [status_document("completed", 100)]
        self.objects: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.part_bytes = 4
        self.form_limit = 10
        self.video = {
            "video_id": VIDEO_ID,
            "title": "Clip",
            "description": "Waves",
            "tags": ["beach", "sea"],
            "category": "travel",
            "language": None,
            "visibility": "private",
            "share_slug": None,
            "views": 7,
            "created_at": "2026-03-01T10:30:00Z",
            "progress": 100,
            "status": "completed",
            "duration_s": 5.0,
            "playback": {"hls": f"{URL}/m/tok/videos/1/a/master.m3u8"},
            "poster_url": f"{URL}/m/tok/thumbnails/video_1_poster.jpg?v=1",
            "error": None,
        }
        self.users: list[dict[str, Any]] = [
            {
                "user_id": "u1",
                "email": "bob@x.org",
                "role": "viewer",
                "state": "active",
                "created_at": "2026-03-01T10:30:00Z",
            }
        ]
        self.listed: list[dict[str, Any]] = []
        self.slept_s: list[float] = []
        self.now_s = 1000.0
        self.token = 0

    def client(self, site: Site | None = None) -> Client:
        return Client(
            site or self.site,
            httpx.MockTransport(self.handle),
            clock=lambda: self.now_s,
            sleep=self.slept_s.append,
        )

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        key = f"{request.method} {request.url.path.removeprefix('/api/v1')}"
        self.requests.append(key)
        if request.headers.get("Content-Type") == "application/json":
            self.bodies[key] = json.loads(request.content)
        if self.override.get(key):
            answer = self.override[key].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.url.host == "storage.test":
            return self._store(request)
        if request.url.path.startswith("/m/"):
            name = request.url.path.removeprefix("/m/tok/videos/1/a/")
            return (
                httpx.Response(200, content=self.files[name]) if name in self.files else httpx.Response(404)
            )
        return self._answer(key, request)

    def _answer(self, key: str, request: httpx.Request) -> httpx.Response:
        if key == "POST /auth/login":
            if self.bodies[key]["password"] != PASSWORD:
                return problem(401, "bad_credentials")
            return self._tokens()
        if key == "POST /auth/logout":
            return httpx.Response(204)
        if key == "POST /auth/refresh":
            good = self.bodies[key]["refresh_token"] == f"r{self.token}"
            return self._tokens() if good else problem(401, "bad_token")
        if request.headers.get("Authorization") != f"Bearer a{self.token}":
            return problem(401, "bad_token")
        return self._routes(key)

    def _tokens(self) -> httpx.Response:
        self.token += 1
        tokens = {"access_token": f"a{self.token}", "refresh_token": f"r{self.token}", "expires_in": 900}
        return httpx.Response(200, json=tokens)

    def _routes(self, key: str) -> httpx.Response:
        routes: dict[str, Callable[[], httpx.Response]] = {
            r"POST /videos": self._create,
            r"POST /videos/\d+/upload/parts": lambda: httpx.Response(
                200, json={"parts": [part(n) for n in self.bodies[key]["numbers"]]}
            ),
            r"POST /videos/\d+/upload/complete": lambda: httpx.Response(
                202, json=self.video | {"status": "processing"}
            ),
            r"DELETE /videos/\d+/upload": lambda: httpx.Response(204),
            r"GET /(admin/)?videos": lambda: httpx.Response(
                200, json={"videos": self.listed, "next_cursor": None}
            ),
            r"GET /users/me": lambda: httpx.Response(200, json={"role": "creator"}),
            r"PATCH /videos/\d+": lambda: httpx.Response(200, json=self.video | self.bodies[key]),
            r"DELETE /videos/\d+": lambda: httpx.Response(202, json=None),
            r"GET /admin/users": lambda: httpx.Response(200, json={"users": self.users, "next_cursor": None}),
            r"PATCH /admin/users/u1": lambda: httpx.Response(200, json=self.users[0] | self.bodies[key]),
            r"POST /admin/users/u1/(suspend|restore)": lambda: httpx.Response(200, json=self.users[0]),
            r"DELETE /admin/users/u1": lambda: httpx.Response(204),
            r"GET /videos/\d+": lambda: httpx.Response(200, json=self.video),
            r"GET /videos/\d+/transcode-status": self._status,
            r"POST /admin/users": lambda: httpx.Response(
                201, json={"user_id": "u1", "created_at": "x"} | without_password(self.bodies[key])
            ),
        }
        for pattern, answer in routes.items():
            if re.fullmatch(pattern, key):
                return answer()
        return problem(404, "no_such_route")

    def _create(self) -> httpx.Response:
        size = self.bodies["POST /videos"]["size_bytes"]
        upload: dict[str, Any] = {"kind": "post", "key": "k", "url": f"{STORAGE}/form", "fields": {"a": "b"}}
        if size > self.form_limit:
            count = -(-size // self.part_bytes)
            first_page = [part(n) for n in range(1, min(count, 100) + 1)]
            upload = {
                "kind": "multipart",
                "key": "k",
                "upload_id": "u",
                "part_size_bytes": self.part_bytes,
                "part_count": count,
                "parts": first_page,
            }
        return httpx.Response(201, json={"video": self.video | {"status": "pending"}, "upload": upload})

    def _status(self) -> httpx.Response:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return httpx.Response(200, json=status)

    def _store(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.objects[path] = request.content
        return httpx.Response(204 if path == "/form" else 200, headers={"ETag": f'"{path}"'})


def part(number: int) -> dict[str, Any]:
    return {"number": number, "url": f"{STORAGE}/part/{number}"}


def without_password(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "password"}


def problem(status: int, code: str, detail: str = "It was refused.", **extra: Any) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": detail, "status": status, **extra})
