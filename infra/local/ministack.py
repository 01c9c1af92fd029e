"""Runs MiniStack, the AWS emulator: what it needs is in docs/local-stack.md, measured."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from infra.local import environments, processes
from infra.local.state import State

START_S = 60
STOP_S = 40
"""State is written only on a clean stop, and busy functions run on for a while after SIGTERM."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "COVERAGE_PROCESS_START")


def start(state: State, say: Callable[[str], None] = lambda _: None) -> None:
    """Start MiniStack on its port and wait until it answers."""
    binaries = environments.ensure("ministack", say)
    processes.start(state, "ministack", [str(binaries / "ministack")], environment(state))
    processes.wait_until(state, "ministack", lambda: answers(state), START_S)


def environment(state: State) -> dict[str, str]:
    """Loopback only, IAM enforced, keys of its own, a private and empty TMPDIR for its workers."""
    host = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return host | {
        "AWS_ACCESS_KEY_ID": state.keys["root_id"],
        "AWS_SECRET_ACCESS_KEY": state.keys["root_secret"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "GATEWAY_PORT": str(state.ports["ministack"]),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "AUTH": "true",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # Worker folders are never cleaned: start with none.
        "TMPDIR": str(state.folder("tmp", empty=True)),
        "PERSIST_STATE": "0" if state.ephemeral else "1",
        "STATE_DIR": str(state.folder("ministack")),
        "S3_PERSIST": "0",
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }


def stop(state: State) -> None:
    """Stop it cleanly, so that it writes its state."""
    processes.stop(state, "ministack", STOP_S)


def answers(state: State) -> bool:
    """Whether it serves requests."""
    try:
        with urllib.request.urlopen(f"{state.ministack_url}/_ministack/health", timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def log_file(state: State) -> Path:
    return state.home / "logs" / "ministack.log"
