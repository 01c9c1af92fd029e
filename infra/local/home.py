"""Where a local stack keeps what it needs: one folder, readable by its owner only."""

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.build import host_arch

ROOT = Path(__file__).parents[2]
"""The working copy."""

BINARIES = ROOT / "build/bin" / host_arch()
"""The layers' binaries, unpacked by the build: functions of the local stack share them."""


@dataclass(frozen=True)
class Home:
    """The files of one local stack.

    `.local/` for the stack that is kept, `.local/ephemeral/` for the one that is not, a temporary
    folder for tests. Environments (`.local/envs`) are shared by all of them.
    """

    folder: Path

    @property
    def record(self) -> Path:
        """What runs, on which ports, and what was deployed (`infra.local.record`)."""
        return self.folder / "stack.json"

    @property
    def keys(self) -> Path:
        """Keys this stack made for itself."""
        return self.folder / "keys.json"

    @property
    def credentials(self) -> Path:
        """The seeded admin: {"email", "password"}."""
        return self.folder / "credentials.json"

    @property
    def ministack_state(self) -> Path:
        return self.folder / "ministack/state"

    @property
    def ministack_objects(self) -> Path:
        return self.folder / "ministack/objects"

    @property
    def ministack_tmp(self) -> Path:
        """MiniStack's private TMPDIR: workers and what they start have their directories below it."""
        return self.folder / "ministack/tmp"

    @property
    def seaweedfs(self) -> Path:
        return self.folder / "seaweedfs"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def create(self) -> None:
        """Make the folders, readable by the owner only."""
        for folder in (self.folder, self.ministack_state, self.seaweedfs, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def erase(self) -> None:
        """Remove everything this stack kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kept_home() -> Home:
    """The home of `videosite up`."""
    return Home(ROOT / ".local")


def ephemeral_home() -> Home:
    """The home of `videosite up --ephemeral`."""
    return Home(ROOT / ".local/ephemeral")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    part.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty if the file is missing or damaged."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
