"""Pictures as large as any that is taken: in a worker's memory, and exact."""

from pathlib import Path

import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import FFMPEG, decode_video, plan_of, run
from videosite.media.command import video_range_argv
from videosite.pipeline.child import ENCODE_MEMORY_BYTES, LIMITED

FRAMES = 10
MARGIN_BYTES = 1000 << 20
"""HEVC of 10 bits takes so much more than this clip."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "clip.mp4"
    return make_clip(path, frames=FRAMES, size="8192x4320", audio=False)


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_the_largest_picture_fits_a_worker(codec: str, clip: Path, tmp_path: Path) -> None:
    plan = plan_of(clip)
    names = plan.renditions_of(codec)
    assert f"{codec}-1080p" in names
    limit = ("/bin/sh", "-c", LIMITED, "sh", str(ENCODE_MEMORY_BYTES - MARGIN_BYTES >> 10), "600")
    made = run(
        lambda fds: [*limit, *video_range_argv(FFMPEG, plan, 0, 1, str(clip), fds, 0.5, allow_file=True)],
        names,
    )
    for name in names:
        data = b"".join(item.data for item in made[name])
        assert [number_of(frame) for frame in decode_video(data, tmp_path)] == list(range(FRAMES))
