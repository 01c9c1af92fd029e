"""Environments of their own for MiniStack, the SAM CLI and LocalStack, installed from pinned hashes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.build import ROOT, uv


def ensure(name: str, say: Callable[[str], None] = lambda _: None) -> Path:
    """The bin folder of environment `name` (requirements/{name}.txt), made or renewed if needed.

    It has this process's Python, which is the one the layers are built for.
    """
    folder = ROOT / f".venv-{name}"
    requirements = ROOT / "requirements" / f"{name}.txt"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp_file = folder / "stamp"
    if not stamp_file.exists() or stamp_file.read_text() != stamp:
        say(f"installing {name}")
        base = sys.base_prefix + "/bin/python3"
        _run([uv(), "venv", "--quiet", "--clear", "--python", base, str(folder)])
        _run(
            [uv(), "pip", "install", "--quiet", "--require-hashes", "--python", str(folder / "bin/python"),
             "--requirement", str(requirements)]
        )  # fmt: skip
        stamp_file.write_text(stamp)
    return folder / "bin"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()}")
