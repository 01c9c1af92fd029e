"""HLS playlists."""

from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.unit.media.factories import SOURCES, TRACK, make_source
from videosite.media.hls import BitRate, master_playlist, media_playlist, subtitle_playlist
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source
from videosite.media.tracks import AudioTrack, SubtitleTrack

CODECS = {
    "h264-720p": "avc1.64001f",
    "h264-480p": "avc1.64001e",
    "h264-360p": "avc1.64001e",
    "aac-stereo": "mp4a.40.2",
}


def plan_of(seconds: int = 60, audio: tuple[AudioTrack, ...] = (TRACK,)) -> Plan:
    return make_plan(make_source(duration_s=Fraction(seconds), audio=audio))


def test_the_master() -> None:
    english = AudioTrack(0, "aac", 2, 48_000, "eng")
    assert master_playlist(plan_of(audio=(english,)), ["h264"], CODECS, live=False) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="eng",LANGUAGE="eng",DEFAULT=YES,AUTOSELECT=YES,'
        'CHANNELS="2",URI="aac-stereo/index.m3u8"\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=4328000,AVERAGE-BANDWIDTH=2928000,RESOLUTION=1280x720,"
        'FRAME-RATE=25.000,CODECS="avc1.64001f,mp4a.40.2",AUDIO="audio"\n'
        "h264-720p/index.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1928000,AVERAGE-BANDWIDTH=1328000,RESOLUTION=854x480,"
        'FRAME-RATE=25.000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"\n'
        "h264-480p/index.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1178000,AVERAGE-BANDWIDTH=828000,RESOLUTION=640x360,"
        'FRAME-RATE=25.000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"\n'
        "h264-360p/index.m3u8\n"
    )


def test_what_is_measured_is_told_instead_of_the_caps() -> None:
    rates = {"h264-720p": BitRate(2_000_000, 1_500_000), "aac-stereo": BitRate(130_000, 96_000)}
    text = master_playlist(plan_of(), ["h264"], CODECS, live=False, measured=rates)
    first, second, _ = attributes(text, "EXT-X-STREAM-INF")
    assert first.startswith("BANDWIDTH=2130000,AVERAGE-BANDWIDTH=1596000,")
    assert second.startswith("BANDWIDTH=1930000,AVERAGE-BANDWIDTH=1296000,")


def attributes(text: str, tag: str) -> list[str]:
    return [line.partition(":")[2] for line in text.splitlines() if line.startswith(f"#{tag}:")]


def test_each_group_has_every_track_and_each_variant_every_group() -> None:
    tracks = (AudioTrack(0, "ac3", 6, 48_000, "en"), AudioTrack(1, "aac", 2, 48_000, "und"))
    plan = plan_of(audio=tracks)
    codecs = CODECS | dict.fromkeys(plan.renditions_of("audio"), "mp4a.40.2")
    text = master_playlist(plan, ["h264"], codecs, live=False)
    english = 'NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES'
    other = 'NAME="Track 2",DEFAULT=NO,AUTOSELECT=YES'
    assert attributes(text, "EXT-X-MEDIA") == [
        f'TYPE=AUDIO,GROUP-ID="audio",{english},CHANNELS="2",URI="aac-stereo/index.m3u8"',
        f'TYPE=AUDIO,GROUP-ID="audio",{other},CHANNELS="2",URI="aac-stereo-2/index.m3u8"',
        f'TYPE=AUDIO,GROUP-ID="surround",{english},CHANNELS="6",URI="aac-surround/index.m3u8"',
        f'TYPE=AUDIO,GROUP-ID="surround",{other},CHANNELS="2",URI="aac-stereo-2/index.m3u8"',
    ]
    variants = attributes(text, "EXT-X-STREAM-INF")
    assert [line.rsplit(",", 1)[1] for line in variants] == ['AUDIO="audio"'] * 3 + ['AUDIO="surround"'] * 3
    rates = [int(line.split("=")[1].split(",")[0]) for line in variants]
    assert [more - less for less, more in zip(rates[:3], rates[3:], strict=True)] == [256_000] * 3
    assert all('CODECS="avc1.6400' in line and ',mp4a.40.2",' in line for line in variants)
    lists = [line for line in text.splitlines() if not line.startswith("#")]
    assert lists[:3] == lists[3:]


def test_subtitles_are_listed_with_every_variant() -> None:
    found = (
        SubtitleTrack(0, "subrip", "de", forced=True),
        SubtitleTrack(3, "ass", "und", "SDH", False, True),
    )
    plan = make_plan(make_source(subtitles=found))
    text = master_playlist(plan, ["h264"], CODECS, live=False, subtitles=plan.subtitles)
    german, deaf = attributes(text, "EXT-X-MEDIA")[1:]
    assert german == (
        'TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,'
        'FORCED=YES,URI="subtitles-1/index.m3u8"'
    )
    assert 'NAME="SDH",DEFAULT=NO' in deaf
    assert 'CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,' in deaf
    assert all(line.endswith(',SUBTITLES="subtitles"') for line in attributes(text, "EXT-X-STREAM-INF"))
    assert "SUBTITLES" not in master_playlist(plan, ["h264"], CODECS, live=False)


def test_a_subtitle_list_is_one_segment_as_long_as_the_video() -> None:
    lines = subtitle_playlist(plan_of(61)).splitlines()
    assert lines[2:] == [
        "#EXT-X-TARGETDURATION:61", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXTINF:61.000000,", "subtitles.vtt", "#EXT-X-ENDLIST",
    ]  # fmt: skip


def test_a_growing_master_points_to_growing_lists() -> None:
    text = master_playlist(plan_of(), ["h264"], CODECS, live=True)
    assert "index.m3u8" not in text
    assert text.count("live.m3u8") == 4


def test_without_sound_none_is_promised() -> None:
    text = master_playlist(plan_of(audio=()), ["h264"], CODECS, live=False)
    assert "AUDIO" not in text
    assert "mp4a" not in text


def test_only_what_has_segments_and_is_asked_for() -> None:
    some = {name: CODECS[name] for name in ("h264-360p", "aac-stereo")}
    assert master_playlist(plan_of(), ["h264"], some, live=True).count("STREAM-INF") == 1
    assert "STREAM-INF" not in master_playlist(plan_of(), ["av1"], CODECS, live=True)


def test_a_growing_list() -> None:
    assert media_playlist(plan_of(), "h264-720p", 2, ended=False) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-TARGETDURATION:2\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:EVENT\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n"
        '#EXT-X-MAP:URI="init.mp4"\n'
        "#EXTINF:2.000000,\n"
        "seg_00000.m4s\n"
        "#EXTINF:2.000000,\n"
        "seg_00001.m4s\n"
    )


def test_a_finished_list() -> None:
    text = media_playlist(plan_of(5), "h264-720p", 3, ended=True, kind="VOD")
    assert "EXT-X-START" not in text
    assert "#EXT-X-PLAYLIST-TYPE:VOD\n" in text
    assert text.endswith("#EXTINF:1.000000,\nseg_00002.m4s\n#EXT-X-ENDLIST\n")


def test_a_growing_list_only_grows() -> None:
    plan = plan_of()
    before = media_playlist(plan, "aac-stereo", 7, ended=False)
    assert media_playlist(plan, "aac-stereo", 9, ended=True).startswith(before)


@given(SOURCES)
@settings(deadline=None)
def test_lengths_sum_to_the_duration(source: Source) -> None:
    plan = make_plan(source)
    for group in plan.groups:
        name = plan.renditions_of(group)[0]
        text = media_playlist(plan, name, plan.segments_of(name), ended=True)
        lengths = [Fraction(line[8:-1]) for line in text.splitlines() if line.startswith("#EXTINF:")]
        exact_s = sum(
            (plan.segment_duration_s(name, n) for n in range(plan.segments_of(name))), start=Fraction(0)
        )
        assert abs(sum(lengths, start=Fraction(0)) - exact_s) <= Fraction(1, 2_000_000)
        assert group == "audio" or exact_s == plan.duration_s
        target = int(text.split("#EXT-X-TARGETDURATION:")[1].split("\n")[0])
        assert all(length < target + Fraction(1, 2) for length in lengths)
        first = plan.segment_duration_s(name, 0)
        assert all(length <= first + Fraction(1, 1_000_000) for length in lengths)


@pytest.mark.parametrize("name", ["h264-720p", "aac-stereo"])
def test_the_list_of_ten_hours_is_small(name: str) -> None:
    plan = plan_of(36_000)
    assert len(media_playlist(plan, name, plan.segments_of(name), ended=True)) < 300_000
