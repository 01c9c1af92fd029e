import re
import subprocess
from pathlib import Path

import httpx
import imageio_ffmpeg
import pytest

from cli import export
from tests.unit.cli.fake_site import VIDEO_ID, FakeSite
from tests.unit.cli.run import run

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="und",DEFAULT=YES,URI="aac-stereo/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="surround",NAME="und",DEFAULT=YES,URI="aac-stereo/index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="en",URI="subtitles-1/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=90000,RESOLUTION=160x90,CODECS="avc1,mp4a",AUDIO="audio"
h264-90p/index.m3u8
"""
SUBTITLES = "#EXTM3U\n#EXTINF:2.000000,\nsubtitles.vtt\n#EXT-X-ENDLIST\n"


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A tiny real video as the site serves it: 50 frames and their sound in segments of 1 s."""
    folder = tmp_path_factory.mktemp("media")
    hls = ["-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    for name, source, codec in (
        ("h264-90p", "testsrc2=s=160x90:r=25:d=2", ["-c:v", "libx264", "-g", "25"]),
        ("aac-stereo", "sine=d=2:r=48000", ["-c:a", "aac"]),
    ):
        (folder / name).mkdir()
        names = ["-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "seg_%05d.m4s", "index.m3u8"]
        argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", source, *codec, *hls, *names]
        subprocess.run(argv, cwd=folder / name, check=True)
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files |= {"subtitles-1/index.m3u8": SUBTITLES.encode(), "subtitles-1/subtitles.vtt": b"WEBVTT\n"}
    return files | {"master.m3u8": MASTER.encode(), "manifest.mpd": b"<MPD/>"}


def test_an_exported_video_plays_from_disk(fake: FakeSite, media: dict[str, bytes], tmp_path: Path) -> None:
    fake.files = media
    target = tmp_path / "out/of/the way"
    ended = run("export", str(VIDEO_ID), str(target), "--json")
    assert ended.code == 0
    stored = {
        str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()
    }
    assert stored == media
    assert ended.document == {
        "video_id": VIDEO_ID,
        "directory": str(target),
        "files": len(media),
        "size_bytes": sum(map(len, media.values())),
        "error": None,
    }
    argv = [FFMPEG, "-i", target / "master.m3u8", "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert re.findall(r"frame= *(\d+)", done.stderr)[-1] == "50"


def test_the_master_comes_last(fake: FakeSite, media: dict[str, bytes], tmp_path: Path) -> None:
    fake.files = {name: data for name, data in media.items() if name != "manifest.mpd"}
    ended = run("export", str(VIDEO_ID), str(tmp_path / "out"), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "media_error"
    assert not (tmp_path / "out/master.m3u8").exists()
    assert not list((tmp_path / "out").rglob("*.part"))


def test_passing_faults_do_not_end_it(fake: FakeSite, media: dict[str, bytes], tmp_path: Path) -> None:
    fake.files = media
    fake.override["GET /m/tok/videos/1/a/h264-90p/init.mp4"] = [httpx.ReadError("gone"), httpx.Response(503)]
    ended = run("export", str(VIDEO_ID), str(tmp_path / "out"))
    assert ended.code == 0
    assert "master.m3u8" in ended.stdout


@pytest.mark.parametrize("status", ["processing", "failed"])
def test_only_completed_videos_are_exported(fake: FakeSite, status: str, tmp_path: Path) -> None:
    fake.video |= {"status": status}
    ended = run("export", str(VIDEO_ID), str(tmp_path / "out"), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "not_completed"


@pytest.mark.parametrize("name", ["../x.m3u8", "/etc/x.m3u8", "http://elsewhere/x.m3u8", "a/../../x", "a//b"])
def test_no_playlist_leads_out_of_the_directory(fake: FakeSite, name: str, tmp_path: Path) -> None:
    fake.files = {"master.m3u8": f"#EXTM3U\n{name}\n".encode()}
    ended = run("export", str(VIDEO_ID), str(tmp_path / "out"), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "unsafe_address"


def test_a_directory_that_cannot_be_made(fake: FakeSite, media: dict[str, bytes], tmp_path: Path) -> None:
    fake.files = media
    (tmp_path / "file").touch()
    ended = run("export", str(VIDEO_ID), str(tmp_path / "file/out"), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "file_error"


def test_addresses_in_tags_and_lines() -> None:
    text = '#EXTM3U\n#EXT-X-MAP:URI="i.mp4"\n#EXTINF:2,\nseg.m4s\n\n#EXT-X-MEDIA:TYPE=A,URI="a/b.m3u8",X=1\n'
    assert list(export.uris(text)) == ["i.mp4", "seg.m4s", "a/b.m3u8"]


def test_a_folder_with_something_in_it_is_left_alone(
    fake: FakeSite, media: dict[str, bytes], tmp_path: Path
) -> None:
    fake.files = media
    (tmp_path / "master.m3u8").write_text("another video's")
    ended = run("export", str(VIDEO_ID), str(tmp_path), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_empty")
    assert (tmp_path / "master.m3u8").read_text() == "another video's"
    ended = run("export", str(VIDEO_ID), str(tmp_path / "master.m3u8"), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_a_directory")
