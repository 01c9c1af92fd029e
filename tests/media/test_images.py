"""Stills, storyboard and preview, made as workers make them: the source over HTTP, segments in storage."""

import io
import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import boto3
import numpy as np
import pytest

from tests.fuzz.__main__ import use_binaries
from tests.media.clips import bunny, make_clip, number_of
from tests.media.runner import encode_video, ffmpeg, plan_of
from tests.media.storage import serve
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.errors import RetryableError
from videosite.media.images import STILLS, plan_storyboard, smallest_rendition
from videosite.media.plan import Plan
from videosite.pipeline.previews import make_previews
from videosite.pipeline.publish import media_prefix
from videosite.pipeline.stills import make_stills
from videosite.pipeline.watch import Watch
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job

SMALL = "320x180"
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
ONE_GOP = (*X264, "-g", "999", "-sc_threshold", "0")
CUE = re.compile(
    r"(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})\n(\S+)\?v=1#xywh=(\d+),(\d+),(\d+),(\d+)"
)


@pytest.fixture
def worker(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    use_binaries()
    get_settings.cache_clear()


pytestmark = pytest.mark.usefixtures("worker")


def job_of(plan: Plan) -> Job:
    return make_job(make_video(), plan=plan.to_dict(), source_etag="right")


def watch_of(job: Job, group: str) -> Watch:
    return Watch(job, make_task(job, group, 0, 1), "owner", lambda: None, lambda: 600.0)


def picture(name: str) -> av.VideoFrame:
    """A stored JPEG of video 7."""
    data = objects.get("media", f"thumbnails/video_7_{name}.jpg")
    assert data is not None
    assert data[:3] == b"\xff\xd8\xff"
    with av.open(io.BytesIO(data), "r", format="mjpeg") as container:
        return next(container.decode(video=0))


def take_stills(clip: Path) -> dict[str, av.VideoFrame]:
    """Of a clip that is fetched over HTTP."""
    job = job_of(plan := plan_of(clip))
    watch = watch_of(job, "image")
    with serve(clip.read_bytes()) as base:
        assert make_stills(job, plan, watch.task, f"{base}/source", watch)[0] == 1
    job.refresh()
    assert set(job.images.as_dict()) == {f"{name}.jpg" for name in STILLS}
    return {name: picture(name) for name in STILLS}


def brightness(frame: av.VideoFrame) -> float:
    return float(np.mean(frame.to_ndarray(format="gray")))


# --- poster and thumbnails --------------------------------------------------------------------------


@pytest.mark.parametrize("video", [X264, ONE_GOP], ids=["key frame at the cut", "one GOP"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_black_intro_is_not_the_poster(video: tuple[str, ...], suffix: str, tmp_path: Path) -> None:
    clip = tmp_path / f"clip.{suffix}"
    graph = f"color=black:s={SMALL}:r=25:d=5[a];testsrc2=s={SMALL}:r=25:d=5[b];[a][b]concat"
    ffmpeg("-filter_complex", graph, *video, "-output_ts_offset", "5.25", str(clip))
    assert brightness(take_stills(clip)["poster"]) > 60


def test_a_flat_colour_and_dark_noise_are_not_the_poster(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    graph = (
        f"color=orange:s={SMALL}:r=25:d=3[a];color=black:s={SMALL}:r=25:d=4,noise=alls=8[b];"
        f"testsrc2=s={SMALL}:r=25:d=1[c];color=white:s={SMALL}:r=25:d=2[d];[a][b][c][d]concat=n=4"
    )
    ffmpeg("-filter_complex", graph, *X264, str(clip))
    assert np.std(take_stills(clip)["poster"].to_ndarray(format="gray")) > 40


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("1920x1080", [(1280, 720), (960, 540), (640, 360), (320, 180)]),
        ("720x1280", [(720, 1280), (540, 960), (360, 640), (180, 320)]),
        ("201x101", [(200, 100)] * 4),
    ],
)
def test_stills_fit_and_are_never_enlarged(size: str, wanted: list[tuple[int, int]], tmp_path: Path) -> None:
    clip = tmp_path / "clip.mkv"
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d=0.5", "-c:v", "ffv1", str(clip))
    stills = take_stills(clip)
    names = ("poster", "large", "medium", "small")
    assert [(stills[name].width, stills[name].height) for name in names] == wanted


def test_a_turned_video_with_oblong_pixels_has_upright_square_pictures(tmp_path: Path) -> None:
    upright = make_clip(tmp_path / "upright.mp4", frames=10, size=SMALL, filters="setsar=2")
    ffmpeg("-display_rotation", "90", "-i", str(upright), "-c", "copy", str(tmp_path / "turned.mp4"))
    stills = take_stills(tmp_path / "turned.mp4")
    plan = plan_of(tmp_path / "turned.mp4")
    assert (stills["poster"].width, stills["poster"].height) == (plan.width, plan.height)
    assert plan.height > 3 * plan.width


def test_the_stills_of_hdr_look_like_its_renditions(tmp_path: Path) -> None:
    clip = tmp_path / "hdr.mkv"
    signal = "setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc:range=tv"
    source = f"gradients=s={SMALL}:r=25:d=1:c0=0x202020:c1=0xa0a0a0:speed=0,format=yuv420p10,{signal}"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "ffv1", str(clip))
    plan = plan_of(clip)
    assert plan.hdr_transfer
    track = encode_video(clip, plan, [(0, 1)])[plan.renditions[0].name]
    (tmp_path / "sdr.mp4").write_bytes(track.data)
    with av.open(str(tmp_path / "sdr.mp4")) as container:
        rendition = next(container.decode(video=0))
    assert abs(brightness(take_stills(clip)["poster"]) - brightness(rendition)) < 6


def test_a_source_without_a_frame_has_no_stills_and_no_error(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", frames=25, size=SMALL, audio=False)
    job = job_of(plan := plan_of(clip))
    watch = watch_of(job, "image")
    broken = clip.read_bytes()[:700]
    with serve(broken) as base:
        assert make_stills(job, plan, watch.task, f"{base}/source", watch)[:2] == (1, 0)
    job.refresh()
    assert job.images.as_dict() == {}


def test_a_storage_that_is_down_is_tried_again(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=25, size=SMALL, audio=False)
    job = job_of(plan := plan_of(clip))
    watch = watch_of(job, "image")
    with serve(b"") as base, pytest.raises(RetryableError, match="storage_unreadable"):
        make_stills(job, plan, watch.task, f"{base}/down", watch)


# --- storyboard and preview -------------------------------------------------------------------------


def store_rendition(clip: Path, ladder: str = "h264-only") -> tuple[Job, Plan]:
    """Encode what previews are made of, and put it where workers put it."""
    plan = plan_of(clip, ladder)
    job = job_of(plan)
    name = smallest_rendition(plan)
    track = encode_video(clip, plan, names=[name])[name]
    storage = boto3.client("s3")
    files = {"init.mp4": track.inits[0]}
    files |= {f"seg_{number:05d}.m4s": it.data for number, it in enumerate(track.fragments)}
    for file, data in files.items():
        storage.put_object(Bucket="media", Key=f"{media_prefix(job)}{name}/{file}", Body=data)
    return job, plan


def take_previews(clip: Path, ladder: str = "h264-only") -> tuple[Plan, list[tuple[Fraction, av.VideoFrame]]]:
    """(plan, tiles by the second that they begin at), as a player would find them."""
    job, plan = store_rendition(clip, ladder)
    watch = watch_of(job, "previews")
    assert make_previews(job, plan, watch.task, "", watch)[0] == 1
    text = (objects.get("media", "thumbnails/video_7_storyboard.vtt") or b"").decode()
    head, *cues = text.strip().split("\n\n")
    assert head == "WEBVTT"
    assert all(CUE.fullmatch(cue) for cue in cues)
    sheets: dict[str, np.ndarray] = {}
    tiles, clock = [], Fraction(0)
    for cue in CUE.findall(text):
        start, end = (60 * (60 * int(h) + int(m)) + Fraction(s) for h, m, s in (cue[:3], cue[3:6]))
        assert start == clock < end
        clock = end
        name = cue[6].removeprefix("video_7_").removesuffix(".jpg")
        if name not in sheets:
            sheets[name] = picture(name).to_ndarray(format="gray")
        x, y, width, height = (int(number) for number in cue[7:])
        tile = np.ascontiguousarray(sheets[name][y : y + height, x : x + width])
        assert tile.shape == (height, width)
        tiles.append((start, av.VideoFrame.from_ndarray(tile, format="gray")))
    assert abs(clock - plan.duration_s) <= Fraction(1, 1000)
    job.refresh()
    assert set(job.images.as_dict()) == {"preview.webp", "storyboard.vtt"} | {
        f"{name}.jpg" for name in sheets
    }
    return plan, tiles


def animation(data: bytes) -> tuple[int, list[int]]:
    """(loops, 0 is endless; milliseconds of each picture) of a WebP (RIFF container, ANIM and ANMF)."""
    assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    loops, durations, position = -1, [], 12
    while position < len(data):
        kind, size = struct.unpack("<4sI", data[position : position + 8])
        body = data[position + 8 : position + 8 + size]
        if kind == b"ANIM":
            loops = struct.unpack("<H", body[4:6])[0]
        if kind == b"ANMF":
            durations.append(int.from_bytes(body[12:15], "little"))
        position += 8 + size + size % 2
    return loops, durations


@pytest.mark.parametrize(
    ("rate", "frames", "sheets"),
    [("25", 330, 1), ("30000/1001", 95, 1), ("1", 260, 2), ("25/2", 40, 1)],
)
def test_each_tile_shows_the_frame_of_its_time(rate: str, frames: int, sheets: int, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", rate=rate, frames=frames, size=SMALL, audio=False)
    plan, tiles = take_previews(clip)
    assert [number_of(tile) for _, tile in tiles] == [round(start * plan.rate) for start, _ in tiles]
    storyboard = plan_storyboard(plan)
    assert (len(tiles), len(storyboard.sheets)) == (storyboard.tiles, sheets)
    assert {(tile.width, tile.height) for _, tile in tiles} == {(160, 90)}


def test_tiles_of_av1_are_right_too(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", rate="1", frames=204, size=SMALL, audio=False)
    plan, tiles = take_previews(clip, "av1-only")
    assert [number_of(tile) for _, tile in tiles] == [round(start * plan.rate) for start, _ in tiles]


def test_portrait_tiles_are_upright(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60, size="180x320", audio=False)
    _, tiles = take_previews(clip)
    assert {(tile.width, tile.height) for _, tile in tiles} == {(90, 160)}
    assert [number_of(tile) for _, tile in tiles] == [0, 25, 50]


def test_the_preview_moves_and_is_small() -> None:
    take_previews(bunny())
    data = objects.get("media", "thumbnails/video_7_preview.webp") or b""
    loops, durations = animation(data)
    assert loops == 0
    assert 20 <= len(durations) <= 40
    assert 3000 <= sum(durations) <= 4500
    assert len(data) < 400_000


def test_one_frame_is_enough_for_all_pictures(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "one.mp4", frames=1, size=SMALL, audio=False)
    assert number_of(take_stills(clip)["poster"]) == 0


def test_one_frame_is_a_storyboard(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "one.mp4", frames=1, size=SMALL, audio=False)
    _, tiles = take_previews(clip)
    assert [number_of(tile) for _, tile in tiles] == [0]


def test_a_missing_segment_is_an_error_that_may_pass(tmp_path: Path) -> None:
    job, plan = store_rendition(make_clip(tmp_path / "clip.mp4", frames=130, size=SMALL, audio=False))
    key = f"{media_prefix(job)}{smallest_rendition(plan)}/seg_00001.m4s"
    boto3.client("s3").delete_object(Bucket="media", Key=key)
    watch = watch_of(job, "previews")
    with pytest.raises(RetryableError, match="segments_missing"):
        make_previews(job, plan, watch.task, "", watch)
