import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import upload
from tests.unit.cli.fake_site import VIDEO_ID, FakeSite, problem, status_document
from tests.unit.cli.run import run


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "my clip.mp4"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 105 parts of 4 bytes, the last one shorter."""
    path = tmp_path / "large.mkv"
    path.write_bytes(os.urandom(104 * 4 + 3))
    return path


# --- uploading --------------------------------------------------------------------------------------


def test_a_small_file_goes_up_in_one_form(fake: FakeSite, clip: Path) -> None:
    ended = run("upload", str(clip), "--title", "Sea", "--visibility", "public")
    assert ended.code == 0
    assert f"Uploaded. Watch it: videosite watch {VIDEO_ID}" in ended.stdout
    assert fake.bodies["POST /videos"] == {
        "filename": "my clip.mp4",
        "size_bytes": 10,
        "title": "Sea",
        "visibility": "public",
        "ladder": "standard",
        "normalize": False,
    }
    body = fake.objects["/form"]
    assert body.index(b'name="a"') < body.index(b'name="file"')
    assert b"0123456789" in body
    assert fake.bodies[f"POST /videos/{VIDEO_ID}/upload/complete"] == {"parts": []}


def test_a_large_file_goes_up_in_parts(fake: FakeSite, large: Path) -> None:
    assert run("upload", str(large)).code == 0
    parts = [fake.objects[f"/part/{number}"] for number in range(1, 106)]
    assert b"".join(parts) == large.read_bytes()
    named = fake.bodies[f"POST /videos/{VIDEO_ID}/upload/complete"]["parts"]
    assert named == [{"number": n, "etag": f'"/part/{n}"'} for n in range(1, 106)]
    assert fake.bodies[f"POST /videos/{VIDEO_ID}/upload/parts"] == {"numbers": [101, 102, 103, 104, 105]}


def test_only_the_part_that_broke_goes_again(fake: FakeSite, large: Path) -> None:
    fake.override["PUT /part/7"] = [httpx.ReadError("gone"), httpx.Response(503)]
    fake.override["PUT /part/9"] = [httpx.Response(500)]
    assert run("upload", str(large)).code == 0
    assert fake.requests.count("PUT /part/7") == 3
    assert fake.requests.count("PUT /part/8") == 1


def test_an_address_that_expired_is_renewed(fake: FakeSite, large: Path) -> None:
    fake.override["PUT /part/3"] = [httpx.Response(403)]
    assert run("upload", str(large)).code == 0
    assert fake.requests.count("PUT /part/3") == 2


def test_a_form_that_broke_goes_again(fake: FakeSite, clip: Path) -> None:
    fake.override["POST /form"] = [httpx.WriteError("gone"), httpx.Response(500)]
    assert run("upload", str(clip)).code == 0
    assert fake.requests.count("POST /form") == 3
    assert b"0123456789" in fake.objects["/form"]


@pytest.mark.parametrize("name", ["clip", "large"])
def test_an_upload_that_fails_is_taken_back(
    fake: FakeSite, name: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(name)
    key = "POST /form" if name == "clip" else "PUT /part/5"
    fake.override[key] = [httpx.Response(400), httpx.Response(400)]
    ended = run("upload", str(path), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "storage_refused"
    assert f"DELETE /videos/{VIDEO_ID}/upload" in fake.requests
    assert f"POST /videos/{VIDEO_ID}/upload/complete" not in fake.requests


def test_ctrl_c_takes_the_upload_back(fake: FakeSite, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(upload, "send", interrupt)
    fake.override[f"DELETE /videos/{VIDEO_ID}/upload"] = [httpx.ConnectError("gone") for _ in range(4)]
    ended = run("upload", str(clip), "--json")
    assert ended.code == 130
    assert ended.document["error"]["code"] == "interrupted"


def test_a_name_that_is_no_text_is_sent_with_question_marks(fake: FakeSite, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.mp4"))
    odd.write_bytes(b"0123456789")
    assert run("upload", str(odd), "--title", "x\udcff").code == 0
    sent = fake.bodies["POST /videos"]
    assert (sent["filename"], sent["title"]) == ("bad?.mp4", "x?")


def test_a_pipe_is_refused_without_waiting_for_its_other_end(fake: FakeSite, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    ended = run("upload", str(tmp_path / "pipe.mp4"), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_a_file")
    assert fake.requests == []


def test_a_file_that_shrinks_meanwhile(fake: FakeSite, large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "check_file", lambda _: 500)
    ended = run("upload", str(large), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "file_changed"


# --- watching ---------------------------------------------------------------------------------------


def test_watch_ends_with_one_object(fake: FakeSite, clip: Path) -> None:
    fake.statuses = [status_document("processing", 50), status_document("completed", 100)]
    ended = run("upload", str(clip), "--watch", "--json")
    assert ended.code == 0
    assert ended.document == {
        "video_id": VIDEO_ID,
        "status": "completed",
        "duration_s": 5.0,
        "renditions": fake.statuses[0]["renditions"],
        "playback_url": "http://site.test/m/tok/videos/1/a/master.m3u8",
        "poster_url": "http://site.test/m/tok/thumbnails/video_1_poster.jpg?v=1",
        "error": None,
    }


def test_watch_of_a_refused_video(fake: FakeSite, clip: Path) -> None:
    error = {"code": "no_video", "message": "The file has no video."}
    fake.statuses = [status_document("failed", 10, error=error)]
    fake.video |= {"status": "failed", "playback": None, "duration_s": None}
    ended = run("upload", str(clip), "--watch", "--json")
    assert ended.code == 2
    assert ended.document["error"] == error
    assert (ended.document["status"], ended.document["playback_url"]) == ("failed", None)
    ended = run("upload", str(clip), "--watch")
    assert ended.code == 2
    assert "The file has no video. (no_video)" in ended.stdout


def test_without_watch_the_object_says_what_is_known(fake: FakeSite, clip: Path) -> None:
    document = run("upload", str(clip), "--json").document
    assert (document["video_id"], document["status"], document["error"]) == (VIDEO_ID, "processing", None)


# --- what cannot be uploaded ------------------------------------------------------------------------


def test_a_video_that_the_api_refuses(fake: FakeSite, clip: Path) -> None:
    fake.override["POST /videos"] = [problem(422, "too_large", "The file is larger than 5 GiB.")]
    ended = run("upload", str(clip), "--watch", "--json")
    assert ended.code == 2
    assert ended.document == {
        "video_id": None,
        "status": "failed",
        "duration_s": None,
        "renditions": [],
        "playback_url": None,
        "poster_url": None,
        "error": {"code": "too_large", "message": "The file is larger than 5 GiB."},
    }


@pytest.mark.parametrize(
    ("name", "code", "exit_code", "status"),
    [
        ("missing.mp4", "no_such_file", 1, "error"),
        ("folder", "not_a_file", 1, "error"),
        ("empty.mp4", "empty", 2, "failed"),
    ],
)
def test_files_that_are_none(
    fake: FakeSite, tmp_path: Path, name: str, code: str, exit_code: int, status: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.mp4").touch()
    ended = run("upload", str(tmp_path / name), "--json")
    assert ended.code == exit_code
    assert (ended.document["status"], ended.document["error"]["code"]) == (status, code)
    assert name in ended.stderr
    assert fake.requests == []


def test_no_connection(fake: FakeSite, clip: Path) -> None:
    refusal = httpx.ConnectError("Connection refused")
    fake.override["POST /auth/login"] = [refusal for _ in range(4)]
    ended = run("upload", str(clip), "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "no_connection"
    assert "videosite status" in ended.stderr


def test_no_answer_in_time(fake: FakeSite, clip: Path) -> None:
    fake.override["POST /videos"] = [httpx.ReadTimeout("slow")]
    ended = run("upload", str(clip))
    assert ended.code == 1
    assert "did not answer in time" in ended.stderr
