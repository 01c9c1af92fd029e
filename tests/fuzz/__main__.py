"""`make fuzz`: damaged files against what a job does. Prints what became of them; a defect names its file.

A case is its number: `python -m tests.fuzz --first 123 --count 1` repeats it, and writes the file.
"""

import argparse
import collections
import logging
import os
import random
import resource
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from infra.build import BUILD, ROOT
from tests.fuzz.examine import Verdict, examine
from tests.fuzz.mutate import make_seeds, mutate
from tests.media.runner import FFMPEG, FFPROBE
from videosite.log import logger

CONSOLE = Console()


def use_binaries() -> None:
    """The product's FFmpeg and ffprobe, as the local stack names them."""
    os.environ |= {
        "FFMPEG_PATH": FFMPEG, "FFPROBE_PATH": FFPROBE,
        "VIDEOSITE_UPLOADS_BUCKET": "uploads", "VIDEOSITE_MEDIA_BUCKET": "media",
    }  # fmt: skip


def keep_log(file: Path) -> None:
    """The product's log goes there: on the terminal it would tear the bar apart."""
    file.parent.mkdir(exist_ok=True)
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(file.open("w"))


def case(number: int, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """(seed's name, damaged file) of a case."""
    dice = random.Random(number)
    name = list(seeds)[number % len(seeds)]
    return name, mutate(seeds[name], dice)


def outcome(verdict: Verdict) -> str:
    """What became of a file, in a few words."""
    if verdict.refused:
        return f"refused: {verdict.refused}"
    codes = sorted({done.code for done in verdict.tasks if done.code})
    if codes:
        return f"failed: {', '.join(codes)}"
    return "whole"


def main() -> None:
    """Run the cases, print a table, end with 1 if one was a defect."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    arguments = parser.parse_args()
    use_binaries()
    log = BUILD / "fuzz.log"
    keep_log(log)
    found: collections.Counter[str] = collections.Counter()
    defects = 0
    with tempfile.TemporaryDirectory() as folder:
        seeds = make_seeds(Path(folder))
    for number in track(range(arguments.first, arguments.first + arguments.count), "cases", console=CONSOLE):
        name, data = case(number, seeds)
        try:
            found[outcome(examine(data))] += 1
        except Exception as error:
            defects += 1
            (BUILD / f"fuzz-{number}").write_bytes(data)
            CONSOLE.print(f"case {number} ({name}): {error!r}; the file is build/fuzz-{number}", style="red")
    table = Table(title=f"{arguments.count} damaged files")
    table.add_column("outcome")
    table.add_column("files", justify="right")
    for what, count in found.most_common():
        table.add_row(what, str(count))
    table.add_row("defects", str(defects), style="red" if defects else "green")
    CONSOLE.print(table)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    CONSOLE.print(
        f"largest FFmpeg or ffprobe: {peak_mb} MB resident; the product's log: {log.relative_to(ROOT)}"
    )
    sys.exit(1 if defects else 0)


if __name__ == "__main__":
    main()
