"""Recordings put end to end: each frame comes out once, whatever their clocks say."""

from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import FFMPEG, FFPROBE, decode_video, encode_video
from tests.media.storage import serve
from tests.unit.pipeline.conftest import make_job, make_video
from videosite.media.plan import Plan
from videosite.pipeline import clock, ingest, jobs
from videosite.pipeline.binaries import find_binary
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.objects import ObjectHead
from videosite.store.tables import Job

pytestmark = pytest.mark.usefixtures("aws")
FRAMES = 60
SMALL = "160x90"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "30")
PCM = ("-c:a", "pcm_s16be")
MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "2")


def joined(folder: Path, suffix: str, *starts_s: float) -> Path:
    """Clips of 60 frames, which go on counting, each with a clock that starts somewhere; as bytes, joined."""
    whole = b""
    for number, start_s in enumerate(starts_s):
        part = make_clip(
            folder / f"part.{suffix}", frames=FRAMES, size=SMALL, first=number * FRAMES,
            video=X264 if suffix == "ts" else MPEG2,
            output=(*(PCM if suffix == "vob" else ("-c:a", "mp2")), "-output_ts_offset", f"{start_s}"),
        )  # fmt: skip
        whole += part.read_bytes()
    path = folder / f"joined.{suffix}"
    path.write_bytes(whole)
    return path


def ingested(source: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, bytes]:
    """The job once ingest has planned it, and the file it is made of."""
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    get_settings.cache_clear()
    find_binary.cache_clear()
    size_bytes = source.stat().st_size
    video = make_video(source_key="uploads/7/source.bin", source_size_bytes=size_bytes)
    job = make_job(
        video, status="accepted", plan=None, source_etag="right", source_size_bytes=size_bytes, total_tasks=0
    )
    stored = {job.source_key: source.read_bytes()}
    with ExitStack() as stack:
        # A store gives one object.
        addresses = {job.source_key: stack.enter_context(serve(stored[job.source_key]))}

        def put_stream(_bucket: str, key: str, stream: IO[bytes], _type: str) -> None:
            stored[key] = stream.read()
            addresses[key] = stack.enter_context(serve(stored[key]))

        monkeypatch.setattr(objects, "put_stream", put_stream)
        monkeypatch.setattr(objects, "head", lambda _bucket, key: ObjectHead(len(stored[key]), "right"))
        monkeypatch.setattr(
            objects, "presign_get", lambda _bucket, key, _expires_s: f"{addresses[key]}/source"
        )
        monkeypatch.setattr(ingest, "dispatch", lambda _: 0)
        ingest.advance(job)
    planned = jobs.load(7, 1)
    assert planned is not None
    return planned, stored[planned.mended_key or planned.source_key]


@pytest.mark.parametrize(
    ("suffix", "starts_s"),
    [
        ("ts", (0, 0)),
        ("ts", (50, 7)),
        ("ts", (0, 100)),
        ("ts", (0, 100, 5)),
        ("ts", (95_442, 50)),
        ("ts", (100, 3)),
        ("mpg", (0, 0)),
        ("vob", (0, 0)),
    ],
)
def test_every_frame_of_every_part_comes_out(
    suffix: str, starts_s: tuple[float, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = joined(tmp_path, suffix, *starts_s)
    job, data = ingested(source, monkeypatch)
    assert (job.source_key, job.mended_key) == ("uploads/7/source.bin", "uploads/7/steady.ts")
    (tmp_path / "steady.ts").write_bytes(data)
    frames = FRAMES * len(starts_s)
    plan = Plan.from_dict(job.plan)
    assert plan.audio
    assert plan.audio.frames * 1024 / 48_000 == pytest.approx(frames / 25, abs=0.2)
    assert abs(plan.frames - frames) <= len(starts_s)
    name = plan.renditions[-1].name
    track = encode_video(tmp_path / "steady.ts", plan, names=[name])[name]
    numbers = [number_of(frame) for frame in decode_video(track.data, tmp_path)]
    # The last packet of an MPEG-PS holds several frames under one time, so that the end is not seen.
    unseen = 0 if suffix == "ts" else 1
    assert set(numbers) == set(range(frames - unseen))
    assert numbers == sorted(numbers)


def test_a_clock_that_does_not_jump_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with a hole of five seconds, as where reception was bad: that is what was recorded."""
    job, _ = ingested(joined(tmp_path, "ts", 0, FRAMES / 25 + 5), monkeypatch)
    assert job.mended_key is None
    assert Plan.from_dict(job.plan).frames == pytest.approx(2 * FRAMES + 5 * 25, abs=3)


def test_a_copy_that_takes_too_long_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "COPY_S", 0.0)
    job, _ = ingested(joined(tmp_path, "ts", 0, 0), monkeypatch)
    assert job.status == "processing"
    assert job.mended_key is None


@pytest.mark.parametrize("suffix", ["webm", "mkv"])
def test_a_recording_that_does_not_say_its_end_is_read_to_it(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As browsers record, and as is left of a recorder that crashed."""
    video = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8") if suffix == "webm" else X264
    output = ("-live", "1", "-c:a", "libopus") if suffix == "webm" else ("-live", "1")
    clip = make_clip(tmp_path / f"live.{suffix}", frames=FRAMES, size=SMALL, video=video, output=output)
    job, _ = ingested(clip, monkeypatch)
    assert job.status == "processing"
    assert Plan.from_dict(job.plan).frames == FRAMES
