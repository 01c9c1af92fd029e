"""`videosite show`, `update` and `delete`."""

from typing import Any

import pytest

from tests.unit.cli.fake_site import VIDEO_ID, FakeSite, problem
from tests.unit.cli.run import run

ONE = f"/videos/{VIDEO_ID}"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a terminal, as far as `confirm` sees."""
    monkeypatch.setattr("cli.videos.can_ask", lambda: True)


def test_show_tells_what_there_is(fake: FakeSite) -> None:
    fake.video |= {"title": "[red]a\nb", "description": "one\ntwo", "share_slug": None}
    shown = run("show", str(VIDEO_ID)).stdout
    for expected in (str(VIDEO_ID), "[red]a?b", "one", "beach, sea", "its owner", "0:05", "master.m3u8"):
        assert expected in shown
    assert "share slug" not in shown
    assert run("show", str(VIDEO_ID), "--json").document == {"video": fake.video, "error": None}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"status": "processing", "progress": 45}, "processing 45 %"),
        ({"status": "failed", "error": {"code": "no_video", "message": "No video."}}, "failed: No video."),
        ({"visibility": "unlisted", "share_slug": "slug"}, "who has the link"),
        ({"visibility": "public"}, "all"),
        ({"playback": None, "duration_s": None}, "completed"),
    ],
)
def test_show_tells_how_it_stands(fake: FakeSite, values: dict[str, Any], text: str) -> None:
    fake.video |= values
    assert text in run("show", str(VIDEO_ID)).stdout


def test_update_sends_what_was_named(fake: FakeSite) -> None:
    ended = run(
        "update", str(VIDEO_ID), "--title", "Sea", "--tag", "a", "--tag", "b", "--visibility", "public"
    )
    assert ended.code == 0
    assert fake.bodies[f"PATCH {ONE}"] == {"title": "Sea", "tags": ["a", "b"], "visibility": "public"}
    assert "Sea" in ended.stdout
    assert run("update", str(VIDEO_ID), "--tag", "", "--category", "", "--json").code == 0
    assert fake.bodies[f"PATCH {ONE}"] == {"tags": [], "category": ""}


def test_update_of_nothing(fake: FakeSite) -> None:
    ended = run("update", str(VIDEO_ID), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "nothing_given")
    assert fake.requests == []


def test_delete_asks(fake: FakeSite, answers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda question, err: asked.append(question))
    ended = run("delete", str(VIDEO_ID), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_confirmed")
    assert "Clip" in asked[0]
    assert f"DELETE {ONE}" not in fake.requests
    monkeypatch.setattr("typer.confirm", lambda question, err: True)
    assert run("delete", str(VIDEO_ID)).code == 0
    assert fake.requests[-1] == f"DELETE {ONE}"


def test_delete_without_asking(fake: FakeSite) -> None:
    ended = run("delete", str(VIDEO_ID), "--yes", "--json")
    assert ended.document == {"video_id": VIDEO_ID, "deleted": True, "error": None}


def test_delete_does_nothing_where_nobody_can_be_asked(fake: FakeSite) -> None:
    ended = run("delete", str(VIDEO_ID), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "no_terminal")
    assert f"DELETE {ONE}" not in fake.requests


@pytest.mark.parametrize("words", [["show"], ["update", "--title", "a"], ["delete", "--yes"]])
def test_what_the_api_refuses(fake: FakeSite, words: list[str]) -> None:
    for verb in ("GET", "PATCH", "DELETE"):
        fake.override[f"{verb} {ONE}"] = [problem(404, "video_not_found", "There is no such video.")]
    ended = run(words[0], str(VIDEO_ID), *words[1:], "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "video_not_found")
