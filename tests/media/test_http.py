"""The command lines as the product uses them: over HTTP, in ranges, held to one version of the source."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, FFPROBE, run
from tests.media.storage import IF_MATCH, serve
from videosite.media.boxes import Fragment
from videosite.media.command import audio_piece_argv, probe_argv, video_range_argv
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import parse_probe


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
    name, sound = plan.renditions[0].name, plan.audio.name
    video = run(lambda fds: video_range_argv(FFMPEG, plan, 1, 2, url, fds, 0.5, IF_MATCH), [name])[name]
    audio = run(lambda fds: audio_piece_argv(FFMPEG, plan, 1, 2, url, fds[sound], IF_MATCH), [sound])[sound]
    for rendition, items in ((name, video), (sound, audio)):
        [fragment] = [item for item in items if isinstance(item, Fragment)]
        assert (fragment.tfdt, fragment.samples) == plan.expected(rendition, 1)


def test_another_version_of_the_source_is_not_read(base: str) -> None:
    assert probe(f"{base}/source.mp4?signature=1", 'If-Match: "other"\r\n').returncode != 0


def test_redirects_are_not_followed(base: str, asked: list[str]) -> None:
    assert probe(f"{base}/moved").returncode != 0
    assert asked == ["/moved"]
