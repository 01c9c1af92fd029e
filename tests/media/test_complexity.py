"""The look at a few pictures by which a ladder is fitted, over HTTP as ingest takes it."""

from pathlib import Path

import pytest

from tests.media.clips import bunny
from tests.media.runner import FFMPEG, ffmpeg, plan_of
from tests.media.storage import IF_MATCH, serve
from videosite.errors import RetryableError
from videosite.media.plan import Plan
from videosite.pipeline import probe
from videosite.settings import get_settings

SLIDES = (
    "color=white:s=960x540:r=25,drawgrid=w=48:h=27:c=black@0.3,"
    "drawbox=x='100+floor(t/3)*90':y=100:w=300:h=200:c=blue:t=fill"
)
SMALL_FILE = 1000
"""Bytes said of any file here, so that all of them are looked at."""


@pytest.fixture(autouse=True)
def _bundled_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    get_settings.cache_clear()


def slides(path: Path, *output: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", SLIDES, "-t", "12", "-preset", "ultrafast", *output, str(path))
    return path


def look(clip: Path, path: str = "/source") -> Plan:
    with serve(clip.read_bytes()) as address:
        return probe.look(plan_of(clip), f"{address}{path}", SMALL_FILE, headers=IF_MATCH)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_slides_get_lower_caps_the_same_each_time(suffix: str, tmp_path: Path) -> None:
    clip = slides(tmp_path / f"clip.{suffix}", "-output_ts_offset", "5.25")
    whole = plan_of(clip)
    plan = look(clip)
    assert plan.renditions[0].name == whole.renditions[0].name
    assert plan.renditions[0].maxrate_kbps < whole.renditions[0].maxrate_kbps / 2
    assert look(clip) == plan


def test_hdr_and_interlaced_slides_are_looked_at_too(tmp_path: Path) -> None:
    pq = ("-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le")
    hdr = slides(tmp_path / "hdr.mp4", *pq, "-color_trc", "smpte2084")
    interlaced = slides(tmp_path / "interlaced.mp4", "-flags", "+ilme+ildct", "-vf", "setfield=tff")
    for clip in (hdr, interlaced):
        assert look(clip).renditions[0].maxrate_kbps < plan_of(clip).renditions[0].maxrate_kbps


def test_hard_content_keeps_its_ladder(tmp_path: Path) -> None:
    clip = tmp_path / "hard.mp4"
    shown = ("-stream_loop", "2", "-i", str(bunny()), "-t", "12", "-an", "-preset", "ultrafast")
    ffmpeg(*shown, "-vf", "scale=960:540,noise=alls=30:allf=t", str(clip))
    assert look(clip) == plan_of(clip)


def test_what_cannot_be_looked_at_keeps_its_ladder_and_a_storage_fault_comes_again(tmp_path: Path) -> None:
    clip = slides(tmp_path / "clip.mp4", "-movflags", "+faststart")
    whole = plan_of(clip)
    with serve(clip.read_bytes()[:6000]) as address:
        assert probe.look(whole, f"{address}/source", SMALL_FILE, headers=IF_MATCH) == whole
    with serve(clip.read_bytes()) as address, pytest.raises(RetryableError):
        probe.look(whole, f"{address}/down", SMALL_FILE, headers=IF_MATCH)
