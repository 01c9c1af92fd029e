"""`make screenshots`: starts a stack of its own, takes pictures of each page, writes docs/screenshots.

Each page in both languages and both themes, as JPEG, and the live progress of a transcode as a GIF.
"""

import sys
import tempfile
from pathlib import Path

from infra.build import ROOT
from infra.local.home import Home
from infra.local.stack import down
from tests.media.runner import ffmpeg
from tests.stack.browser import FOLDER, make_small_clip, run_playwright
from tests.stack.conftest import start_stack

TARGET = ROOT / "docs/screenshots"
MOST_BYTES = 100_000
"""Of one picture: the repository keeps every version of each."""
GIF_RATE = 3
_PALETTE = "split[a][b];[a]palettegen=max_colors=96[p];[b][p]paletteuse=dither=none"


def main() -> None:
    """Ends with Playwright's words if a page was not as it should be."""
    with tempfile.TemporaryDirectory(prefix="videosite-") as name:
        folder = Path(name)
        stack = start_stack(folder / "home")
        try:
            pictures = folder / "pictures"
            config = FOLDER / "screenshots.config.ts"
            small_clip = make_small_clip(folder)
            done = run_playwright(stack, small_clip, pictures, "--config", str(config), timeout_s=900)
            if done.returncode:
                raise SystemExit(f"{done.stdout}\n{done.stderr}")
            keep(pictures)
        finally:
            down(Home(folder / "home"), say)


def say(what: str) -> None:
    """Tell the terminal."""
    sys.stdout.write(f"{what}\n")


def keep(pictures: Path) -> None:
    """Put what was taken where the documentation has it."""
    taken = sorted(pictures.rglob("shots/*.jpg"))
    for file in taken:
        assert file.stat().st_size < MOST_BYTES, f"{file.name}: {file.stat().st_size:,} bytes"
    frames = next(pictures.rglob("frames"))
    # Not before all is known to be good: the old set is better than half a new one.
    TARGET.mkdir(exist_ok=True)
    for old in (*TARGET.glob("*.jpg"), *TARGET.glob("*.gif")):
        old.unlink()
    for file in taken:
        (TARGET / file.name).write_bytes(file.read_bytes())
    rate, first = str(GIF_RATE), str(frames / "%03d.png")
    ffmpeg(
        "-framerate",
        rate,
        "-i",
        first,
        "-vf",
        f"scale=760:-2:flags=lanczos,{_PALETTE}",
        "-loop",
        "0",
        str(TARGET / "progress.gif"),
    )
    say(f"{len(list(TARGET.iterdir()))} pictures in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
