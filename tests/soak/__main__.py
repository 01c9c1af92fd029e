"""`make soak`: sockets with random drops while jobs run, on a stack of its own; 1 if anything was lost."""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local.home import Home
from infra.local.stack import down
from tests.soak.soak import soak
from tests.stack.conftest import inside, start_stack
from tests.stack.site import Site


def main() -> int:
    """Run it and print what happened."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sockets", type=int, default=300)
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        try:
            stack = start_stack(home)
            site = Site(stack.url, **stack.credentials)
            console.print(f"{arguments.sockets} sockets for {arguments.seconds:.0f} s")
            with inside(stack):
                report = asyncio.run(soak(stack, site, Path(folder), arguments.sockets, arguments.seconds))
            site.close()
        finally:
            down(Home(home), console.print)
    table = Table(title="what happened", show_header=False)
    for name, value in asdict(report).items():
        table.add_row(name, str(value))
    console.print(table)
    return 0 if report.lost_nothing else 1


if __name__ == "__main__":
    sys.exit(main())
