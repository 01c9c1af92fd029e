"""MiniStack: everything of AWS but (usually) the object storage, in one process and its workers."""

import os
import shutil
import signal
import urllib.error
import urllib.request
from pathlib import Path

from infra.local.home import Home
from infra.local.keys import KeyPair
from infra.local.ports import LOOPBACK
from infra.local.processes import Started, end_leftovers, find, start

REGION = "us-east-1"
ACCOUNT = "000000000000"
HTTP_API = "videosite-http"
SOCKETS_API = "videosite-ws"
"""Ids pinned by the template's `ms-custom-id` tags for a stack named `videosite`."""
SAVER = Path(__file__).with_name("saver.py")
"""Starts it, and saves its state while it runs."""


def url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def http_api(endpoint: str, api_id: str = HTTP_API) -> str:
    """Address of the HTTP API at an endpoint: a path follows. LocalStack has the same."""
    return f"{endpoint}/_aws/execute-api/{api_id}/$default"


def sockets_api(endpoint: str, api_id: str = SOCKETS_API) -> str:
    """Address of the WebSocket stage, for `@connections`; with ws:// for clients."""
    return f"{endpoint}/_aws/execute-api/{api_id}/live"


def environment(home: Home, port: int, root: KeyPair, persist: bool, objects_on_disk: bool) -> dict[str, str]:
    """MiniStack's whole environment. Functions inherit it, so nothing of ours is in it."""
    return {
        "PATH": os.defpath,
        "HOME": str(home.ministack_tmp),
        "LANG": "C.UTF-8",
        # Worker directories go here and are never cleaned up by MiniStack.
        "TMPDIR": str(home.ministack_tmp),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": root.access_key,
        "AWS_SECRET_ACCESS_KEY": root.secret_key,
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "1" if persist else "0",
        "STATE_DIR": str(home.ministack_state),
        "S3_PERSIST": "1" if objects_on_disk else "0",
        "S3_DATA_DIR": str(home.ministack_objects),
        # Warm workers stay: a cold start costs 1–2 s.
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        # It would look for containers of its own to remove; the user's Docker is none of its business.
        "DOCKER_HOST": f"unix://{home.ministack_tmp}/none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LOG_LEVEL": "INFO",
    }


def launch(
    python: Path, home: Home, port: int, root: KeyPair, persist: bool, objects_on_disk: bool
) -> Started:
    """Start it. Workers that outlived an earlier one are ended first, their directories removed."""
    end_leftovers(home.ministack_tmp)
    shutil.rmtree(home.ministack_tmp, ignore_errors=True)
    home.ministack_tmp.mkdir(parents=True, mode=0o700)
    env = environment(home, port, root, persist, objects_on_disk)
    argv = [str(python), "-P", str(SAVER)]
    return start(argv, home.ministack_tmp, env, home.log("ministack"))


def save_everything(started: Started) -> None:
    """Have its state saved as it is now; see `saver`. One that an older version started is left alone: the
    signal would end it."""
    process = find(started)
    if process and str(SAVER) in process.cmdline():
        process.send_signal(signal.SIGUSR1)


def answers(port: int) -> bool:
    """Whether it is up."""
    try:
        with urllib.request.urlopen(f"{url(port)}/_ministack/health", timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
