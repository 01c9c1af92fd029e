"""Builds the console: `python -m infra.web` makes build/web with Vite, if something changed.

`make deploy` puts it into the bucket behind the CDN's default behaviour; the local proxy serves the folder.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.build import BUILD
from infra.node import WEB, command, environment

OUTPUT = BUILD / "web"
STAMP = BUILD / "web.stamp"
SOURCES = ("app", "packages/*/src", "packages/*/package.json", "package-lock.json")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' STORAGE; media-src 'self' blob: data:; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the console; STORAGE stands for where uploads go. The template has the same.

Ant Design writes its styles into the page while it runs, hence 'unsafe-inline' for those. hls.js gives tracks
of subtitles an empty text at a `data:` address, hence that for media."""


class WebBuildError(RuntimeError):
    """The console could not be built; the message says why."""


def build_web(say: Callable[[str], None] = print) -> bool:
    """Build the console unless nothing changed; returns whether it was built.

    Raises:
        WebBuildError: its packages are not installed, or Vite failed.
    """
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "web.lock").open("w") as lock:
        # Two commands may build at once; the second finds nothing left to do.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = stamp()
        if OUTPUT.exists() and STAMP.exists() and STAMP.read_text() == wanted:
            return False
        if not (WEB / "node_modules").exists():
            raise WebBuildError("The console's packages are not installed. Run: make setup")
        say("building the console")
        part = BUILD / "web.part"
        options = ("--outDir", str(part), "--emptyOutDir")
        done = subprocess.run(
            command("npm", "run", "build", "--workspace", "app", "--", *options),
            cwd=WEB,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise WebBuildError(f"The console could not be built:\n{done.stdout}\n{done.stderr}")
        shutil.rmtree(OUTPUT, ignore_errors=True)
        part.rename(OUTPUT)
        STAMP.write_text(wanted)
        return True


def stamp() -> str:
    """Changes when anything the console is built from changed."""
    digest = hashlib.sha256()
    for file in sorted(_sources()):
        digest.update(str(file.relative_to(WEB)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in SOURCES:
        for found in WEB.glob(pattern):
            files = found.rglob("*") if found.is_dir() else [found]
            for file in files:
                inner = file.relative_to(WEB).parts
                if file.is_file() and "node_modules" not in inner and "tests" not in inner:
                    yield file


if __name__ == "__main__":
    print("built" if build_web() else "nothing changed")
