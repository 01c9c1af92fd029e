"""Python environments beside the developers' own: MiniStack's, SAM's, LocalStack's, the benchmark's.

Each is made from its hash-pinned list and made anew when the list changes. They are separate because
their requirements exclude each other, and because functions run in MiniStack's: what a layer forgot
must be missing there.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.build import uv
from infra.local.home import ROOT

ENVIRONMENTS = ROOT / ".local/envs"


class InstallError(RuntimeError):
    """An environment could not be made."""


def python_of(name: str, say: Callable[[str], None] = print) -> Path:
    """The Python of an environment, made or renewed first if need be.

    Args:
        name: ministack | sam | localstack | bench, as in `requirements/{name}.txt`.
        say: gets a line when there is something to wait for.
    """
    requirements = ROOT / "requirements" / f"{name}.txt"
    folder = ENVIRONMENTS / name
    python = folder / "bin/python"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp_file = folder / ".stamp"
        if python.exists() and stamp_file.exists() and stamp_file.read_text() == stamp:
            return python
        say(f"installing {name}")
        shutil.rmtree(folder, ignore_errors=True)
        _run([uv(), "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(requirements)])
        stamp_file.write_text(stamp)
    return python


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise InstallError(f"{' '.join(command[1:4])} failed:\n{done.stderr.strip()}")
