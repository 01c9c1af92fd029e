"""The console on the local address, as CloudFront serves it on AWS: files, headers, one page for all."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from infra.web import POLICY

KEPT_FOREVER = "public, max-age=31536000, immutable"
"""Of files whose name changes with their content."""
ASKED_EACH_TIME = "no-cache"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def file_of(path: str) -> str:
    """The file that an address stands for: every address that names none is a page of the console.

    >>> file_of("/watch/123")
    '/index.html'
    """
    return path if "." in path.rpartition("/")[2] else "/index.html"


def cache_control(file: str) -> str:
    """How long a file may be kept: Vite puts a hash of the content into the names of assets."""
    return KEPT_FOREVER if file.startswith("/assets/") else ASKED_EACH_TIME


def content_type(file: str) -> str:
    """The media type of a file."""
    if file.endswith(".js"):
        # Some systems' tables still have application/javascript or text/plain.
        return "text/javascript"
    return mimetypes.guess_type(file)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Console:
    """A built console."""

    folder: Path
    storage: str
    """Origin that browsers send uploads to."""

    def answer(self, request: web.BaseRequest, path: str) -> web.Response | None:
        """The file of an address; None if there is none."""
        file = file_of(path)
        found = (self.folder / file.lstrip("/")).resolve()
        if not found.is_relative_to(self.folder.resolve()) or not found.is_file():
            return None
        body = found.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers = {
            **HEADERS,
            "Content-Security-Policy": POLICY.replace("STORAGE", self.storage),
            "Cache-Control": cache_control(file),
            "ETag": tag,
        }
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=body, headers=headers, content_type=content_type(file), charset=None)
        response.enable_compression()
        return response
