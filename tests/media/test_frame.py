"""A frame that the owner chose, out of a real clip: it is the very one."""

import io
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import FFMPEG, plan_of
from tests.media.storage import serve
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.errors import RetryableError
from videosite.pipeline import frames
from videosite.pipeline.binaries import find_binary
from videosite.settings import get_settings
from videosite.store import objects


@pytest.fixture(autouse=True)
def binaries(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    get_settings.cache_clear()
    find_binary.cache_clear()
    yield
    find_binary.cache_clear()


def test_it_is_the_very_frame_in_all_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=130)
    plan = plan_of(clip, "h264-only")
    job = make_job(make_video(), plan=plan.to_dict(), source_etag="right")
    with serve(clip.read_bytes()) as base:
        monkeypatch.setattr(objects, "presign_get", lambda *_: f"{base}/source")
        for frame in (0, 77, 129):
            pictures = frames._make(job, plan, frame)
            assert pictures.keys() == {"poster", "large", "medium", "small"}
            for data in pictures.values():
                with av.open(io.BytesIO(data), "r") as container:
                    (picture,) = container.decode(video=0)
                assert number_of(picture) == frame
        monkeypatch.setattr(objects, "presign_get", lambda *_: f"{base}/down")
        with pytest.raises(RetryableError):
            frames._make(job, plan, 5)
