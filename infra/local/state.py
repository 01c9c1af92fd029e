"""What the local stack remembers between commands: one JSON file and a folder per part, under .local/."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

DEFAULT_HOME = Path(".local")
PORT_NAMES = (
    "ministack", "s3", "s3_grpc", "master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc",
    "admin", "admin_grpc",
)  # fmt: skip


@dataclass
class State:
    """Saved as .local/state.json, readable by its owner only: it holds the stack's keys.

    `processes` maps part names to [pid, start time]; `ports` and `keys` are chosen once and kept, so
    that what was deployed stays valid over restarts.
    """

    home: Path
    port: int = 8000
    storage: str = "seaweedfs"
    ephemeral: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    processes: dict[str, list[int]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    deployed: str = ""
    """Fingerprint of what is deployed; empty when nothing is."""
    lease_s: int = 90

    @classmethod
    def load(cls, home: Path) -> Self:
        """The saved state, or a new one; keys and ports that are missing are made."""
        file = home / "state.json"
        values: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        state = cls(home=home, **values)
        for name in ("root", "functions", "reader", "operator"):
            state.keys.setdefault(f"{name}_id", f"videosite-{name}-{secrets.token_hex(4)}")
            state.keys.setdefault(f"{name}_secret", secrets.token_urlsafe(30))
        for name in ("jwt", "jwt_read", "filer_jwt", "filer_jwt_read"):
            state.keys.setdefault(name, secrets.token_hex(24))
        return state

    def save(self) -> None:
        """Write it where nobody else can read it."""
        self.home.mkdir(parents=True, exist_ok=True)
        values = {key: value for key, value in asdict(self).items() if key != "home"}
        part = self.home / "state.json.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(values, file, indent=1)
        part.replace(self.home / "state.json")

    def choose_ports(self) -> None:
        """Give each part a free port; ports chosen before are kept while they are free."""
        taken = set(self.ports.values())
        for name in PORT_NAMES:
            if name not in self.ports or not is_free(self.ports[name]):
                self.ports[name] = free_port(taken)
                taken.add(self.ports[name])

    def folder(self, name: str, empty: bool = False) -> Path:
        """A part's own folder, made if missing."""
        path = self.home / name
        if empty:
            shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True, exist_ok=True)
        return path.resolve()

    @property
    def ministack_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['ministack']}"

    @property
    def storage_url(self) -> str:
        """S3 endpoint of the objects."""
        return f"http://127.0.0.1:{self.ports['s3']}" if self.storage == "seaweedfs" else self.ministack_url

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def credentials_file(self) -> Path:
        return (self.home / "credentials.json").resolve()

    def root_environment(self) -> dict[str, str]:
        """Environment of tools that administer MiniStack."""
        return {
            "AWS_ACCESS_KEY_ID": self.keys["root_id"],
            "AWS_SECRET_ACCESS_KEY": self.keys["root_secret"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.ministack_url,
        }


def is_free(port: int) -> bool:
    """Whether a loopback port can be listened on."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: set[int]) -> int:
    """A free loopback port below 22,000: SeaweedFS derives others by adding 10,000."""
    for _ in range(500):
        port = 12_000 + secrets.randbelow(9_000)
        if port not in taken and is_free(port) and is_free(port + 10_000):
            return port
    raise SystemExit("No free port was found on the loopback address.")
