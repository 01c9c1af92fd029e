"""Writes what follows from the HTTP API's description: `python -m infra.openapi`.

- `web/packages/api/openapi.json`, the description itself, so that a change of the API shows in review;
- `web/packages/api/src/schema.ts`, the client's types.

With `--check` nothing is written, and what differs ends it with 1: `make check` does that.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.node import WEB, command
from videosite.web.app import create_app
from videosite.web.codes import CODES

PACKAGE = WEB / "packages/api"
DESCRIPTION = PACKAGE / "openapi.json"
TYPES = PACKAGE / "src/schema.ts"
BANNER = "// Made by `python -m infra.openapi` from the API's description: change the API.\n"
_ALWAYS = ("internal_error", "no_such_route", "method_not_allowed", "table_busy")
"""Codes of `default`, which no route names."""


def description() -> str:
    """The description as it is kept."""
    document: dict[str, Any] = create_app().openapi()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def types(text: str) -> str:
    """The client's types, of a description."""
    script = _generator()
    with tempfile.TemporaryDirectory() as folder:
        source, sink = Path(folder, "openapi.json"), Path(folder, "schema.ts")
        source.write_text(text)
        # FastAPI says with each parameter what it is if left out; that does not make it required.
        options = ("--default-non-nullable", "false", "--root-types=false")
        argv = command("node", str(script), str(source), "--output", str(sink), *options)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"openapi-typescript: {done.stderr}{done.stdout}")
        made = sink.read_text()
    codes = ", ".join(f'"{code}"' for code in sorted({*CODES, *_ALWAYS}))
    return (
        f"{BANNER}{made}\n/** Every code a problem may have. */\n"
        f"export const CODES = [{codes}] as const;\nexport type Code = (typeof CODES)[number];\n"
    )


def _generator() -> Path:
    """openapi-typescript's command line: of the package, since it needs another TypeScript than the rest."""
    for folder in (PACKAGE, WEB):
        script = folder / "node_modules/openapi-typescript/bin/cli.js"
        if script.exists():
            return script
    raise SystemExit("openapi-typescript is missing; `make setup` installs it.")


def main() -> None:
    """Entry point of `python -m infra.openapi`."""
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="say what differs, write nothing")
    arguments = parser.parse_args()
    text = description()
    wanted = {DESCRIPTION: text, TYPES: types(text)}
    if not arguments.check:
        for file, content in wanted.items():
            file.write_text(content)
        return
    stale = [file for file, content in wanted.items() if not file.exists() or file.read_text() != content]
    for file in stale:
        print(f"{file.relative_to(WEB.parent)} is not of this API; run: python -m infra.openapi")
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
