"""What was done is kept: an attempt after another makes only what storage lacks, and no joint can be told."""

from pathlib import Path

import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import decode_video
from tests.media.worker import Bench, bench, whole_task
from tests.unit.pipeline.conftest import make_task
from videosite.errors import ConflictError
from videosite.pipeline import control, jobs, publish, work
from videosite.pipeline.tasks import load
from videosite.store.tables import Job, Task

pytestmark = pytest.mark.usefixtures("aws")
FRAMES = 200
HIGH, LOW = "h264-300p", "h264-240p"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume")
    return make_clip(folder / "clip.mp4", frames=FRAMES, size="512x300", output=("-movflags", "+faststart"))


def segment(number: int) -> str:
    return f"seg_{number:05d}.m4s"


def assert_exact(found: Bench, rendition: str, tmp_path: Path) -> None:
    frames = decode_video(found.track(rendition), tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(FRAMES))


def test_a_range_that_is_repeated_gives_the_same_bytes(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bench(clip, monkeypatch) as found:
        task = make_task(found.job, "h264", 1, 3, status="queued")
        assert found.work(task).status == "done"
        first = dict(found.media)
        found.media.clear()
        task.update(actions=[Task.status.set("queued"), Task.attempt.set(1)])
        assert found.work(task).status == "done"
    assert found.media == first
    assert len(first) == 3 * len(found.plan.renditions_of("h264"))


def test_only_missing_segments_of_missing_renditions_are_made(
    clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As after a worker that died: one rendition was further than the other."""
    with bench(clip, monkeypatch) as found:
        names = found.plan.renditions_of("h264")
        assert {HIGH, LOW} <= set(names)
        task = whole_task(found)
        assert found.work(task).status == "done"
        lost = [found.key(HIGH, segment(number)) for number in (2, 3)] + [found.key(LOW, segment(3))]
        before = dict(found.media)
        for key in lost:
            del found.media[key]
        found.written.clear()
        task.update(actions=[Task.status.set("queued"), Task.attempt.set(1), Task.end.set(4)])
        assert found.work(task).status == "done"
        assert sorted(found.written) == sorted(lost)
        assert all(found.media[key] == data for key, data in before.items() if key not in lost)
        for name in (HIGH, LOW):
            assert_exact(found, name, tmp_path)
        task.update(actions=[Task.status.set("queued"), Task.attempt.set(2)])
        found.written.clear()
        again = found.work(task)
        assert (again.status, again.end, found.written) == ("done", 4, [])


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_near_its_end_a_function_keeps_what_is_good_and_splits_off_the_rest(
    codec: str, clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The function has no time left as soon as a segment is stored in every rendition."""
    with bench(clip, monkeypatch, f"{codec}-only") as found:
        names = found.plan.renditions_of(codec)
        found.job.update(actions=[Job.open_tasks.set({codec: 2})])

        def remaining_s() -> float:
            done = all(found.key(name, segment(0)) in found.media for name in names)
            return 1.0 if done else 900.0

        found.remaining_s = remaining_s
        # FFmpeg cannot have come to the end when the worker looks, and when FFmpeg hears of it.
        found.trickle.set()
        task = found.work(whole_task(found, codec))
        assert task.status == "done"
        assert 0 < task.end < found.plan.segments
        child = load(task.job, f"{codec}#{task.end:06d}")
        assert child is not None
        assert (child.status, child.end) == ("queued", found.plan.segments)
        found.trickle.clear()
        found.remaining_s = lambda: 900.0
        assert found.work(child).status == "done"
        job = jobs.load(7, 1)
        assert job is not None
        assert job.open_tasks.as_dict()[codec] == 1
        for name in names:
            assert_exact(found, name, tmp_path)


def test_another_encoder_does_not_continue_a_job(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bench(clip, monkeypatch) as found:
        first = make_task(found.job, "h264", 0, 1, status="queued")
        second = make_task(found.job, "h264", 1, 4, status="queued")
        assert found.work(first).status == "done"
        found.written.clear()
        monkeypatch.setattr(work, "RECIPE_VERSION", work.RECIPE_VERSION + 1)
        assert found.work(second).status == "failed"
        assert not found.written
    job = jobs.load(7, 1)
    assert job is not None
    assert (job.status, job.error_code) == ("failed", "encoder_changed")


def test_a_lost_segment_of_a_published_video_is_made_again(
    clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with bench(clip, monkeypatch) as found:
        spans = {group: found.plan.ranges(group) for group in ("h264", "audio")}
        count = {group: len(ranges) for group, ranges in spans.items()}
        total = sum(count.values())
        found.job.update(actions=[Job.open_tasks.set(count), Job.total_tasks.set(total)])
        for group, ranges in spans.items():
            for first, end in ranges:
                assert found.work(make_task(found.job, group, first, end, status="queued")).status == "done"
        publish.publish(7, 1, 1, "h264")
        job = jobs.load(7, 1)
        assert job is not None
        assert job.status == "completed"
        lost = found.key(LOW, segment(2))
        del found.media[lost]
        found.written.clear()
        control.retry_rendition(7, LOW)
        reopened = jobs.load(7, 1)
        assert reopened is not None
        assert (reopened.status, reopened.run, reopened.open_tasks.as_dict()["h264"]) == ("processing", 2, 1)
        assert "h264" in reopened.published.as_dict()
        found.job = reopened
        (pending,) = [row for row in Task.query("7#1") if row.status != "done"]
        assert found.work(pending).status == "done"
        assert found.written == [lost]
        publish.publish(7, 1, 2, "h264")
        ended = jobs.load(7, 1)
        assert ended is not None
        assert (ended.status, ended.done_tasks) == ("completed", ended.total_tasks)
        assert_exact(found, LOW, tmp_path)
        with pytest.raises(ConflictError, match="nothing_missing"):
            control.retry_rendition(7, LOW)
