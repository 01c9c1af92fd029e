"""A worker's steps for sound and subtitles: real FFmpeg over HTTP, moto's tables and buckets."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from tests.media.runner import FFMPEG, Track, plan_of
from tests.media.storage import serve
from tests.media.test_audio import decode, level_db
from tests.media.test_subtitles import make_subtitled
from tests.media.test_tracks import assert_whole, make_changing, make_tracks, pitch, tone
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.errors import RetryableError
from videosite.media.boxes import Fragment, FragmentParser
from videosite.media.plan import Plan
from videosite.media.sound import SAMPLE_RATE
from videosite.pipeline import jobs
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.publish import media_prefix
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.resume import Gap
from videosite.pipeline.sound import encode_piece, measure_loudness
from videosite.pipeline.subtitles import extract_subtitles
from videosite.pipeline.watch import Watch
from videosite.settings import get_settings
from videosite.store.tables import Availability, Job, Progress, Task, availability_item, progress_item

FAR_S, NEAR_S = 900.0, 1.0


@pytest.fixture(autouse=True)
def binaries(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FFMPEG_PATH", FFMPEG)
    get_settings.cache_clear()
    find_binary.cache_clear()
    yield
    find_binary.cache_clear()


def start(plan: Plan, group: str, **job_values: object) -> tuple[Job, Task]:
    """A job whose only task, of one group, is at work. The store of `serve` wants this ETag."""
    job = make_job(make_video(), plan=plan.to_dict(), source_etag="right", **job_values)
    Availability(7, availability_item(1)).save()
    Progress(7, progress_item(1)).save()
    end = plan.audio.segments if plan.audio and group == "audio" else 1
    return job, make_task(job, group, 0, end, status="running", attempt=1, lease_owner="me")


def watch(job: Job, task: Task, remaining_s: float = FAR_S) -> Watch:
    return Watch(job, task, "me", lambda: None, lambda: remaining_s)


def stored(job: Job) -> dict[str, bytes]:
    """Objects below the job's prefix."""
    storage, prefix = boto3.client("s3"), media_prefix(job)
    listed = storage.list_objects_v2(Bucket="media", Prefix=prefix).get("Contents", [])
    keys = [str(item["Key"]) for item in listed]
    return {
        key.removeprefix(prefix): storage.get_object(Bucket="media", Key=key)["Body"].read() for key in keys
    }


def track_of(job: Job, name: str) -> Track:
    """A stored rendition."""
    files = {key: data for key, data in stored(job).items() if key.startswith(f"{name}/")}
    items = FragmentParser().feed(
        files.pop(f"{name}/init.mp4") + b"".join(files[key] for key in sorted(files))
    )
    return Track([items[0].data], [item for item in items if isinstance(item, Fragment)])


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_tracks(tmp_path / "film.mkv", tone(440), tone(880), output=("-c:a", "aac"))


def test_loudness_is_stored_for_each_rendition(film: Path) -> None:
    plan = plan_of(film, "h264-only")
    job, _ = start(plan, "loudness")
    with serve(film.read_bytes()) as base:
        measured = []
        for number in (0, 0, 1):
            track = make_task(job, "loudness", number, number + 1, status="running", lease_owner="me")
            end, _ = measure_loudness(job, plan, track, f"{base}/source", watch(job, track))
            assert end == track.end
            found = jobs.load(7, 1)
            assert found
            measured.append(set(found.loudness.as_dict()))
    assert measured == [{"aac-stereo"}, {"aac-stereo"}, {"aac-stereo", "aac-stereo-2"}]
    found = jobs.load(7, 1)
    assert found
    assert set(found.loudness.as_dict()) == {"aac-stereo", "aac-stereo-2"}
    assert all(-40 < one["integrated_lufs"] < -10 for one in found.loudness.as_dict().values())


def test_sound_is_brought_to_its_gain(film: Path) -> None:
    """The second track is measured 6 dB too loud, the first one is not measured."""
    plan = replace(plan_of(film, "h264-only"), normalize=True)
    loudness = {"aac-stereo-2": {"integrated_lufs": -10.0, "true_peak_dbtp": -3.0, "range_lu": 1.0}}
    job, task = start(plan, "audio", loudness=loudness)
    with serve(film.read_bytes()) as base:
        encoded = encode_piece(
            job, plan, Gap.whole(plan, task), f"{base}/source", watch(job, task), Reporter(job, task)
        )
    assert encoded.good == task.end
    first, second = (level_db(decode(track_of(job, name))) for name in plan.renditions_of("audio"))
    assert second - first == pytest.approx(-6, abs=0.3)


def test_sound_that_gave_nothing_is_silence_the_next_time(film: Path) -> None:
    plan = plan_of(film, "h264-only")
    job, task = start(plan, "audio")
    with serve(b"this is no film any more" * 1000) as base:
        for attempt, before, good in (
            (1, None, 0),
            (2, "no_segment", 0),
            (3, "worker_error", 0),
            (4, "no_segment", task.end),
        ):
            task.attempt, task.error_code = attempt, before
            reporter = Reporter(job, task)
            gap = Gap.whole(plan, task)
            assert encode_piece(job, plan, gap, f"{base}/source", watch(job, task), reporter).good == good
    for name in plan.renditions_of("audio"):
        assert level_db(decode(track_of(job, name))) < -80


def test_sound_that_changes_on_the_way_comes_out_whole_in_the_end(tmp_path: Path) -> None:
    """One attempt as far as the change, one that finds nothing behind it, one that knows how."""
    recording = make_changing(tmp_path)
    plan = plan_of(recording, "h264-only")
    assert plan.audio
    job, task = start(plan, "audio")
    with serve(recording.read_bytes()) as base:

        def encode(part: Task) -> int:
            gap, url = Gap.whole(plan, part), f"{base}/source"
            return encode_piece(job, plan, gap, url, watch(job, part), Reporter(job, part)).good

        good = encode(task)
        assert 0 < good < task.end
        rest = make_task(job, "audio", good, task.end, status="running", attempt=1, lease_owner="me")
        assert encode(rest) == 0
        rest.attempt, rest.error_code = 2, "no_segment"
        assert good + encode(rest) == task.end
    track = track_of(job, "aac-stereo")
    assert_whole(plan, track)
    samples = decode(track)[0]
    assert [pitch(samples), pitch(samples[4 * SAMPLE_RATE :])] == [440, 880]


def test_subtitles_are_stored_with_their_lists(tmp_path: Path) -> None:
    source = make_subtitled(tmp_path / "a.mkv", "subrip", "ass", output=("-output_ts_offset", "5.25"))
    plan = plan_of(source, "h264-only")
    job, task = start(plan, "subtitles")
    with serve(source.read_bytes()) as base:
        for _ in range(2):
            end, size_bytes = extract_subtitles(job, plan, task, f"{base}/source", watch(job, task))
    files = stored(job)
    assert set(files) == {f"subtitles-{n}/{file}" for n in (1, 2) for file in ("subtitles.vtt", "index.m3u8")}
    assert (
        b"00:00:01.000 --> 00:00:02.500\nHello <i>there</i> &amp; you" in files["subtitles-1/subtitles.vtt"]
    )
    assert b"\nsubtitles.vtt\n" in files["subtitles-1/index.m3u8"]
    found = jobs.load(7, 1)
    assert found
    sizes = {name: len(files[f"{name}/subtitles.vtt"]) for name in ("subtitles-1", "subtitles-2")}
    assert found.subtitles.as_dict() == sizes
    assert (end, size_bytes) == (1, sum(sizes.values()))


def test_a_track_without_text_is_not_published(tmp_path: Path) -> None:
    """Nor is one of nothing but errors."""
    source = make_subtitled(tmp_path / "a.mkv", "subrip")
    plan = plan_of(source, "h264-only")
    job, task = start(plan, "subtitles")
    with serve(
        source.read_bytes().replace(b"Hello", b"\0" * 5).replace(b"S_TEXT/UTF8", b"S_TEXT/XXXX")
    ) as base:
        assert extract_subtitles(job, plan, task, f"{base}/source", watch(job, task)) == (1, 0)
    assert stored(job) == {}


@pytest.mark.parametrize("work", [measure_loudness, extract_subtitles])
def test_near_the_deadline_a_video_does_without(
    work: Callable[..., tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_subtitled(tmp_path / "a.mkv", "subrip")
    plan = replace(plan_of(source, "h264-only"), audio=plan_of_sound(tmp_path).audio)
    job, task = start(plan, "loudness")
    with serve(source.read_bytes()) as base:
        slow = watch(job, task, NEAR_S)
        monkeypatch.setattr(slow, "stays", lambda *_: False)
        assert work(job, plan, task, f"{base}/source", slow) == (1, 0)
    assert stored(job) == {}


def plan_of_sound(folder: Path) -> Plan:
    return plan_of(make_tracks(folder / "sound.mkv", tone(440), output=("-c:a", "aac")))


@pytest.mark.parametrize("work", [measure_loudness, extract_subtitles])
def test_a_storage_that_is_down_is_tried_again(work: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    source = make_subtitled(tmp_path / "a.mkv", "subrip")
    plan = replace(plan_of(source, "h264-only"), audio=plan_of_sound(tmp_path).audio)
    job, task = start(plan, "loudness")
    with serve(source.read_bytes()) as base, pytest.raises(RetryableError) as fault:
        work(job, plan, task, f"{base}/down", watch(job, task))
    assert fault.value.code == "storage_unreadable"
