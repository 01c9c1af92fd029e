"""Fifty damaged files in every run; `make fuzz` takes five hundred."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import case, use_binaries
from tests.fuzz.examine import examine
from tests.fuzz.mutate import make_seeds
from videosite.settings import get_settings

BATCHES, CASES = 10, 5
WHOLE_S = 120.0
"""What is whole comes out whole on a busy machine too."""
EVERYTHING = {"h264", "av1", "audio", "image", "loudness", "previews"}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return make_seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(autouse=True)
def binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FFMPEG_PATH", "FFPROBE_PATH", "VIDEOSITE_UPLOADS_BUCKET", "VIDEOSITE_MEDIA_BUCKET"):
        monkeypatch.setenv(name, "")
    use_binaries()
    get_settings.cache_clear()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damage_is_refused_or_survived(batch: int, seeds: dict[str, bytes], tmp_path: Path) -> None:
    """`examine` itself fails for what must not be: a wrong segment, too long a time, a child that is left."""
    for number in range(batch * CASES, (batch + 1) * CASES):
        name, data = case(number, seeds)
        (tmp_path / f"case-{number}").write_bytes(data)
        verdict = examine(data)
        assert bool(verdict.refused) != bool(verdict.tasks), name
        for done in verdict.tasks:
            assert done.good == done.wanted or done.code, (name, done)


def test_whole_files_come_out_whole(seeds: dict[str, bytes]) -> None:
    for name, data in seeds.items():
        verdict = examine(data, WHOLE_S)
        assert not verdict.refused, name
        groups = EVERYTHING | ({"subtitles"} if "subtitles" in name else set())
        assert {done.group for done in verdict.tasks} == groups, name
        assert all(done.good == done.wanted and not done.code for done in verdict.tasks), (name, verdict)
