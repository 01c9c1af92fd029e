"""Objects without a video are removed, and nothing else is."""

import pytest

from tests.unit.housekeeping.conftest import DAY_S, NOW_S, id_of, keys, put
from tests.unit.pipeline.conftest import make_video
from videosite.housekeeping import orphans
from videosite.housekeeping.rounds import ROUND_S
from videosite.housekeeping.sweep import sweep

pytestmark = pytest.mark.usefixtures("aws")
OLD = id_of(8 * DAY_S)
YOUNG = id_of(6 * DAY_S)


def fill(video_id: int) -> None:
    """Everything a video has in storage."""
    put("uploads", f"uploads/{video_id}/source.mp4")
    put("media", f"videos/{video_id}/0af/h264-720p/init.mp4")
    put("media", f"videos/{video_id}/0af/h264-720p/seg_00000.m4s")
    put("media", f"thumbnails/video_{video_id}_poster.jpg")
    put("media", f"subtitles/video_{video_id}_zh-Hant.vtt")


def test_media_without_a_row_are_removed() -> None:
    fill(OLD)
    assert sweep(NOW_S)["orphans"] == 4
    assert keys("media") == keys("uploads") == []


def test_media_with_a_row_stay() -> None:
    fill(OLD)
    before = keys("media") + keys("uploads")
    make_video(OLD)
    assert sweep(NOW_S)["orphans"] == 0
    assert set(keys("media") + keys("uploads")) == {*before, f"videos/{OLD}/sidecar.json"}


def test_what_is_young_stays() -> None:
    fill(YOUNG)
    assert sweep(NOW_S)["orphans"] == 0
    assert len(keys("media") + keys("uploads")) == 5


def test_what_is_not_ours_stays() -> None:
    for key in ("videos/readme.txt", "videos/abc/x.mp4", "thumbnails/logo.png", ".ready"):
        put("media", key)
    assert sweep(NOW_S)["orphans"] == 0
    assert len(keys("media")) == 4


def test_a_round_takes_a_page_a_minute_and_begins_anew_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "PAGE", 2)
    for n in range(5):
        put("media", f"videos/{OLD + n}/0af/init.mp4")
    assert [sweep(NOW_S + 60 * n)["orphans"] for n in range(4)] == [2, 2, 1, 0]
    put("media", f"videos/{OLD}/0af/init.mp4")
    assert sweep(NOW_S + 600)["orphans"] == 0
    assert sweep(NOW_S + ROUND_S + 300)["orphans"] == 1
