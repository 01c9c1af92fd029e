"""What a cold start of each function imports, and how long that takes: `python -m infra.imports`.

Each handler is imported in a process of its own, as Lambda does, with nothing imported before.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass

from infra.build import ROOT

TIMES = 3


@dataclass(frozen=True)
class Handler:
    """A function's handler: its folder in functions/, and what it is called there."""

    folder: str
    attribute: str = "handler"


HANDLERS = {
    **{
        name: Handler(name)
        for name in (
            "api",
            "ingest",
            "transcode",
            "publish",
            "progress",
            "fanout",
            "accounts",
            "housekeeping",
        )
    },
    "fanout shard": Handler("fanout", "shard"),
    "webhooks route": Handler("webhooks", "route"),
    "webhooks deliver": Handler("webhooks", "deliver"),
    "sockets": Handler("sockets", "connect"),
}
"""Those of sockets share one file and so its imports."""


@dataclass(frozen=True)
class Imported:
    """What importing a handler did."""

    modules: tuple[str, ...]
    connections: int
    """Opened."""
    clients: int
    """Of AWS services."""


_PROGRAM = """
import json, sys
sys.path.insert(0, FOLDER)
import socket
opened = []
socket.socket.connect = lambda self, address: opened.append(address)
before = set(sys.modules)
import app
getattr(app, ATTRIBUTE)
clients = []
if "botocore" in sys.modules:
    import gc, botocore.client
    clients = [one for one in gc.get_objects() if isinstance(one, botocore.client.BaseClient)]
found = {"modules": sorted(set(sys.modules) - before), "connections": len(opened), "clients": len(clients)}
print(json.dumps(found))
"""


def imported_by(name: str) -> Imported:
    """What a handler imports in a clean process."""
    handler = HANDLERS[name]
    folder = str(ROOT / "functions" / handler.folder)
    program = f"FOLDER, ATTRIBUTE = {folder!r}, {handler.attribute!r}\n{_PROGRAM}"
    found = json.loads(_run("-c", program).stdout)
    return Imported(tuple(found["modules"]), found["connections"], found["clients"])


def import_s(name: str) -> float:
    """Seconds of CPU that importing a handler takes: the median of some processes, less an empty one's."""
    handler = HANDLERS[name]
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'functions' / handler.folder)!r}); import app"
    return _median_s(code) - _median_s("pass")


def slowest(name: str, count: int = 5) -> list[tuple[str, float]]:
    """The modules that take longest with all they import, and their ms, by `python -X importtime`."""
    handler = HANDLERS[name]
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'functions' / handler.folder)!r}); import app"
    lines = re.findall(
        r"import time:\s+\d+ \|\s+(\d+) \| ( *)(\S+)", _run("-X", "importtime", "-c", code).stderr
    )
    top = [(module, int(took) / 1000) for took, _, module in lines if "." not in module and module != "app"]
    return sorted(top, key=lambda one: -one[1])[:count]


def _median_s(code: str) -> float:
    took_s = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run("-c", code)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(took_s)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)


def main() -> None:
    """Print the table of docs/performance.md."""
    print("| function | modules | CPU | the slowest packages, wall |\n|---|---|---|---|")
    for name in HANDLERS:
        modules = len(imported_by(name).modules)
        packages = ", ".join(f"{module} {ms:.0f} ms" for module, ms in slowest(name))
        print(f"| {name} | {modules:,} | {import_s(name) * 1000:.0f} ms | {packages} |")


if __name__ == "__main__":
    main()
