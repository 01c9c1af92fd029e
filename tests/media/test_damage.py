"""A file whose end is missing although its index promises it."""

from pathlib import Path

import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import decode_video
from tests.media.worker import bench, whole_task
from videosite.errors import RetryableError
from videosite.media.plan import TAIL_FRAMES
from videosite.pipeline import jobs
from videosite.pipeline.tasks import load

pytestmark = pytest.mark.usefixtures("aws")
FRAMES = 200


def test_half_of_the_media_gives_half_of_the_video_and_then_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=FRAMES, audio=False, output=("-movflags", "faststart"))
    half = tmp_path / "half.mp4"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with bench(half, monkeypatch) as found:
        done = found.work(whole_task(found))
        assert done.status == "done"
        assert 0 < done.end < found.plan.segments
        rest = load(done.job, f"h264#{done.end:06d}")
        assert rest is not None
        with pytest.raises(RetryableError, match="no_segment"):
            found.work(rest)
        assert found.work(rest).status == "failed"
        (name,) = found.plan.renditions_of("h264")
        numbers = [number_of(frame) for frame in decode_video(found.track(name), tmp_path)]
    # The last picture may stand for as long as that of a video that ends early.
    last = max(numbers)
    assert numbers == [min(number, last) for number in range(done.end * found.plan.segment_frames)]
    assert len(numbers) - 1 - last <= TAIL_FRAMES
    job = jobs.load(7, 1)
    assert job is not None
    assert (job.status, job.error_code) == ("failed", "source_damaged")
