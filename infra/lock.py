"""`python -m infra.lock`: pins requirements/*.txt with hashes, for every platform (`make lock`).

An existing pin stays while its `.in` allows it; delete the `.txt` to move everything to the newest.
"""

import subprocess
import sys
from pathlib import Path

from infra.build import ROOT, uv

REQUIREMENTS = ROOT / "requirements"

LOCKS: dict[str, list[str]] = {
    "dev": ["pyproject.toml", "--extra", "cli", "--extra", "dev"],
    # Bootstraps `make setup`: pip installs this, and this installs the rest.
    "uv": ["requirements/uv.in", "--constraint", "requirements/dev.txt"],
    # Exactly what is named: the runtime brings boto3, and chalice's command line stays out.
    "common": ["requirements/common.in", "--no-deps", "--constraint", "requirements/dev.txt"],
    "api": ["requirements/api.in", "--constraint", "requirements/dev.txt"],
    "aiohttp": ["requirements/aiohttp.in", "--constraint", "requirements/dev.txt"],
    "ffmpeg": ["requirements/ffmpeg.in", "--no-deps"],
    "ministack": ["requirements/ministack.in"],
    "sam": ["requirements/sam.in"],
    "localstack": ["requirements/localstack.in"],
    "bench": ["requirements/bench.in"],
}
"""Name of the list → where its requirements are, and how they are resolved. In this order: tests run
with the versions that ship."""

OPTIONS = (
    "--universal", "--python-version", "3.12", "--generate-hashes", "--no-annotate",
    "--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock",
)  # fmt: skip


def lock(name: str, output: Path | None = None) -> None:
    """Write one list."""
    target = output or REQUIREMENTS / f"{name}.txt"
    command = [uv(), "pip", "compile", "--quiet", *LOCKS[name], *OPTIONS, "--output-file", str(target)]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit(f"{target.name} could not be resolved.")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or LOCKS:
        print(f"locking {chosen}")
        lock(chosen)
