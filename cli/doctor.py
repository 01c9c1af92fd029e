"""`videosite doctor`: what this machine lacks for the local stack, and how to get it."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.exit_codes import OTHER
from cli.outcome import JsonFlag, print_json
from infra.local import ports
from infra.local.home import ROOT, ephemeral_home, kept_home
from infra.local.seaweedfs import binary
from infra.local.stack import running

DISK_MB = 2000
"""Environments 700 MB, layers 320 MB, and room for videos."""
MEMORY_MB = 2000
"""MiniStack and its workers 1 GB, SeaweedFS 0.5 GB, FFmpeg the rest."""


@dataclass(frozen=True)
class Check:
    """One thing looked at. `advice` says what to do where it is not well."""

    name: str
    well: bool
    found: str
    advice: str = ""
    needed: bool = True


def doctor(
    port: Annotated[int, typer.Option(help="The port the site would answer on.")] = 8000,
    as_json: JsonFlag = False,
) -> None:
    """Check what this machine lacks, and how to get it."""
    checks = [check(port) for check in CHECKS]
    if as_json:
        print_json(
            {
                check.name: {
                    "ok": check.well,
                    "needed": check.needed,
                    "found": check.found,
                    "advice": None if check.well else check.advice,
                }
                for check in checks
            }
        )
    else:
        _show(Console(), checks)
    if any(check.needed and not check.well for check in checks):
        raise typer.Exit(OTHER)


def _python(_: int) -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= (3, 12), found, "Install Python 3.13, then: make setup")


def _platform(_: int) -> Check:
    return Check(
        "system",
        sys.platform == "linux",
        sys.platform,
        "The functions' FFmpeg is a Linux program: use Linux, or a Linux machine or container here.",
    )


def _uv(_: int) -> Check:
    found = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    return Check("uv", bool(found), found or "missing", "make setup")


def _weed(_: int) -> Check:
    try:
        return Check("seaweedfs", True, str(binary()))
    except FileNotFoundError as error:
        return Check("seaweedfs", False, "missing", str(error))


def _disk(_: int) -> Check:
    free_mb = shutil.disk_usage(ROOT).free // 1_000_000
    return Check("disk", free_mb > DISK_MB, f"{free_mb} MB free", f"Make room: {DISK_MB} MB are needed.")


def _memory(_: int) -> Check:
    try:
        free_mb = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    except (ValueError, OSError):
        return Check("memory", True, "unknown")
    advice = f"Less than {MEMORY_MB} MB are free: large videos may not fit. `--storage ministack` takes less."
    return Check("memory", free_mb > MEMORY_MB, f"{free_mb} MB free", advice, needed=False)


def _port(port: int) -> Check:
    if any(record.port == port for record in map(running, (kept_home(), ephemeral_home())) if record):
        return Check(f"port {port}", True, "VideoSite answers there")
    free = ports.is_free(port)
    found = "free" if free else f"taken by {ports.owner(port)}"
    return Check(f"port {port}", free, found, f"Another port: videosite up --port {port + 1}", needed=False)


def _node(_: int) -> Check:
    found = shutil.which("node")
    advice = "Only the web console's development needs Node: https://nodejs.org"
    return Check("node", bool(found), found or "missing", advice, needed=False)


CHECKS: tuple[Callable[[int], Check], ...] = (_python, _platform, _uv, _weed, _disk, _memory, _port, _node)


def _show(out: Console, checks: list[Check]) -> None:
    for check in checks:
        mark = (
            "[green]ok[/]     " if check.well else "[red]missing[/]" if check.needed else "[yellow]note[/]   "
        )
        out.print(f"{mark} {check.name:10} {check.found}", highlight=False)
        if not check.well:
            out.print(f"        → {check.advice}", highlight=False)
