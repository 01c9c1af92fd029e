"""The console in a real browser: Playwright's tests (web/browser) with the system's Chromium."""

from pathlib import Path

import pytest

from tests.stack.browser import CHROMIUM, FOLDER, make_small_clip, run_playwright
from tests.stack.conftest import RunningStack

pytestmark = pytest.mark.stack

ONE = ["journey.spec.ts"]


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real clip, small."""
    return make_small_clip(tmp_path_factory.mktemp("clips"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`make test` takes the one spec that goes through everything, `make test-browser` all."""
    if "spec" in metafunc.fixturenames:
        every = metafunc.config.getoption("every_spec")
        metafunc.parametrize("spec", sorted(file.name for file in FOLDER.glob("*.spec.ts")) if every else ONE)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium; apt-get install chromium")
def test_in_chromium(spec: str, stack: RunningStack, small_clip: Path, tmp_path: Path) -> None:
    config = FOLDER / "playwright.config.ts"
    done = run_playwright(stack, small_clip, tmp_path, "--config", str(config), spec)
    # What stood on the page when it went wrong.
    pages = "".join(file.read_text() for file in tmp_path.rglob("error-context.md"))
    assert done.returncode == 0, f"{pages[-6000:]}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
