"""FFmpeg and ffprobe over https, as on AWS: who has no certificate by a known authority is told nothing."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media.authority import Authority, make_authority
from tests.media.clips import make_clip
from tests.media.runner import FFMPEG, FFPROBE, plan_of, run
from tests.media.storage import IF_MATCH, serve
from videosite.media import command
from videosite.media.boxes import Fragment
from videosite.media.clock import look_argv
from videosite.media.command import probe_argv, video_range_argv


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", frames=130, size="160x90")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def url(clip: Path, authority: Authority, asked: list[str]) -> Iterator[str]:
    with serve(clip.read_bytes(), asked, tls=authority.server) as base:
        yield f"{base}/source.mp4?signature=1"


def start(argv: list[str]) -> subprocess.CompletedProcess[bytes]:
    """As workers do: with nothing in the environment."""
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False, env={}
    )


def test_a_store_is_believed_whose_authority_is_known(
    url: str, clip: Path, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "known.pem"  # one more: each build must understand all of the list
    known.write_text(Path(command.CA_FILE).read_text() + authority.ca_file.read_text())
    monkeypatch.setattr(command, "CA_FILE", str(known))
    probed = start(probe_argv(FFPROBE, url, IF_MATCH))
    assert json.loads(probed.stdout)["format"]["nb_streams"] == 2, probed.stderr
    plan = plan_of(clip)
    name = plan.renditions[0].name
    items = run(lambda fds: video_range_argv(FFMPEG, plan, 1, 2, url, fds, 0.5, IF_MATCH), [name])[name]
    assert [item for item in items if isinstance(item, Fragment)]


def test_nobody_else_is_told_a_signed_address(url: str, asked: list[str]) -> None:
    for argv in (probe_argv(FFPROBE, url, IF_MATCH), look_argv(FFMPEG, url, IF_MATCH)):
        assert start(argv).returncode != 0
    assert asked == []


def test_the_authorities_are_those_of_the_sdk() -> None:
    assert Path(command.CA_FILE).read_text().count("BEGIN CERTIFICATE") > 50
