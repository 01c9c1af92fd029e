"""Views, positions and history over HTTP."""

from types import SimpleNamespace

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.unit.pipeline.conftest import make_video
from videosite.library import views
from videosite.pipeline import jobs

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def video(api: Api) -> None:
    make_video(7, owner_id="ada", visibility="public", status="completed", duration_s=60.0)


def play(api: Api, token: str | None = None, **headers: str) -> Answer:
    """Start, and say at once that it was watched: the tests' clock is turned, not waited for."""
    sent = {**BROWSER, **headers}
    begun = api.post("/videos/7/plays", token=token, headers=sent).json
    return api.post("/videos/7/views", {"play_token": begun["play_token"]}, token, headers=sent)


@pytest.mark.usefixtures("video")
def test_a_view_that_is_too_soon(api: Api) -> None:
    assert play(api).code == "too_soon"
    assert api.post("/videos/7/plays", headers=BROWSER).json["count_after_s"] == 10
    assert api.post("/videos/7/views", {"play_token": "x"}, headers=BROWSER).code == "bad_play_token"


@pytest.mark.usefixtures("video")
def test_each_viewer_counts_once(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "COUNT_AFTER_S", 0.0)

    def counted(token: str | None = None, **headers: str) -> bool:
        return bool(play(api, token, **headers).json["counted"])

    assert counted()
    assert not counted()
    assert counted(people.bob)
    assert not counted(people.bob)
    # What a client says of where it comes from makes no other viewer of it.
    assert not counted(**{"x-forwarded-for": "198.51.100.7, 192.0.2.1"})
    assert counted(**{"user-agent": f"{BROWSER['user-agent']} (another)"})
    assert not counted(people.ada)
    assert not counted(**{"user-agent": "Googlebot/2.1"})
    assert views.show(7)
    assert api.get("/videos/7").json["views"] == 3


@pytest.mark.usefixtures("video")
def test_a_loop_is_slowed_down(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videosite.web.limits.time", SimpleNamespace(time=lambda: 1_764_504_000.0))
    answers = [api.post("/videos/7/plays", headers=BROWSER) for _ in range(61)]
    assert answers[-2].status == 200
    assert answers[-1].code == "rate_limited"


def test_private_videos_are_not_watched(api: Api, people: People) -> None:
    make_video(8, owner_id="ada")
    for path, body in (("plays", None), ("views", {"play_token": "x"})):
        assert api.post(f"/videos/8/{path}", body, people.bob).code == "video_not_found"
    assert api.call("PUT", "/videos/8/position", {"position_s": 1}, people.bob).code == "video_not_found"


@pytest.mark.usefixtures("video")
def test_positions_and_history(api: Api, people: People) -> None:
    never = {"video_id": 7, "position_s": 0, "watched_at": None}
    answer = api.get("/videos/7/position", people.bob)
    assert (answer.status, answer.json) == (200, never)
    for video_id in (1, 2, 3):
        make_video(video_id, owner_id="ada", visibility="public")
        api.call("PUT", f"/videos/{video_id}/position", {"position_s": 1}, people.bob)
    answer = api.call("PUT", "/videos/7/position", {"position_s": 12.5}, people.bob)
    assert (answer.status, answer.json["position_s"]) == (200, 12.5)
    assert api.get("/videos/7/position", people.bob).json == answer.json
    jobs.load_video(2).update([type(jobs.load_video(2)).visibility.set("private")])
    found, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = api.get("/users/me/history", people.bob, query=query).json
        found += [(entry["video"]["video_id"], entry["position_s"]) for entry in page["entries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(found) == [(1, 1.0), (3, 1.0), (7, 12.5)]
    assert api.get("/users/me/history", people.viewer).json["entries"] == []
    assert api.call("DELETE", "/users/me/history/7", token=people.bob).status == 204
    assert api.get("/videos/7/position", people.bob).json == never
    assert api.call("DELETE", "/users/me/history", token=people.bob).status == 204
    assert api.get("/users/me/history", people.bob).json["entries"] == []


@pytest.mark.parametrize("position_s", [-1, 1e9, "x", None])
def test_positions_that_are_none(api: Api, people: People, video: None, position_s: object) -> None:
    answer = api.call("PUT", "/videos/7/position", {"position_s": position_s}, people.bob)
    assert answer.code == "validation_failed"
