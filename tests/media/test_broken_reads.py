"""Storage that breaks off in the middle of a range: what FFmpeg makes of the rest is never stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media.clips import make_clip
from tests.media.worker import Bench, bench, whole_task
from tests.unit.pipeline.conftest import make_task
from videosite.errors import RetryableError
from videosite.pipeline import jobs
from videosite.store import objects
from videosite.store.tables import Task

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sound and picture lie side by side, so that half of the file is half of both."""
    return make_clip(tmp_path_factory.mktemp("broken") / "clip.mkv", frames=1000, size="160x90")


@pytest.fixture
def found(clip: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with bench(clip, monkeypatch) as found:
        yield found


def read_from(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = objects.presign_get("", "", 0).rpartition("/")[0]
    monkeypatch.setattr(objects, "presign_get", lambda *_: f"{address}/{place}")


@pytest.mark.parametrize("group", ["audio", "h264"])
@pytest.mark.parametrize("place", ["cut", "down", "hangup"])
def test_the_next_attempt_gives_what_an_unbroken_one_gives(
    group: str, place: str, found: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = whole_task(found, group)
    assert found.work(task).status == "done"
    right = dict(found.media)
    found.media.clear()
    task.update(actions=[Task.status.set("queued"), Task.attempt.set(0)])
    with monkeypatch.context() as broken:
        read_from(place, broken)
        with pytest.raises(RetryableError, match="storage_unreadable"):
            found.work(task)
    assert found.media.items() <= right.items()
    assert len(found.media) < len(right)
    assert found.work(task).status == "done"
    # Video that goes on in the middle is another encode, which fits and looks the same.
    assert found.media.keys() == right.keys()
    if group == "audio" or place != "cut":
        assert {key: len(data) for key, data in found.media.items()} == pytest.approx(
            {key: len(data) for key, data in right.items()}, rel=0.3
        )


@pytest.mark.parametrize("group", ["audio", "h264"])
def test_a_source_that_is_gone_fails_the_video_and_is_not_made_silence(
    group: str, found: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = found.plan.ranges(group)
    task = make_task(found.job, group, *first, status="queued")
    monkeypatch.setattr("videosite.pipeline.work.if_match", lambda _: 'If-Match: "other"\r\n')
    monkeypatch.setattr("videosite.pipeline.sound.if_match", lambda _: 'If-Match: "other"\r\n')
    assert found.work(task).status == "failed"
    job = jobs.load(7, 1)
    assert job is not None
    assert (job.status, job.error_code) == ("failed", "source_gone")
    assert not found.media
