"""`videosite list`."""

from typing import Any

import httpx
import pytest

from cli.outcome import clock
from tests.unit.cli.fake_site import VIDEO_ID, FakeSite
from tests.unit.cli.run import run


def video(**values: Any) -> dict[str, Any]:
    return {
        "video_id": VIDEO_ID,
        "title": "Clip",
        "status": "completed",
        "progress": 100,
        "duration_s": 5.0,
        "created_at": "2026-03-01T10:30:00Z",
        "error": None,
        **values,
    }


def test_videos_are_listed_with_what_one_looks_for(fake: FakeSite) -> None:
    fake.listed = [video(status="processing", progress=45, title="[red]a\nb")]
    shown = run("list").stdout
    for expected in (str(VIDEO_ID), "processing 45 %", "0:05", "2026-03-01 10:30", "[red]a?b"):
        assert expected in shown


def test_a_failed_one_says_why(fake: FakeSite) -> None:
    fake.listed = [video(status="failed", duration_s=None, error={"code": "no_video", "message": "…"})]
    assert "failed: no_video" in run("list").stdout


def test_none_yet(fake: FakeSite) -> None:
    assert "videosite upload" in run("list").stdout
    assert run("list", "--json").document == {"videos": [], "error": None}


def test_pages_are_put_together(fake: FakeSite) -> None:
    pages = [
        httpx.Response(200, json={"videos": [video(video_id=n)], "next_cursor": str(n)}) for n in (3, 2, 1)
    ]
    fake.override["GET /videos"] = list(pages)
    found = run("list", "--json", "--limit", "2").document["videos"]
    assert [it["video_id"] for it in found] == [3, 2]
    fake.override["GET /videos"] = list(pages)
    assert "There are more: videosite list --limit 10" in run("list", "--limit", "2").stdout


def test_staff_can_list_everybodys(fake: FakeSite) -> None:
    run("list", "--all")
    assert fake.requests[-1] == "GET /admin/videos"


@pytest.mark.parametrize(("seconds", "text"), [(59.6, "1:00"), (61, "1:01"), (36_001, "10:00:01")])
def test_lengths(seconds: float, text: str) -> None:
    assert clock(seconds) == text
