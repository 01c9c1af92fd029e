"""VMAF by the worker that measures it: real encodes, real sources, storage by moto and HTTP."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.media.clips import bunny
from tests.media.runner import FFMPEG, Track, encode_video, ffmpeg, plan_of
from tests.media.storage import serve
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.media.plan import Plan
from videosite.pipeline.measure import measure
from videosite.pipeline.publish import media_prefix, publish
from videosite.pipeline.snapshot import load_status
from videosite.pipeline.transcode import Delivery
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job

pytestmark = pytest.mark.usefixtures("aws")

ETAG = "right"
SMALL = "scale=320:180"
SHOWN = ("-i", str(bunny()), "-t", "4", "-an", "-crf", "12", "-vf")
X265 = ("-c:v", "libx265", "-x265-params")
PQ = f"{SMALL},zscale=tin=709:pin=709:min=709:t=smpte2084:p=2020:m=2020_ncl,format=yuv420p10le"
PQ_TAGS = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
FLAGS = ("-flags", "+ilme+ildct")
KINDS = {
    "8 bits": (SMALL,),
    "10 bits": (f"{SMALL},format=yuv420p10le", *X265, "log-level=error"),
    "HDR": (PQ, *X265, PQ_TAGS, "-color_trc", "smpte2084", "-color_primaries", "bt2020"),
    "interlaced": (f"fps=50,{SMALL},interlace,setfield=tff", *FLAGS),
}


@pytest.fixture(autouse=True)
def _bundled_ffmpeg(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    get_settings.cache_clear()


def store(plan: Plan, tracks: dict[str, Track]) -> Job:
    """A job whose H.264 is encoded, its media in storage."""
    values = {"plan": plan.to_dict(), "source_etag": ETAG, "open_tasks": {"h264": 0}}
    job = make_job(make_video(7), **values, started_at_s=time.time() - 5)
    for name, track in tracks.items():
        files = {"init.mp4": track.inits[0]}
        files |= {f"seg_{n:05d}.m4s": fragment.data for n, fragment in enumerate(track.fragments)}
        for file, data in files.items():
            boto3.client("s3").put_object(Bucket="media", Key=f"{media_prefix(job)}{name}/{file}", Body=data)
    return job


@pytest.fixture
def measured(
    monkeypatch: pytest.MonkeyPatch, messages: Callable[[str], list[str]]
) -> Callable[[Path, Plan, dict[str, Track]], dict[str, Any]]:
    """Publishes what was encoded, does what is asked for then; returns the first rendition's status."""

    def run(clip: Path, plan: Plan, tracks: dict[str, Track]) -> dict[str, Any]:
        job = store(plan, tracks)
        publish(7, 1, job.run, "h264")
        assert load_status(7)["status"] == "completed"
        asked = [json.loads(body) for body in messages("bulk")]
        with serve(clip.read_bytes()) as address:
            monkeypatch.setattr(objects, "presign_get", lambda *_: f"{address}/source")
            for body in asked * 2:
                measure(body, Delivery("", "", lambda: 600.0, 1024))
        return dict(load_status(7)["renditions"][0])

    return run


Measured = Callable[[Path, Plan, dict[str, Track]], dict[str, Any]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_encode_of_any_kind_of_source_scores_high(
    kind: str, measured: Measured, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    ffmpeg(*SHOWN, *KINDS[kind], str(clip))
    plan = plan_of(clip, "h264-only")
    assert bool(plan.hdr_transfer) == (kind == "HDR")
    told = measured(clip, plan, encode_video(clip, plan))
    assert 85 < told["vmaf_detail"]["worst"] <= told["vmaf_detail"]["mean"]
    assert told["vmaf_detail"]["samples"] == told["vmaf_detail"]["planned"] == plan.segments
    assert not told["vmaf_detail"]["below_floor"]
    assert told["peak_kbps"] >= told["bitrate_kbps"] > 0
    assert told["speed"] > 0
    assert load_status(7)["cost"]["cpu_s"] > 0


def test_a_turned_source_is_compared_as_it_is_shown(measured: Measured, tmp_path: Path) -> None:
    ffmpeg(*SHOWN, SMALL, str(tmp_path / "upright.mp4"))
    clip = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", str(tmp_path / "upright.mp4"), "-c", "copy", str(clip))
    plan = plan_of(clip, "h264-only")
    assert (plan.width, plan.height) == (180, 320)
    assert measured(clip, plan, encode_video(clip, plan))["vmaf_detail"]["worst"] > 85


def test_a_bad_encode_scores_low_and_is_flagged_not_failed(measured: Measured, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    ffmpeg(*SHOWN, SMALL, str(clip))
    plan = plan_of(clip, "h264-only")
    bad = replace(plan, renditions=tuple(replace(rung, crf=48) for rung in plan.renditions))
    told = measured(clip, plan, encode_video(clip, bad))
    assert told["vmaf_detail"]["mean"] < told["vmaf_detail"]["floor"]
    assert told["vmaf_detail"]["below_floor"]
    assert told["status"] == "completed"


def test_pictures_one_frame_late_are_noticed(measured: Measured, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    ffmpeg(*SHOWN, SMALL, str(clip))
    plan = plan_of(clip, "h264-only")
    late = replace(plan, origin_ticks=plan.origin_ticks + int(1 / plan.rate / plan.time_base))
    assert measured(clip, plan, encode_video(clip, late))["vmaf_detail"]["worst"] < 75


def test_a_seek_that_lands_late_is_tried_from_further_back(measured: Measured, tmp_path: Path) -> None:
    """In MPEG-TS a short margin lands after the key frame; the log then lacks frames."""
    ffmpeg(*SHOWN, SMALL, "-g", "250", str(tmp_path / "clip.mp4"))
    clip = tmp_path / "clip.ts"
    ffmpeg("-i", str(tmp_path / "clip.mp4"), "-c", "copy", "-output_ts_offset", "5.25", str(clip))
    plan = replace(plan_of(clip, "h264-only"), seek_margin_s=0.1)
    told = measured(clip, plan, encode_video(clip, plan))
    assert told["vmaf_detail"]["samples"] == told["vmaf_detail"]["planned"]
    assert told["vmaf_detail"]["worst"] > 85
