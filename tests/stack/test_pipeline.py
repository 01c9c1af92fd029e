"""A real upload through the deployed template: published, exact, and announced over real sockets."""

from pathlib import Path

import httpx
import pytest

from tests.media.clips import bunny, make_clip, number_of
from tests.media.runner import Track, decode_video, ffmpeg
from tests.media.test_audio import decode, level_db, reference
from tests.stack.site import Site

pytestmark = pytest.mark.stack


def fetch_rendition(base: str, name: str) -> bytes:
    """A published rendition as one file: its init and every segment its playlist names."""
    playlist = httpx.get(f"{base}{name}/index.m3u8").raise_for_status().text
    files = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return b"".join(
        httpx.get(f"{base}{name}/{file}").raise_for_status().content for file in ["init.mp4", *files]
    )


def test_the_real_clip_from_upload_to_play(admin: Site, tmp_path: Path) -> None:
    video_id = admin.upload(bunny(), "Bunny")
    seen: list[int] = []
    while (status := admin.status(video_id))["status"] not in ("completed", "failed"):
        seen.append(status["progress"])
    assert status["status"] == "completed", status
    assert seen == sorted(seen)
    assert len({*seen, status["progress"]}) >= 4
    assert [entry["status"] for entry in status["renditions"]] == ["completed"] * 3
    assert all(entry["size_bytes"] > 1000 for entry in status["renditions"])
    measured = admin.wait_measured(video_id)
    assert all(entry["vmaf_detail"]["worst"] > 80 for entry in measured["renditions"])
    assert not any(entry["vmaf_detail"]["below_floor"] for entry in measured["renditions"])

    video = admin.get(f"videos/{video_id}")
    assert (video["status"], video["duration_s"]) == ("completed", 5.28)
    master = httpx.get(video["playback"]["hls"]).raise_for_status().text
    base = video["playback"]["hls"].removesuffix("master.m3u8")
    for name in ("h264-720p", "h264-480p", "h264-360p"):
        assert f"{name}/index.m3u8" in master
        assert len(decode_video(fetch_rendition(base, name), tmp_path)) == 132
    assert 'type="static"' in httpx.get(video["playback"]["dash"]).raise_for_status().text
    stills = [video["poster_url"], *video["thumbnails"].values()]
    assert all(httpx.get(url).raise_for_status().content[:2] == b"\xff\xd8" for url in stills)
    assert httpx.get(video["preview_url"]).raise_for_status().content[8:12] == b"WEBP"
    storyboard = httpx.get(video["storyboard_url"]).raise_for_status()
    assert storyboard.headers["content-type"].startswith("text/vtt")
    sheet = next(line for line in storyboard.text.splitlines() if "#xywh=" in line)
    assert httpx.get(storyboard.url.join(sheet)).raise_for_status().content[:2] == b"\xff\xd8"


def test_frames_keep_their_order_through_the_whole_system(admin: Site, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=330)
    video_id = admin.upload(clip)
    assert admin.wait(video_id)["status"] == "completed"
    base = admin.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    frames = decode_video(fetch_rendition(base, "h264-180p"), tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(330))


def test_av1_joins_the_master_when_h264_can_be_played_already(admin: Site, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=130)
    with admin.socket() as socket:
        video_id = admin.upload(clip, ladder="standard")
        codecs = [socket.until("transcode_complete") for _ in range(2)]
    assert [(frame["format_type"], frame.get("final", False)) for frame in codecs] == [
        ("h264", False),
        ("av1", True),
    ]
    status = admin.wait(video_id)
    assert {entry["codec"]: entry["status"] for entry in status["renditions"]} == dict.fromkeys(
        ("h264", "av1"), "completed"
    )
    playback = admin.get(f"videos/{video_id}")["playback"]
    master = httpx.get(playback["hls"]).raise_for_status().text
    assert 'CODECS="avc1.' in master
    assert 'CODECS="av01.0.' in master
    base = playback["hls"].removesuffix("master.m3u8")
    frames = decode_video(fetch_rendition(base, "av1-180p"), tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(130))
    manifest = httpx.get(playback["dash"]).raise_for_status().text
    assert 'id="av1-180p"' in manifest


def test_tracks_and_subtitles_from_upload_to_play(admin: Site, tmp_path: Path) -> None:
    """Two languages, one in 5.1, normalised, and subtitles, in a file that starts late."""
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello <i>there</i>\n")
    film = tmp_path / "film.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=5",
        "-f", "lavfi", "-i", "anoisesrc=c=pink:a=0.02:r=48000:d=5,aformat=channel_layouts=5.1",
        "-f", "lavfi", "-i", "sine=440:r=48000:d=5", "-i", str(tmp_path / "a.srt"),
        "-map", "0", "-map", "1", "-map", "2", "-map", "3",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-c:s", "subrip",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger",
        "-metadata:s:s:0", "language=fre",
        "-output_ts_offset", "5.25", str(film),
    )  # fmt: skip
    video_id = admin.upload(film, normalize=True)
    status = admin.wait(video_id)
    assert status["status"] == "completed", status
    told = [(track["name"], track["language"], track["channels"]) for track in status["audio"]]
    assert told == [("aac-stereo", "en", 2), ("aac-surround", "en", 6), ("aac-stereo-2", "de", 2)]
    assert all(track["size_bytes"] > 1000 for track in status["audio"])
    for track in status["audio"]:
        measured = track["loudness"]
        wanted = min(-16 - measured["integrated_lufs"], -1 - measured["true_peak_dbtp"], 20)
        assert measured["gain_db"] == pytest.approx(wanted, abs=0.01)
        assert measured["gain_db"] > 1
    assert [(track["language"], track["label"]) for track in status["subtitles"]] == [("fr", "Français")]

    playback = admin.get(f"videos/{video_id}")["playback"]
    base = playback["hls"].removesuffix("master.m3u8")
    master = httpx.get(playback["hls"]).raise_for_status().text
    for part in (
        'NAME="English",LANGUAGE="en"',
        'CHANNELS="6",URI="aac-surround/index.m3u8"',
        'NAME="Deutsch"',
    ):
        assert part in master
    assert 'TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="Français",LANGUAGE="fr"' in master
    lists = httpx.get(f"{base}subtitles-1/index.m3u8").raise_for_status().text
    assert "\nsubtitles.vtt\n" in lists
    text = httpx.get(f"{base}subtitles-1/subtitles.vtt").raise_for_status()
    assert text.headers["Content-Type"].startswith("text/vtt")
    assert "00:00:01.000 --> 00:00:02.000\nHello <i>there</i>" in text.text
    manifest = httpx.get(playback["dash"]).raise_for_status().text
    assert manifest.count('contentType="audio"') == 3
    assert "subtitles-1/subtitles.vtt" in manifest
    rms = level_db(decode(Track([fetch_rendition(base, "aac-stereo")])))
    assert rms > level_db(reference(film)) + 5


def test_it_can_be_played_while_it_is_being_transcoded(admin: Site, tmp_path: Path) -> None:
    clip = tmp_path / "long.mp4"
    ffmpeg("-stream_loop", "5", "-i", str(bunny()), "-c", "copy", str(clip))
    video_id = admin.upload(clip)
    growing: list[int] = []
    while admin.status(video_id)["status"] == "processing" or not growing:
        playback = admin.get(f"videos/{video_id}")["playback"]
        if not playback:
            continue
        base = playback["hls"].removesuffix("master.m3u8")
        answer = httpx.get(f"{base}h264-360p/live.m3u8")
        if answer.status_code != 200:
            continue
        growing.append(answer.text.count("#EXTINF"))
        if len(growing) == 1:
            assert "live.m3u8" in httpx.get(playback["hls"]).text or "ENDLIST" in answer.text
            assert httpx.get(f"{base}h264-360p/seg_00000.m4s").status_code == 200
    assert growing == sorted(growing)
    assert growing[0] < growing[-1]
    assert admin.wait(video_id)["status"] == "completed"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.mp4", b"", "empty"),
        ("picture.mp4", b"\x89PNG\r\n\x1a\n" + bytes(500), "picture"),
        ("text.mp4", b"this is no video\n" * 100, "unreadable"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "unreadable"),
    ],
)
def test_what_is_no_video_is_refused_with_a_reason(
    admin: Site, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    status = admin.wait(admin.upload(file), timeout_s=10)
    assert status["status"] == "failed"
    assert status["error"]["code"] == code
    assert status["error"]["message"].endswith(".")


def test_sound_and_pictures_named_as_video_are_refused(admin: Site, tmp_path: Path) -> None:
    sound, picture = tmp_path / "sound.mp4", tmp_path / "picture.png"
    ffmpeg("-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac", str(sound))
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1", str(picture))
    picture.rename(tmp_path / "picture.mp4")
    assert admin.wait(admin.upload(sound), timeout_s=10)["error"]["code"] == "no_video"
    refused = admin.wait(admin.upload(tmp_path / "picture.mp4"), timeout_s=10)
    assert refused["status"] == "failed"
