"""Uploaded tracks: their rows, their objects, and how players find them."""

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import forget_process, kept_client
from tests.unit.library.conftest import MEDIA_SECRET, PUBLIC_URL
from tests.unit.library.factories import complete, make_transcode
from videosite.errors import BadInputError, BrokenFileError, ConflictError, ForbiddenError, NotFoundError
from videosite.library import captions, media_token, playback, subtitles
from videosite.store import objects
from videosite.store.tables import Subtitle, Video
from videosite.store.transactions import applied

pytestmark = pytest.mark.usefixtures("site")

NOW_S = 1_800_000_000.0
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
LATER = SRT.replace(b"Hello", b"Good day")


@pytest.fixture
def asset() -> playback.Asset:
    """A finished video."""
    video, job = make_transcode()
    complete(video, job)
    return playback.find_asset(job.video_id, job.asset_key)


def stored() -> dict[str, bytes]:
    """Every object of subtitles."""
    s3 = kept_client("s3")
    listed = s3.list_objects_v2(Bucket="media", Prefix="subtitles/").get("Contents", [])
    keys = [item["Key"] for item in listed]
    return {key: s3.get_object(Bucket="media", Key=key)["Body"].read() for key in keys}


def code(call: object) -> str:
    with pytest.raises((BadInputError, ConflictError, NotFoundError, ForbiddenError)) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


# --- uploading --------------------------------------------------------------------------------------


def test_original_and_webvtt_are_stored() -> None:
    row = subtitles.upload_subtitle(7, "ger", SRT, label='Mine "quoted"\n')
    assert (row.language, row.label, row.format, row.encoding, row.cues) == (
        "de",
        "Mine quoted",
        "srt",
        "utf-8",
        1,
    )
    found = stored()
    assert found.keys() == {"subtitles/video_7_de.srt", "subtitles/video_7_de.vtt"}
    assert found["subtitles/video_7_de.srt"] == SRT
    assert b"00:00:01.000 --> 00:00:02.000\nHello\n" in found["subtitles/video_7_de.vtt"]
    assert row.etag == captions.etag_of(found["subtitles/video_7_de.vtt"])
    head = kept_client("s3").head_object(Bucket="media", Key="subtitles/video_7_de.srt")
    assert head["ContentType"] == "application/octet-stream"


def test_an_uploaded_webvtt_is_beside_the_one_that_is_played() -> None:
    original = b"WEBVTT\n\nSTYLE\n::cue{}\n\n00:01.000 --> 00:02.000\n<script>x\n"
    row = subtitles.upload_subtitle(7, "en", original)
    assert subtitles.read_file(row, original=True) == original
    assert b"STYLE" not in subtitles.read_file(row, original=False)
    assert len(stored()) == 2


def test_another_upload_replaces_the_track() -> None:
    first = subtitles.upload_subtitle(7, "en", SRT, label="Commentary", default=True)
    second = subtitles.upload_subtitle(7, "en", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n")
    assert (second.label, second.default, second.format) == ("Commentary", True, "vtt")
    assert second.etag != first.etag
    assert stored().keys() == {"subtitles/video_7_en.original.vtt", "subtitles/video_7_en.vtt"}


def test_a_refused_file_changes_nothing() -> None:
    subtitles.upload_subtitle(7, "en", SRT)
    before = stored()
    with pytest.raises(BrokenFileError):
        subtitles.upload_subtitle(7, "en", SRT.replace(b"-->", b"to"))
    assert stored() == before


@pytest.mark.parametrize(
    ("given", "language"),
    [("EN", "en"), ("pt_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("eng", "en"), ("und", "und")],
)
def test_languages_have_one_spelling(given: str, language: str) -> None:
    assert subtitles.canonical_language(given) == language


@pytest.mark.parametrize("language", ["x", "../7", "en_", "english", "e\u0301n", "en/../x"])
def test_odd_languages_are_refused(language: str) -> None:
    assert code(lambda: subtitles.upload_subtitle(7, language, SRT)) == "bad_language"


def test_two_uploads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds that the first was faster, before it has written anything."""
    subtitles.upload_subtitle(7, "en", SRT)

    def meanwhile(*_: object) -> bool:
        monkeypatch.undo()
        subtitles.upload_subtitle(7, "en", LATER)
        return False

    monkeypatch.setattr(subtitles, "applied", lambda write: meanwhile() or applied(write))
    assert code(lambda: subtitles.upload_subtitle(7, "en", SRT)) == "changed_meanwhile"
    row = subtitles.get_subtitle(7, "en")
    assert b"Good day" in captions.read_vtt(row)


def test_the_files_of_a_track_are_of_one_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody comes between a row and its files."""
    subtitles.upload_subtitle(7, "en", SRT)
    put = objects.put
    codes: list[str] = []

    def slowly(*args: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(objects, "put", put)
            for other in (
                lambda: subtitles.upload_subtitle(7, "en", SRT),
                lambda: subtitles.change_subtitle(7, "en", shift_ms=5),
                lambda: subtitles.change_subtitle(7, "en", label="mine"),
                lambda: subtitles.delete_subtitle(7, "en"),
            ):
                codes.append(code(other))
        put(*args)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", slowly)
        row = subtitles.upload_subtitle(7, "en", LATER)
    assert set(codes) == {"changed_meanwhile"}
    assert captions.etag_of(subtitles.read_file(row, original=False)) == row.etag
    assert subtitles.read_file(row, original=True) == LATER
    assert subtitles.change_subtitle(7, "en", label="mine").label == "mine"


def test_an_upload_that_failed_or_died_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    subtitles.upload_subtitle(7, "en", SRT)
    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            subtitles.upload_subtitle(7, "en", LATER)
    row = subtitles.upload_subtitle(7, "en", LATER)
    row.update([Subtitle.busy_until_s.set(time.time() + 1)])
    assert code(lambda: subtitles.upload_subtitle(7, "en", SRT)) == "changed_meanwhile"
    row.update([Subtitle.busy_until_s.set(time.time() - 1)])
    assert subtitles.upload_subtitle(7, "en", SRT).busy_until_s is None


def test_tracks_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subtitles, "MAX_TRACKS", 2)
    for language in ("en", "de", "en"):
        subtitles.upload_subtitle(7, language, SRT)
    assert code(lambda: subtitles.upload_subtitle(7, "fr", SRT)) == "too_many_tracks"
    subtitles.upload_subtitle(8, "fr", SRT)


# --- changing ---------------------------------------------------------------------------------------


def test_a_shift_counts_from_the_file() -> None:
    first = subtitles.upload_subtitle(7, "en", SRT, shift_ms=500)
    assert b"00:00:01.500 -->" in captions.read_vtt(first)
    second = subtitles.change_subtitle(7, "en", shift_ms=-250)
    assert b"00:00:00.750 -->" in captions.read_vtt(second)
    assert (second.shift_ms, subtitles.get_subtitle(7, "en").shift_ms) == (-250, -250)
    assert code(lambda: subtitles.change_subtitle(7, "en", shift_ms=-3000)) == "bad_shift"
    assert code(lambda: subtitles.change_subtitle(7, "en", shift_ms=3_600_001)) == "bad_shift"


def test_a_wrong_guess_is_corrected() -> None:
    polish = "1\n00:00:01,000 --> 00:00:02,000\nZażółć gęślą\n"
    row = subtitles.upload_subtitle(7, "en", polish.encode("cp1250"))
    assert row.encoding != "windows-1250"
    row = subtitles.change_subtitle(7, "en", encoding="windows-1250")
    assert row.encoding == "windows-1250"
    assert "Zażółć gęślą".encode() in captions.read_vtt(row)
    assert code(lambda: subtitles.change_subtitle(7, "en", encoding="utf-8")) == "bad_encoding"


def test_one_track_is_the_default_or_none() -> None:
    for language in ("de", "en", "fr"):
        subtitles.upload_subtitle(7, language, SRT, default=language != "de")
    assert [row.language for row in captions.load_tracks(7) if row.default] == ["fr"]
    subtitles.change_subtitle(7, "de", default=True)
    assert [row.language for row in captions.load_tracks(7) if row.default] == ["de"]
    subtitles.change_subtitle(7, "de", default=False, label="New")
    rows = captions.load_tracks(7)
    assert [row.label for row in rows] == ["New", "English", "Français"]
    assert not any(row.default for row in rows)
    assert code(lambda: subtitles.change_subtitle(7, "de", label=" \n")) == "bad_label"


def test_two_who_make_defaults_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("de", "en", "fr"):
        subtitles.upload_subtitle(7, language, SRT)
    load = captions.load_tracks

    def other_first(video_id: int) -> list[Subtitle]:
        found = load(video_id)
        monkeypatch.setattr(subtitles, "load_tracks", load)
        subtitles.change_subtitle(7, "en", default=True)
        return found

    monkeypatch.setattr(subtitles, "load_tracks", other_first)
    assert code(lambda: subtitles.change_subtitle(7, "fr", default=True)) == "changed_meanwhile"
    assert [row.language for row in captions.load_tracks(7) if row.default] == ["en"]


def test_a_change_of_the_label_keeps_the_default_another_has_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    subtitles.upload_subtitle(7, "de", SRT, default=True)
    subtitles.upload_subtitle(7, "en", SRT)
    get = subtitles.get_subtitle

    def other_first(video_id: int, language: str) -> Subtitle:
        found = get(video_id, language)
        monkeypatch.setattr(subtitles, "get_subtitle", get)
        subtitles.change_subtitle(7, "en", default=True)
        return found

    monkeypatch.setattr(subtitles, "get_subtitle", other_first)
    assert code(lambda: subtitles.change_subtitle(7, "de", label="New")) == "changed_meanwhile"
    assert [row.language for row in captions.load_tracks(7) if row.default] == ["en"]


def test_nothing_of_a_deleted_track_is_left() -> None:
    subtitles.upload_subtitle(7, "en", SRT)
    subtitles.upload_subtitle(70, "en", SRT)
    subtitles.delete_subtitle(7, "EN")
    assert stored().keys() == {"subtitles/video_70_en.srt", "subtitles/video_70_en.vtt"}
    assert captions.load_tracks(7) == []
    assert code(lambda: subtitles.delete_subtitle(7, "en")) == "subtitle_not_found"
    assert code(lambda: subtitles.change_subtitle(7, "en", label="x")) == "subtitle_not_found"


# --- addresses --------------------------------------------------------------------------------------


def test_the_address_for_a_week_opens_the_track_and_nothing_beside_it() -> None:
    """What was uploaded is its owner's."""
    row = subtitles.upload_subtitle(7, "en", SRT)
    found = subtitles.get_subtitle_url(7, "en", NOW_S)
    match = re.fullmatch(rf"{PUBLIC_URL}/m/([^/]+)/(subtitles/video_7_en\.vtt)\?v={row.etag}", found)
    assert match
    media_token.verify(match[1], match[2], MEDIA_SECRET, NOW_S + 604_799)
    for path, at_s in (
        (match[2], NOW_S + 604_800),
        ("subtitles/video_70_en.vtt", NOW_S),
        ("subtitles/video_7_en.srt", NOW_S),
        ("subtitles/video_7_en.original.vtt", NOW_S),
        ("subtitles/video_7_de.vtt", NOW_S),
    ):
        with pytest.raises(ForbiddenError):
            media_token.verify(match[1], path, MEDIA_SECRET, at_s)


def test_it_is_signed_by_the_readers_key_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    subtitles.upload_subtitle(7, "en", SRT)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-role")
    monkeypatch.setenv("VIDEOSITE_STORAGE_PUBLIC_ENDPOINT", "https://storage.example.org")
    monkeypatch.setenv("VIDEOSITE_STORAGE_PATH_STYLE", "true")
    monkeypatch.setenv("VIDEOSITE_STORAGE_READER_ACCESS_KEY", "AKIAREADER")
    monkeypatch.setenv("VIDEOSITE_STORAGE_READER_SECRET_KEY", "secret")
    monkeypatch.setenv("VIDEOSITE_MEDIA_SECRET_ARN", "media-secret")
    forget_process()
    parts = urlsplit(subtitles.get_subtitle_url(7, "en"))
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("storage.example.org", "/media/subtitles/video_7_en.vtt")
    assert query["X-Amz-Expires"] == ["604800"]
    assert query["X-Amz-Credential"][0].startswith("AKIAREADER/")
    assert "X-Amz-Security-Token" not in query


# --- players ----------------------------------------------------------------------------------------


def subtitle_lines(asset: playback.Asset) -> list[str]:
    text = playback.render_master(asset).text
    return [line for line in text.splitlines() if "TYPE=SUBTITLES" in line]


def test_a_new_track_is_in_the_lists_at_once(asset: playback.Asset) -> None:
    assert subtitle_lines(asset) == []
    row = subtitles.upload_subtitle(7, "en", SRT, default=True)
    subtitles.upload_subtitle(7, "de", SRT, label="English")
    german, english = subtitle_lines(asset)
    assert 'NAME="English",LANGUAGE="de",DEFAULT=NO' in german
    assert 'NAME="English #2",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES' in english
    assert english.endswith(f'URI="captions/en.{row.etag}.m3u8"')
    manifest = playback.render_manifest(asset).text
    assert f"<BaseURL>captions/en.{row.etag}.vtt</BaseURL>" in manifest
    assert manifest.count('value="main"') == 2  # of the sound, and of the default

    rendered = playback.render_caption(asset, f"en.{row.etag}.m3u8")
    assert f"\nen.{row.etag}.vtt\n" in rendered.text
    rendered = playback.render_caption(asset, f"en.{row.etag}.vtt")
    assert (rendered.content_type, "Hello" in rendered.text) == (captions.VTT_TYPE, True)


def test_replaced_and_deleted_tracks_vanish(asset: playback.Asset) -> None:
    first = subtitles.upload_subtitle(7, "en", SRT)
    second = subtitles.upload_subtitle(7, "en", LATER)
    files = [
        f"en.{first.etag}.vtt",
        f"en.{first.etag}.m3u8",
        "de.0000000000000000.vtt",
        "en.vtt",
        "..",
        "en.x.vtt",
    ]
    for file in files:
        assert code(lambda file=file: playback.render_caption(asset, file)) == "subtitle_not_found"
    assert "Good day" in playback.render_caption(asset, f"en.{second.etag}.vtt").text
    subtitles.delete_subtitle(7, "en")
    assert code(lambda: playback.render_caption(asset, f"en.{second.etag}.vtt")) == "subtitle_not_found"
    assert subtitle_lines(asset) == []


def test_a_growing_master_names_no_subtitles() -> None:
    """RFC 8216, 6.2.4: growing lists would need the video's target duration."""
    _, job = make_transcode(8, h264={"0": 1}, audio={"0": 1})
    subtitles.upload_subtitle(8, "en", SRT)
    assert subtitle_lines(playback.find_asset(8, job.asset_key)) == []


def test_a_track_outlives_a_new_transcode(asset: playback.Asset) -> None:
    subtitles.upload_subtitle(7, "en", SRT)
    Video(7).update(actions=[Video.active_generation.set(2)])
    assert [row.language for row in Subtitle.query(7, Subtitle.item.startswith("subtitle#"))] == ["en"]
    assert len(subtitle_lines(asset)) == 1
