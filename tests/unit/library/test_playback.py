import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from pynamodb.connection import Connection

from tests.unit.library.conftest import MEDIA_SECRET, PUBLIC_URL
from tests.unit.library.factories import complete, make_plan, make_transcode
from videosite.errors import ForbiddenError, NotFoundError
from videosite.library import media_token, playback
from videosite.media.subtitles import plan_subtitles
from videosite.media.tracks import SubtitleTrack
from videosite.store.tables import Job

pytestmark = pytest.mark.usefixtures("site")

NOW_S = 1_800_000_000.0
DAY_S = 86_400


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the calls to DynamoDB from here on."""
    calls: list[str] = []
    send = Connection._make_api_call

    def note(self: Connection, name: str, values: dict[str, Any]) -> dict[str, Any]:
        calls.append(name)
        return send(self, name, values)

    monkeypatch.setattr(Connection, "_make_api_call", note)
    return calls


def asset_of(job: Job) -> playback.Asset:
    return playback.find_asset(job.video_id, job.asset_key)


def error_code(action: Callable[[], object]) -> str:
    with pytest.raises(NotFoundError) as caught:
        action()
    return caught.value.code


# --- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("visibility", "days"), [("public", 365), ("unlisted", 7), ("private", 7)])
def test_addresses_open_their_generation_only(visibility: str, days: int) -> None:
    video, job = make_transcode(visibility=visibility)
    found = playback.addresses(video, job, NOW_S)
    match = re.fullmatch(rf"{PUBLIC_URL}/m/([^/]+)/(videos/7/{job.asset_key}/)master\.m3u8", found["hls"])
    assert match
    assert found["dash"] == found["hls"].replace("master.m3u8", "manifest.mpd")
    media_token.verify(match[1], f"{match[2]}h264-720p/init.mp4", MEDIA_SECRET, NOW_S + days * DAY_S - 1)
    assert found["token_expires_at"].endswith("Z")


@pytest.mark.parametrize(("visibility", "apart_s"), [("public", DAY_S), ("private", 60)])
def test_who_asks_a_little_later_gets_the_same_address(visibility: str, apart_s: float) -> None:
    video, job = make_transcode(visibility=visibility)
    start_s = 600 * 30 * DAY_S + 1
    assert playback.addresses(video, job, start_s) == playback.addresses(video, job, start_s + apart_s)


NO_IMAGES = {"poster_url": None, "thumbnails": None, "storyboard_url": None, "preview_url": None}


def test_pictures_have_an_address_when_they_are_made() -> None:
    video, job = make_transcode()
    assert playback.image_addresses(video, job, NOW_S) == NO_IMAGES
    assert playback.image_addresses(video, None, NOW_S) == NO_IMAGES
    files = ["poster.jpg", "small.jpg", "medium.jpg", "large.jpg", "storyboard.vtt", "preview.webp"]
    job.images = dict.fromkeys(files, 5)
    found = playback.image_addresses(video, job, NOW_S)
    addresses = [
        found["poster_url"],
        *found["thumbnails"].values(),
        found["storyboard_url"],
        found["preview_url"],
    ]
    for file, address in zip(files, addresses, strict=True):
        match = re.fullmatch(rf"{PUBLIC_URL}/m/([^/]+)/(thumbnails/video_7_{re.escape(file)})\?v=1", address)
        assert match
        media_token.verify(match[1], match[2], MEDIA_SECRET, NOW_S)
        # The token of a storyboard's list opens its sheets, and no other video's.
        media_token.verify(match[1], "thumbnails/video_7_sprite_000.jpg", MEDIA_SECRET, NOW_S)
        with pytest.raises(ForbiddenError):
            media_token.verify(match[1], "thumbnails/video_70_poster.jpg", MEDIA_SECRET, NOW_S)


def test_what_is_there_of_the_pictures_is_shown() -> None:
    video, job = make_transcode()
    job.images = {"poster.jpg": 5, "small.jpg": 5}
    found = playback.image_addresses(video, job, NOW_S)
    assert found["poster_url"]
    assert {**found, "poster_url": None} == NO_IMAGES


# --- when it can start ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("h264", "audio"), [({}, {}), ({"0": 1}, {}), ({}, {"0": 1}), ({"1": 2}, {"0": 5}), ({"0": 1}, {"1": 1})]
)
def test_no_master_before_every_variant_and_the_sound_have_a_segment(
    h264: dict[str, int], audio: dict[str, int]
) -> None:
    _, job = make_transcode(h264=h264, audio=audio)
    assert error_code(lambda: playback.render_master(asset_of(job))) == "not_ready"
    assert error_code(lambda: playback.render_manifest(asset_of(job))) == "not_ready"


def test_a_silent_video_waits_for_no_sound() -> None:
    _, job = make_transcode(h264={"0": 1}, sound=False)
    text = playback.render_master(asset_of(job)).text
    assert "AUDIO" not in text


# --- lists ------------------------------------------------------------------------------------------


def test_while_it_is_transcoded_the_master_points_to_growing_lists() -> None:
    _, job = make_transcode(h264={"0": 1}, audio={"0": 1})
    rendered = playback.render_master(asset_of(job))
    names = [line for line in rendered.text.splitlines() if not line.startswith("#")]
    assert names == ["h264-720p/live.m3u8", "h264-480p/live.m3u8", "h264-360p/live.m3u8"]
    assert 'URI="aac-stereo/live.m3u8"' in rendered.text
    assert rendered.max_age_s == playback.GROWING_AGE_S


def test_when_it_is_done_the_master_points_to_the_finished_lists() -> None:
    video, job = make_transcode()
    asset = asset_of(job)
    complete(video, job)
    rendered = playback.render_master(asset)
    assert "live.m3u8" not in rendered.text
    assert "h264-720p/index.m3u8" in rendered.text
    assert rendered.max_age_s == playback.SETTLED_AGE_S


def test_a_growing_list_shows_the_ready_prefix_and_then_ends() -> None:
    _, job = make_transcode(h264={"0": 1, "1": 2, "4": 1}, audio={"0": 1})
    rendered = playback.render_growing(asset_of(job), "h264-480p")
    assert re.findall(r"seg_\d+", rendered.text) == ["seg_00000", "seg_00001", "seg_00002"]
    assert "ENDLIST" not in rendered.text
    assert rendered.max_age_s == playback.GROWING_AGE_S
    _, job = make_transcode(8, h264={"0": 1, "1": 2, "3": 2}, audio={"0": 5})
    rendered = playback.render_growing(asset_of(job), "h264-480p")
    assert rendered.text.endswith("#EXT-X-ENDLIST\n")
    assert rendered.max_age_s == playback.SETTLED_AGE_S


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_list_whose_job_gave_up_ends_where_it_is(status: str) -> None:
    _, job = make_transcode(h264={"0": 2}, audio={"0": 1}, status=status)
    text = playback.render_growing(asset_of(job), "h264-720p").text
    assert re.findall(r"seg_\d+", text) == ["seg_00000", "seg_00001"]
    assert "#EXT-X-ENDLIST" in text


def test_sound_grows_by_itself() -> None:
    _, job = make_transcode(h264={"0": 3}, audio={"0": 2})
    text = playback.render_growing(asset_of(job), "aac-stereo").text
    assert re.findall(r"seg_\d+", text) == ["seg_00000", "seg_00001"]


def test_a_list_without_segments_is_not_ready() -> None:
    _, job = make_transcode(audio={"0": 2})
    assert error_code(lambda: playback.render_growing(asset_of(job), "h264-720p")) == "not_ready"


def test_unknown_media() -> None:
    _, job = make_transcode(h264={"0": 1}, audio={"0": 1})
    assert error_code(lambda: playback.render_growing(asset_of(job), "h264-2160p")) == "media_not_found"
    assert error_code(lambda: playback.find_asset(7, "f" * 32)) == "media_not_found"
    assert error_code(lambda: playback.find_asset(8, job.asset_key)) == "media_not_found"


def test_media_that_is_not_planned_yet() -> None:
    _, job = make_transcode(plan=None, status="accepted")
    assert error_code(lambda: asset_of(job)) == "not_ready"


def test_the_manifest_grows_and_becomes_static() -> None:
    video, job = make_transcode(h264={"0": 2}, audio={"0": 1}, created_at_s=NOW_S)
    asset = asset_of(job)
    growing = ElementTree.fromstring(playback.render_manifest(asset).text)
    assert growing.get("type") == "dynamic"
    assert growing.get("availabilityStartTime") == "2027-01-15T07:59:50Z"
    complete(video, job)
    settled = ElementTree.fromstring(playback.render_manifest(asset).text)
    assert settled.get("type") == "static"
    sets = settled.findall(".//{*}AdaptationSet")
    assert [entry.get("contentType") for entry in sets] == ["video", "audio"]


def test_subtitles_join_with_the_finished_lists() -> None:
    subtitles = plan_subtitles([SubtitleTrack(0, "ass", "en"), SubtitleTrack(1, "ass", "fr")])
    plan = replace(make_plan(), subtitles=subtitles)
    found: dict[str, Any] = {"plan": plan.to_dict(), "subtitles": {"subtitles-2": 400}}
    video, job = make_transcode(h264={"0": 1}, audio={"0": 1}, **found)
    asset = asset_of(job)
    assert "SUBTITLES" not in playback.render_master(asset).text
    assert "text/vtt" not in playback.render_manifest(asset).text
    complete(video, job)
    master = playback.render_master(asset).text
    assert 'URI="subtitles-2/index.m3u8"' in master
    assert "subtitles-1" not in master
    assert "subtitles-2/subtitles.vtt" in playback.render_manifest(asset).text


# --- cost -------------------------------------------------------------------------------------------


def test_a_poll_of_a_growing_list_is_one_read(reads: list[str]) -> None:
    _, job = make_transcode(h264={"0": 1}, audio={"0": 1})
    playback.render_growing(asset_of(job), "h264-720p", NOW_S)
    reads.clear()
    for _ in range(5):
        playback.render_growing(asset_of(job), "h264-360p", NOW_S)
    assert reads == ["GetItem"] * 5


def test_finished_lists_tell_measured_rates() -> None:
    video, job = make_transcode(h264={"0": 2}, audio={"0": 1})
    complete(video, job)
    rung = asset_of(job).plan.renditions[0].name
    job.update(actions=[Job.sizes.set({rung: 1_000_000}), Job.peaks.set({rung: 1234})])
    asset = asset_of(job)
    average_bps = -(-8_000_000 // int(asset.plan.duration_s))
    assert f"AVERAGE-BANDWIDTH={average_bps + 128_000}," in playback.render_master(asset).text
    assert 'bandwidth="1234000"' in playback.render_manifest(asset).text
