"""Playwright, with the system's Chromium, on a running stack."""

import os
import shutil
import subprocess
from pathlib import Path

from cli.mails import MAILBOX
from infra.clip import clip
from infra.node import WEB, command, environment
from tests.media.runner import ffmpeg
from tests.stack.conftest import RunningStack

FOLDER = WEB / "browser"
CHROMIUM = os.environ.get("VIDEOSITE_CHROMIUM") or shutil.which("chromium")
_CLI = WEB / "node_modules/@playwright/test/cli.js"


def make_small_clip(folder: Path) -> Path:
    """The real clip in one small size, with its sound in two languages: transcoded in seconds."""
    file = folder / "small.mp4"
    sound = [*("-map", "0:a:0") * 2, "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"]
    video = ["-map", "0:v:0", "-vf", "scale=426:240", "-c:v", "libx264", "-preset", "veryfast"]
    ffmpeg("-i", str(clip()), *video, *sound, "-c:a", "aac", str(file))
    return file


def run_playwright(
    stack: RunningStack, small_clip: Path, output: Path, *arguments: str, timeout_s: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run `playwright test` with arguments; what it says is in the answer. Its files go to `output`."""
    assert CHROMIUM, "apt-get install chromium"
    return subprocess.run(
        command("node", str(_CLI), "test", *arguments),
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
            "VIDEOSITE_BROWSER_OUTPUT": str(output),
        },
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
