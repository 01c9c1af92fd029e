"""`videosite subtitles` and `videosite thumbnail`."""

from pathlib import Path

import httpx
import pytest

from tests.unit.cli.fake_site import VIDEO_ID, FakeSite, problem
from tests.unit.cli.run import run

TRACK = {
    "language": "zh-Hant", "label": "[b]繁體", "default": True, "format": "srt", "encoding": "big5",
    "shift_ms": -250, "cues": 812, "size_bytes": 5, "etag": "e",
}  # fmt: skip
SHOWN = {
    "kind": "upload",
    "at_s": None,
    "pending": False,
    "error": None,
    "poster_url": "http://site.test/m/p.jpg",
}
TRACKS, THUMBNAIL = f"/videos/{VIDEO_ID}/subtitles", f"/videos/{VIDEO_ID}/thumbnail"


def test_a_track_is_sent_as_it_is(fake: FakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "film.srt").write_bytes(b"\xa7A\xa6n")
    sent: list[httpx.Request] = []
    handle = fake.handle

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return handle(request)

    monkeypatch.setattr(fake, "handle", note)
    fake.override[f"PUT {TRACKS}/zh-Hant"] = [httpx.Response(200, json=TRACK)]
    options = ["--default", "--shift-ms", "-250", "--encoding", "big5"]
    ended = run("subtitles", "add", str(VIDEO_ID), str(tmp_path / "film.srt"), "-l", "zh-Hant", *options)
    assert ended.code == 0
    assert "812 cues, big5" in ended.stdout
    (request,) = [request for request in sent if request.method == "PUT"]
    assert request.content == b"\xa7A\xa6n"
    assert request.headers["Content-Type"] == "application/octet-stream"
    assert dict(request.url.params) == {"default": "true", "shift_ms": "-250", "encoding": "big5"}


def test_a_broken_file_is_refused_with_its_line(fake: FakeSite, tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text("1\n")
    refusal = problem(422, "no_times", "Line 2: a cue should begin here with its times.", line=2)
    fake.override[f"PUT {TRACKS}/en"] = [refusal]
    ended = run("subtitles", "add", str(VIDEO_ID), str(tmp_path / "film.srt"), "--language", "en", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "no_times")
    assert "Line 2" in ended.document["error"]["message"]


def test_tracks_are_listed_and_removed(fake: FakeSite) -> None:
    fake.override[f"GET {TRACKS}"] = [
        httpx.Response(200, json={"subtitles": found}) for found in ([TRACK], [])
    ]
    listed = run("subtitles", "list", str(VIDEO_ID)).stdout
    assert all(part in listed for part in ("zh-Hant", "-250 ms", "srt, big5", "[b]繁體", "yes"))
    assert "videosite subtitles add" in run("subtitles", "list", str(VIDEO_ID)).stdout
    fake.override[f"DELETE {TRACKS}/zh-Hant"] = [httpx.Response(204)]
    assert run("subtitles", "remove", str(VIDEO_ID), "zh-Hant", "--json").document["error"] is None


def test_a_picture_is_set_and_reset(fake: FakeSite, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    fake.override[f"PUT {THUMBNAIL}"] = [httpx.Response(200, json=SHOWN)]
    assert "your picture: http://site.test/m/p.jpg" in run(
        "thumbnail", "set", str(VIDEO_ID), str(tmp_path / "a.png")
    ).stdout.replace("\n", "")
    fake.override[f"DELETE {THUMBNAIL}"] = [httpx.Response(204)]
    fake.override[f"GET {THUMBNAIL}"] = [
        httpx.Response(200, json=SHOWN | {"kind": "automatic", "poster_url": None})
    ]
    assert "the automatic picture: none yet" in run("thumbnail", "reset", str(VIDEO_ID)).stdout


def test_a_frame_is_waited_for(fake: FakeSite) -> None:
    waiting = SHOWN | {"kind": "automatic", "pending": True, "at_s": 2.5}
    fake.override[f"POST {THUMBNAIL}/frame"] = [httpx.Response(202, json=waiting) for _ in range(2)]
    fake.override[f"GET {THUMBNAIL}"] = [
        httpx.Response(200, json=waiting),
        httpx.Response(200, json=SHOWN | {"kind": "frame"}),
        httpx.Response(200, json=SHOWN | {"error": {"code": "source_gone", "message": "It is gone."}}),
    ]
    assert run("thumbnail", "frame", str(VIDEO_ID), "2.5", "--json").document["kind"] == "frame"
    assert fake.slept_s == [0.5, 0.5]
    assert fake.bodies[f"POST {THUMBNAIL}/frame"] == {"at_s": 2.5}
    failed = run("thumbnail", "frame", str(VIDEO_ID), "2.5", "--json")
    assert (failed.code, failed.document["error"]["code"]) == (1, "source_gone")
