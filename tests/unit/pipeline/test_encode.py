"""Running FFmpeg leaves nothing behind."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.library.factories import make_plan
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline import previews
from videosite.pipeline.encode import encode
from videosite.pipeline.work import do_task

pytestmark = pytest.mark.usefixtures("aws")
MISSING = "/nowhere/ffmpeg"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_an_ffmpeg_that_does_not_start_leaves_no_pipe_open(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(make_job(make_video()), group="previews", end=1)
    watch: Any = type("Watch", (), {"task": task, "urgent": False})
    nobody: Any = None
    plan = make_plan(seconds=10)
    job = make_job(make_video(8), plan=plan.to_dict())
    monkeypatch.setattr(previews, "find_binary", lambda _: MISSING)
    before = open_files()
    with pytest.raises(FileNotFoundError):
        encode(lambda _: [MISSING], {"a": nobody, "b": nobody}, watch, nobody)
    with pytest.raises(FileNotFoundError):
        do_task(job, plan, task, watch, nobody)
    assert open_files() == before
