"""Views: of people, once a day, after some seconds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.pipeline.conftest import make_video
from videosite.errors import BadInputError, ConflictError
from videosite.housekeeping import views as upkeep
from videosite.library import history, views
from videosite.library.views import (
    COUNT_AFTER_S,
    PER_NETWORK,
    TOKEN_LIFE_S,
    Viewer,
    count_view,
    is_machine,
    start,
)
from videosite.pipeline import jobs
from videosite.store import statistics
from videosite.store.tables import Statistic, Video, View

NOW_S = 1_764_504_000.0
"""2025-11-30T12:00:00Z"""
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOTS = (
    "",
    " ",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
    "curl/8.5.0",
    "python-requests/2.32",
    "Twitterbot/1.0",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
PEOPLE = (
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
    "Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 Chrome/110.0 Mobile Safari/537.36",
    "VLC/3.0.20 LibVLC/3.0.20",
)


@pytest.fixture
def video(site: None, monkeypatch: pytest.MonkeyPatch) -> Video:
    monkeypatch.setattr(views, "get_secret", {"media-secret": "secret"}.__getitem__)
    return make_video(7, owner_id="ada", duration_s=60.0)


def user(name: str) -> Viewer:
    return Viewer(name, "192.0.2.9", FIREFOX)


def stranger(agent: str = FIREFOX, network: str = "192.0.2.1") -> Viewer:
    return Viewer(None, network, agent)


def watch(video: Video, viewer: Viewer, at_s: float = NOW_S, for_s: float = 10.0) -> bool:
    return count_view(video, start(video, viewer, at_s), viewer, at_s + for_s)


def seen(at_s: float = 2 * NOW_S) -> int:
    upkeep.show(at_s)
    return jobs.load_video(7).views


def test_reloads_count_once_a_day(video: Video) -> None:
    assert watch(video, user("bob"))
    assert not watch(video, user("bob"), at_s=NOW_S + 100)
    assert not watch(video, user("bob"), for_s=30)
    assert watch(video, user("cleo"))
    assert seen() == 2
    assert watch(video, user("bob"), at_s=NOW_S + 86_400)
    assert seen() == 3
    amounts = {row.bucket: row.amount for row in Statistic.query("views")}
    assert amounts["d2025-11-30"] == amounts["h2025-11-30T12"] == 2
    assert all(row.expires_at_s > NOW_S for row in View.scan() if row.seen != views.TOTAL)


def test_totals_are_shown_once_a_minute(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a popular video's row is written with each view."""
    for number in range(3):
        assert watch(video, user(str(number)), at_s=NOW_S + number)
    counted_s = NOW_S + 10
    assert seen(counted_s + views.SHOWN_AFTER_S - 1) == 0
    assert seen(counted_s + views.SHOWN_AFTER_S) == 3
    assert upkeep.show(2 * NOW_S) == 0
    read = View.get

    def meanwhile(*args: Any, **options: Any) -> View:
        """Another round shows more, after this one has read."""
        total = read(*args, **options)
        with monkeypatch.context() as patch:
            patch.setattr(View, "get", read)
            assert watch(video, user("late"), at_s=NOW_S + 1000)
            views.show(7)
        return total

    assert watch(video, user("more"), at_s=NOW_S + 500)
    with monkeypatch.context() as patch:
        patch.setattr(View, "get", meanwhile)
        assert upkeep.show(2 * NOW_S) == 0
    assert seen() == 5


def test_a_view_that_could_not_be_added_counts_when_it_comes_again(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(views, "_add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            watch(video, user("bob"))
    assert watch(video, user("bob"))
    assert seen() == 1


def test_a_deleted_video_is_not_made_again_by_its_total(video: Video) -> None:
    watch(video, user("bob"))
    video.delete()
    assert upkeep.show(2 * NOW_S) == 0
    assert Video.count() == 0
    assert list(View.by_deadline.query(views.WATCH)) == []


def test_a_view_takes_its_time_by_the_servers_clock(video: Video) -> None:
    token = start(video, user("bob"), NOW_S)
    for after_s in (0, 3, COUNT_AFTER_S - 0.1):
        with pytest.raises(ConflictError, match="too_soon"):
            count_view(video, token, user("bob"), NOW_S + after_s)
    assert seen() == 0
    assert count_view(video, token, user("bob"), NOW_S + COUNT_AFTER_S)
    video.duration_s = 4.0
    assert watch(video, user("cleo"), for_s=2)


def test_tokens_are_of_one_viewer_and_video_and_end(video: Video) -> None:
    token = start(video, user("bob"), NOW_S)
    other = make_video(8)
    moved = f"{int(NOW_S) - 60}.{token.partition('.')[2]}"
    for of, sent, viewer, at_s in (
        (other, token, user("bob"), NOW_S + 20),
        (video, token, user("cleo"), NOW_S + 20),
        (video, token, user("bob"), NOW_S + TOKEN_LIFE_S + 1),
        (video, moved, user("bob"), NOW_S),
        (video, "", user("bob"), NOW_S),
        (video, "1.x", user("bob"), NOW_S),
    ):
        with pytest.raises(BadInputError, match="bad_play_token"):
            count_view(of, sent, viewer, at_s)


def test_a_play_may_pass_midnight(video: Video) -> None:
    began_s = NOW_S - NOW_S % 86_400 + 86_395
    token = start(video, stranger(), began_s)
    assert count_view(video, token, stranger(), began_s + 20)
    with pytest.raises(BadInputError, match="bad_play_token"):
        count_view(video, f"{'9' * 11}.{'x' * 43}", stranger(), NOW_S)


def test_owners_and_machines_are_not_counted(video: Video) -> None:
    assert not watch(video, user("ada"))
    assert not any(watch(video, stranger(agent)) for agent in BOTS)
    assert seen() == 0
    assert [amount for _, amount in _day("plays")] == [1]


def _day(metric: str) -> list[tuple[object, float]]:
    moment = datetime.fromtimestamp(NOW_S, UTC)
    return list(statistics.series(metric, "day", moment, moment))


@pytest.mark.parametrize("agent", BOTS)
def test_machines_are_known(agent: str) -> None:
    assert is_machine(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_are_not_taken_for_machines(agent: str) -> None:
    assert not is_machine(agent)


def test_viewers_are_told_apart_for_a_day_and_never_named(video: Video) -> None:
    one = stranger().name(NOW_S)
    assert one == stranger().name(NOW_S + 3600)
    others = {
        stranger(network="192.0.2.2").name(NOW_S),
        stranger("Chrome").name(NOW_S),
        stranger().name(NOW_S + 86_400),
        user("bob").name(NOW_S),
    }
    assert len(others | {one}) == 5
    assert "192.0" not in one
    assert Viewer("bob", "a", "b").name(NOW_S) == Viewer("bob", "c", "d").name(NOW_S + 10**6)


def test_strangers_of_one_network_are_not_counted_without_end(video: Video, site: None) -> None:
    counted = [watch(video, stranger(f"{FIREFOX} {n}")) for n in range(PER_NETWORK.burst + 5)]
    assert counted == [True] * PER_NETWORK.burst + [False] * 5
    assert watch(video, stranger(network="192.0.2.2"))
    assert watch(video, user("bob"))
    other = make_video(8, owner_id="ada", duration_s=60.0)
    assert watch(other, stranger())
    assert seen() == PER_NETWORK.burst + 2


def test_a_total_goes_on_after_a_rebuild(video: Video) -> None:
    video.update([Video.views.set(1000)])
    views.restore(video)
    assert watch(video, user("bob"))
    assert seen() == 1001


# --- history ----------------------------------------------------------------------------------------


def test_positions_and_history(video: Video) -> None:
    assert history.load("bob", 7) is None
    for number in range(1, 6):
        history.note("bob", make_video(number), 4.0, NOW_S + number)
    history.note("bob", video, 12.5, NOW_S + 10)
    history.note("cleo", video, 1.0, NOW_S)
    history.note("bob", make_video(2), 99.0, NOW_S + 20)
    assert history.note("bob", video, 500.0, NOW_S + 11).position_s == 60.0
    found, cursor = [], None
    while True:
        page = history.list_page("bob", 2, cursor)
        found += [entry.video_id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [2, 7, 5, 4, 3, 1]
    history.forget("bob", 2)
    assert [entry.video_id for entry in history.list_page("bob", 1, None).entries] == [7]
    history.clear("bob")
    assert history.list_page("bob", 10, None).entries == []
    kept = history.load("cleo", 7)
    assert kept is not None
    assert kept.position_s == 1.0
    with pytest.raises(BadInputError, match="bad_cursor"):
        history.list_page("bob", 10, "x")
