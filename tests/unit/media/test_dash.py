"""The DASH manifest says the same as HLS, in its own words."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from tests.unit.media.factories import SOURCES, make_source
from videosite.media.dash import manifest
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source
from videosite.media.tracks import AudioTrack, SubtitleTrack

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
CODECS = {
    "h264-720p": "avc1.64001f",
    "h264-480p": "avc1.64001e",
    "h264-360p": "avc1.64001e",
    "aac-stereo": "mp4a.40.2",
}


def parse(plan: Plan, ready: int | None = None, codecs: dict[str, str] | None = None) -> ElementTree.Element:
    """The manifest with `ready` segments of each rendition, or finished."""
    names = [name for group in plan.groups for name in plan.renditions_of(group)]
    text = manifest(
        plan,
        ["h264"],
        codecs or dict.fromkeys(names, "avc1.64001f"),
        {name: plan.segments_of(name) if ready is None else ready for name in names},
        ended=ready is None,
        start_time="2026-01-01T00:00:00Z",
    )
    return ElementTree.fromstring(text)


def timeline(group: ElementTree.Element) -> list[tuple[int, int]]:
    """(start, duration) of each segment an adaptation set lists, in its timescale."""
    found = []
    for entry in group.iter(f"{MPD}S"):
        start, length = int(entry.attrib["t"]), int(entry.attrib["d"])
        found += [(start + n * length, length) for n in range(int(entry.attrib.get("r", 0)) + 1)]
    return found


@given(SOURCES)
@settings(deadline=None)
def test_every_segment_is_listed_at_its_time(source: Source) -> None:
    plan = make_plan(source)
    root = parse(plan)
    for group in root.iter(f"{MPD}AdaptationSet"):
        name = group.findall(f"{MPD}Representation")[0].attrib["id"]
        unit = 1024 if plan.is_audio(name) else plan.ticks_per_frame
        wanted = [plan.expected(name, number) for number in range(plan.segments_of(name))]
        start_of = 1024 if plan.is_audio(name) else unit
        assert timeline(group) == [(tfdt, samples * start_of) for tfdt, samples in wanted]


def test_a_finished_manifest() -> None:
    root = parse(make_plan(make_source()), codecs=CODECS)
    assert root.attrib["type"] == "static"
    assert root.attrib["mediaPresentationDuration"] == "PT60.000000S"
    assert "availabilityStartTime" not in root.attrib
    ids = [entry.attrib["id"] for entry in root.iter(f"{MPD}Representation")]
    assert ids == ["h264-720p", "h264-480p", "h264-360p", "aac-stereo"]
    assert [entry.attrib["codecs"] for entry in root.iter(f"{MPD}Representation")] == list(CODECS.values())
    template = next(root.iter(f"{MPD}SegmentTemplate"))
    assert template.attrib["media"] == "$RepresentationID$/seg_$Number%05d$.m4s"
    assert template.attrib["initialization"] == "$RepresentationID$/init.mp4"
    assert template.attrib["startNumber"] == "0"


def test_a_growing_manifest_asks_to_be_read_again() -> None:
    root = parse(make_plan(make_source()), ready=3)
    assert root.attrib["type"] == "dynamic"
    assert root.attrib["availabilityStartTime"] == "2026-01-01T00:00:00Z"
    assert "mediaPresentationDuration" not in root.attrib
    assert all(len(timeline(group)) == 3 for group in root.iter(f"{MPD}AdaptationSet"))


@pytest.mark.parametrize("missing", ["h264-720p", "aac-stereo"])
def test_a_rendition_without_a_codec_is_left_out(missing: str) -> None:
    codecs = {name: codec for name, codec in CODECS.items() if name != missing}
    ids = [
        entry.attrib["id"]
        for entry in parse(make_plan(make_source()), codecs=codecs).iter(f"{MPD}Representation")
    ]
    assert ids == list(codecs)


def test_every_track_has_its_set() -> None:
    source = make_source(
        audio=(AudioTrack(0, "ac3", 6, 48_000, "en"), AudioTrack(1, "aac", 1, 48_000, "und")),
        subtitles=(SubtitleTrack(0, "subrip", "de"), SubtitleTrack(1, "subrip", "de", "SDH", False, True)),
    )
    plan = make_plan(source)
    names = [*plan.renditions_of("h264"), *plan.renditions_of("audio")]
    text = manifest(
        plan, ["h264"], dict.fromkeys(names, "x"), dict.fromkeys(names, 1), True, "", plan.subtitles
    )
    sets = ElementTree.fromstring(text).findall(f".//{MPD}AdaptationSet")[1:]
    told = [
        (
            entry.get("contentType"), entry.get("lang"), entry.findtext(f"{MPD}Label"),
            entry.find(f"{MPD}Role").get("value"),  # type: ignore[union-attr]
            [it.get("id") for it in entry.findall(f"{MPD}Representation")],
        )
        for entry in sets
    ]  # fmt: skip
    assert told == [
        ("audio", "en", "English", "main", ["aac-stereo"]),
        ("audio", "en", "English", "main", ["aac-surround"]),
        ("audio", "und", "Track 2", "alternate", ["aac-stereo-2"]),
        ("text", "de", "Deutsch", "subtitle", ["subtitles-1"]),
        ("text", "de", "SDH", "caption", ["subtitles-2"]),
    ]
    assert [it.get("value") for it in sets[1].findall(f"{MPD}AudioChannelConfiguration")] == ["6"]
    assert sets[3].findtext(f".//{MPD}BaseURL") == "subtitles-1/subtitles.vtt"


def test_addresses_are_relative_to_the_manifest() -> None:
    """Said outright before the period: FFmpeg gets `dir/manifest.mpd` wrong otherwise."""
    root = parse(make_plan(make_source()))
    assert [child.tag for child in root][:2] == [f"{MPD}BaseURL", f"{MPD}Period"]
    assert root.findtext(f"{MPD}BaseURL") == "./"
