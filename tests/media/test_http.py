"""The command lines as the product uses them: over HTTP, in ranges, held to one version of the source."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, FFPROBE, ffmpeg, plan_of, run
from tests.media.storage import IF_MATCH, serve
from videosite.errors import BadInputError, RetryableError, VideoSiteError
from videosite.media import command
from videosite.media.audio_command import audio_piece_argv
from videosite.media.boxes import Fragment
from videosite.media.command import probe_argv, video_range_argv
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import parse_probe
from videosite.pipeline import faults
from videosite.pipeline import probe as probe_module
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import Child
from videosite.pipeline.faults import check_storage
from videosite.pipeline.probe import probe as pipeline_probe
from videosite.settings import get_settings
from videosite.store import presigned
from videosite.store.presigned import unreadable


@pytest.fixture
def asked() -> list[str]:
    """Paths that were asked for, in order."""
    return []


@pytest.fixture
def base(tmp_path: Path, asked: list[str]) -> Iterator[str]:
    clip = make_clip(tmp_path / "clip.mp4", frames=130, size="160x90")
    with serve(clip.read_bytes(), asked) as address:
        yield address


def probe(url: str, headers: str = IF_MATCH) -> subprocess.CompletedProcess[bytes]:
    argv = probe_argv(FFPROBE, url, headers)
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)


def plan_at(url: str) -> Plan:
    return make_plan(parse_probe(json.loads(probe(url).stdout)))


def test_a_range_and_a_piece_are_read_over_http(base: str) -> None:
    url = f"{base}/source.mp4?signature=1"
    plan = plan_at(url)
    assert plan.frames == 130
    assert plan.audio
    name, sound = plan.renditions[0].name, plan.audio.names[0]
    video = run(lambda fds: video_range_argv(FFMPEG, plan, 1, 2, url, fds, 0.5, IF_MATCH), [name])[name]
    audio = run(lambda fds: audio_piece_argv(FFMPEG, plan, 1, 2, url, fds, IF_MATCH), [sound])[sound]
    for rendition, items in ((name, video), (sound, audio)):
        [fragment] = [item for item in items if isinstance(item, Fragment)]
        assert (fragment.tfdt, fragment.samples) == plan.expected(rendition, 1)


def test_another_version_of_the_source_is_not_read(base: str) -> None:
    assert probe(f"{base}/source.mp4?signature=1", 'If-Match: "other"\r\n').returncode != 0


def test_redirects_are_not_followed(base: str, asked: list[str]) -> None:
    assert probe(f"{base}/moved").returncode != 0
    assert asked == ["/moved"]


@pytest.mark.parametrize("place", ["down", "gone", "hangup", "silent", "moved"])
def test_storage_that_does_not_answer_is_not_the_videos_fault(
    place: str, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    get_settings.cache_clear()
    find_binary.cache_clear()
    # Its patience is not what is tested.
    monkeypatch.setattr(command, "PROBE_SILENCE_S", 1)
    monkeypatch.setattr(presigned, "TIMEOUT_S", 1)
    url = "http://127.0.0.1:9/source" if place == "gone" else f"{base}/{place}"
    with pytest.raises(RetryableError) as fault:
        pipeline_probe(url, IF_MATCH)
    assert fault.value.code == "storage_unreadable"


def test_a_file_is_called_unreadable_only_if_storage_gives_it(
    base: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where ffprobe says nothing that is known."""
    silent = tmp_path / "ffprobe"
    silent.write_text("#!/bin/sh\nexit 1\n")
    silent.chmod(0o755)
    monkeypatch.setenv("FFPROBE_PATH", str(silent))
    get_settings.cache_clear()
    find_binary.cache_clear()
    with pytest.raises(RetryableError, match="storage_unreadable"):
        pipeline_probe(f"{base}/down", IF_MATCH)
    with pytest.raises(BadInputError, match="unreadable"):
        pipeline_probe(f"{base}/source", IF_MATCH)
    assert asked == ["/down", "/source", "/source"]


@pytest.mark.parametrize(
    ("answers", "code"), [((True, True), "unreadable"), ((True, False), "storage_unreadable")]
)
def test_what_looks_like_storage_is_the_files_fault_only_while_storage_answers(
    answers: tuple[bool, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffprobe says the same twice; storage is asked after each time."""
    lost = tmp_path / "ffprobe"
    lost.write_text("#!/bin/sh\necho 'source: Input/output error' >&2\nexit 1\n")
    lost.chmod(0o755)
    monkeypatch.setenv("FFPROBE_PATH", str(lost))
    get_settings.cache_clear()
    find_binary.cache_clear()
    given = iter(answers)

    def read_ends(*_: object) -> tuple[bytes, bytes]:
        if next(given):
            return b"", b""
        raise unreadable()

    monkeypatch.setattr(faults, "read_ends", read_ends)
    with pytest.raises(VideoSiteError) as fault:
        pipeline_probe("http://127.0.0.1:9/source", IF_MATCH)
    assert fault.value.code == code
    assert not list(given)


def test_an_mp4_of_fragments_has_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ffprobe asks for each, and storage takes its time for an answer."""
    monkeypatch.setenv("FFPROBE_PATH", FFPROBE)
    get_settings.cache_clear()
    find_binary.cache_clear()
    clip = ("-f", "lavfi", "-i", "color=s=480x360:r=1:d=20", "-c:v", "rawvideo", "-pix_fmt", "yuyv422")
    ffmpeg(*clip, str(tmp_path / "whole.mov"))
    ffmpeg(*clip, "-movflags", "frag_every_frame+empty_moov", str(tmp_path / "fragments.mov"))
    monkeypatch.setattr(probe_module, "TIMEOUT_S", 0.5)
    with serve((tmp_path / "fragments.mov").read_bytes(), latency_s=0.1) as base:
        assert pipeline_probe(f"{base}/source", IF_MATCH).duration_s > 19
        monkeypatch.setattr(probe_module, "READ_S", 0.5)
        with pytest.raises(BadInputError, match="too many fragments"):
            pipeline_probe(f"{base}/source", IF_MATCH)
    with (
        serve((tmp_path / "whole.mov").read_bytes(), latency_s=1) as base,
        pytest.raises(BadInputError, match="in reasonable time"),
    ):
        pipeline_probe(f"{base}/source", IF_MATCH)


def test_the_index_of_an_mp4_of_fragments_is_used(tmp_path: Path, asked: list[str]) -> None:
    """Without it a worker asks for every fragment; what it makes is the same."""
    clip = tmp_path / "clip.mov"
    # Large enough that FFmpeg does not read over what it skips.
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=480x360:r=1:d=60", "-c:v", "rawvideo", "-pix_fmt", "yuyv422",
        "-movflags", "frag_every_frame+empty_moov", str(clip),
    )  # fmt: skip
    plan = plan_of(clip)
    assert plan.mp4
    name = plan.renditions[0].name

    def made(plan: Plan) -> tuple[int, list[bytes]]:
        asked.clear()
        argv_of = partial(video_range_argv, FFMPEG, plan, 20, 21, f"{base}/source", margin_s=0.5)
        found = run(lambda fds: argv_of(fds=fds, headers=IF_MATCH), [name])
        return len(asked), [item.data for item in found[name]]

    with serve(clip.read_bytes(), asked) as base:
        few, indexed = made(plan)
        many, walked = made(replace(plan, mp4=False))
    assert indexed == walked
    assert few < 20 < 50 < many


@pytest.mark.parametrize("place", ["down", "cut"])
def test_a_broken_read_is_seen_although_the_sound_is_padded(place: str, tmp_path: Path) -> None:
    """FFmpeg pads with silence and ends well: what it says is all that tells."""
    clip = make_clip(tmp_path / "clip.mkv", frames=1000, size="160x90")
    plan = plan_of(clip)
    with serve(clip.read_bytes()) as base:
        read_end, write_end = os.pipe()
        argv = audio_piece_argv(
            FFMPEG, plan, 0, plan.segments_of("aac-stereo"), f"{base}/{place}?X-Amz-Signature=secret",
            {"aac-stereo": write_end}, IF_MATCH,
        )  # fmt: skip
        with Child(argv, lambda _: None, pass_fds=(write_end,)) as child:
            os.close(write_end)
            with os.fdopen(read_end, "rb") as pipe:
                pipe.read()
            child.wait(20)
    assert "secret" not in child.stderr_tail
    with pytest.raises(RetryableError):
        check_storage(child.stderr_tail)
