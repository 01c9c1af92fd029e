"""The console in a real browser: Playwright's tests (web/browser) with the system's Chromium."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.mails import MAILBOX
from infra.clip import clip
from infra.node import WEB, command, environment
from tests.media.runner import ffmpeg
from tests.stack.conftest import RunningStack

pytestmark = pytest.mark.stack

FOLDER = WEB / "browser"
CHROMIUM = os.environ.get("VIDEOSITE_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real clip in one small size, with its sound in two languages: transcoded in seconds."""
    file = tmp_path_factory.mktemp("clips") / "small.mp4"
    sound = [*("-map", "0:a:0") * 2, "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"]
    video = ["-map", "0:v:0", "-vf", "scale=426:240", "-c:v", "libx264", "-preset", "veryfast"]
    ffmpeg("-i", str(clip()), *video, *sound, "-c:a", "aac", str(file))
    return file


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium; apt-get install chromium")
@pytest.mark.parametrize("spec", sorted(file.name for file in FOLDER.glob("*.spec.ts")))
def test_in_chromium(spec: str, stack: RunningStack, small_clip: Path, tmp_path: Path) -> None:
    assert CHROMIUM, "apt-get install chromium"
    cli = WEB / "node_modules/@playwright/test/cli.js"
    done = subprocess.run(
        command("node", str(cli), "test", "--config", str(FOLDER / "playwright.config.ts"), spec),
        cwd=WEB,
        env={
            **environment(),
            "VIDEOSITE_URL": stack.url,
            "VIDEOSITE_EMAIL": stack.credentials["email"],
            "VIDEOSITE_PASSWORD": stack.credentials["password"],
            "VIDEOSITE_MAILBOX": f"{stack.record.aws}{MAILBOX}",
            "VIDEOSITE_CLIP": str(clip()),
            "VIDEOSITE_SMALL_CLIP": str(small_clip),
            "VIDEOSITE_CHROMIUM": CHROMIUM,
            "VIDEOSITE_BROWSER_OUTPUT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # What stood on the page when it went wrong.
    pages = "".join(file.read_text() for file in tmp_path.rglob("error-context.md"))
    assert done.returncode == 0, f"{pages[-6000:]}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
