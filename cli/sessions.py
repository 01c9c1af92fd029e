"""Sessions that `videosite login` opened, in a file of the user's own: site → tokens.

A refresh token works once, so commands that run at the same time take turns (`Sessions.turn`).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kept:
    """What is kept of a session."""

    email: str
    access_token: str
    refresh_token: str
    expires_at_s: float
    """Of the access token, Unix seconds."""


class Sessions:
    """The sessions in a file. What is no such file holds none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, api: str) -> Kept | None:
        """The session at a site, by its address up to /api/v1."""
        try:
            return Kept(**self._read()[api])
        except (KeyError, TypeError):
            return None

    @property
    def last(self) -> str | None:
        """The site that was signed in to last."""
        return next(reversed(self._read()), None)

    def keep(self, api: str, kept: Kept) -> None:
        """Keep a session; its site is the last one now."""
        found = self._read()
        found.pop(api, None)
        self._write({**found, api: asdict(kept)})

    def forget(self, api: str) -> None:
        """Keep the session at a site no more."""
        found = self._read()
        if found.pop(api, None) is not None:
            self._write(found)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else exchanges a token inside."""
        self._make_folder()
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, found: dict[str, Any]) -> None:
        self._make_folder()
        part = self.path.with_suffix(".part")
        part.unlink(missing_ok=True)
        # Nobody else may read it, not even for a moment.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(found, file, indent=1)
        part.replace(self.path)

    def _make_folder(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def own_sessions() -> Sessions:
    """Those of whoever runs the command."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Sessions(Path(folder, "videosite", "sessions.json"))
