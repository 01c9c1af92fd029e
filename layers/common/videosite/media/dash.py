"""MPEG-DASH manifest (ISO/IEC 23009-1) over the same segments as HLS."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from videosite.media.hls import BitRate
from videosite.media.plan import Plan
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE, AudioRendition
from videosite.media.subtitles import TextTrack

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
CHANNELS_SCHEME = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
CLOCK_SCHEME = "urn:mpeg:dash:utc:direct:2014"
ROLE_SCHEME = "urn:mpeg:dash:role:2011"
SUBTITLE_BPS = 1000
"""About ten words a second."""
UPDATE_S = 2


def manifest(
    plan: Plan,
    groups: Sequence[str],
    codecs: Mapping[str, str],
    ready: Mapping[str, int],
    ended: bool,
    start_time: str = "",
    subtitles: Sequence[TextTrack] = (),
    measured: Mapping[str, BitRate] | None = None,
    now: str = "",
) -> str:
    """The MPD: an adaptation set per video codec, one per audio rendition, one per track of `subtitles`.

    `ready` maps rendition names to segments that can be fetched. Static when `ended`; else dynamic,
    with `start_time` (RFC 3339) as availabilityStartTime, and `now`, which tells players what the time is:
    their own clock may be wrong. `measured`: as in `hls.master_playlist`.
    """
    mpd = Element(
        "MPD",
        {
            "xmlns": NAMESPACE,
            "profiles": PROFILE,
            "type": "static" if ended else "dynamic",
            "minBufferTime": "PT2S",
        },
    )
    if ended:
        mpd.set("mediaPresentationDuration", f"PT{float(plan.duration_s):.6f}S")
    else:
        mpd.set("availabilityStartTime", start_time)
        mpd.set("publishTime", now)
        mpd.set("minimumUpdatePeriod", f"PT{UPDATE_S}S")
        # Everything made so far may be fetched: a growing list keeps its beginning.
        mpd.set("suggestedPresentationDelay", f"PT{float(plan.duration_s):.0f}S")
    # Without it FFmpeg looks for the segments of `dir/manifest.mpd` below `dir/dir/`.
    SubElement(mpd, "BaseURL").text = "./"
    peaks = {name: rate.peak_bps for name, rate in (measured or {}).items()}
    period = SubElement(mpd, "Period", {"id": "0", "start": "PT0S"})
    for group in groups:
        names = [name for name in plan.renditions_of(group) if name in codecs and ready.get(name)]
        if names:
            _video_set(period, plan, names, codecs, peaks, min(ready[name] for name in names))
    for track in plan.audio.renditions if plan.audio else ():
        if track.name in codecs and ready.get(track.name):
            _audio_set(period, plan, track, codecs[track.name], peaks, ready[track.name])
    for text in subtitles:
        _subtitle_set(period, text)
    if not ended:
        SubElement(mpd, "UTCTiming", {"schemeIdUri": CLOCK_SCHEME, "value": now})
    indent(mpd)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(mpd, encoding="unicode") + "\n"


def _adaptation_set(period: Element, kind: str) -> Element:
    return SubElement(
        period,
        "AdaptationSet",
        {"contentType": kind, "mimeType": f"{kind}/mp4", "segmentAlignment": "true", "startWithSAP": "1"},
    )


def _video_set(
    period: Element,
    plan: Plan,
    names: Sequence[str],
    codecs: Mapping[str, str],
    peaks_bps: Mapping[str, int],
    ready: int,
) -> None:
    """All renditions of a codec. They have one timeline, since all have the same segments."""
    parent = _adaptation_set(period, "video")
    _segment_template(parent, plan, names[0], ready)
    for rung in plan.renditions:
        if rung.name in names:
            attributes = {
                "id": rung.name,
                "codecs": codecs[rung.name],
                "bandwidth": str(peaks_bps.get(rung.name, rung.maxrate_kbps * 1000)),
                "width": str(rung.width),
                "height": str(rung.height),
                "frameRate": f"{plan.rate.numerator}/{plan.rate.denominator}",
                "sar": "1:1",
            }
            SubElement(parent, "Representation", attributes)


def _audio_set(
    period: Element, plan: Plan, track: AudioRendition, codec: str, peaks_bps: Mapping[str, int], ready: int
) -> None:
    parent = _adaptation_set(period, "audio")
    parent.set("lang", track.language)
    SubElement(
        parent, "AudioChannelConfiguration", {"schemeIdUri": CHANNELS_SCHEME, "value": str(track.channels)}
    )
    SubElement(parent, "Label").text = track.label
    first = plan.audio is not None and track.stream_index == plan.audio.renditions[0].stream_index
    SubElement(parent, "Role", {"schemeIdUri": ROLE_SCHEME, "value": "main" if first else "alternate"})
    _segment_template(parent, plan, track.name, ready)
    attributes = {
        "id": track.name,
        "codecs": codec,
        "bandwidth": str(peaks_bps.get(track.name, track.bitrate_kbps * 1000)),
        "audioSamplingRate": str(SAMPLE_RATE),
    }
    SubElement(parent, "Representation", attributes)


def _subtitle_set(period: Element, track: TextTrack) -> None:
    """One WebVTT file for the whole video, beside the segments."""
    parent = SubElement(
        period, "AdaptationSet", {"contentType": "text", "mimeType": "text/vtt", "lang": track.language}
    )
    SubElement(parent, "Label").text = track.label
    role = "forced-subtitle" if track.forced else "caption" if track.hearing_impaired else "subtitle"
    for value in [role, "main"] if track.default else [role]:
        SubElement(parent, "Role", {"schemeIdUri": ROLE_SCHEME, "value": value})
    representation = SubElement(parent, "Representation", {"id": track.name, "bandwidth": str(SUBTITLE_BPS)})
    SubElement(representation, "BaseURL").text = track.file


def _segment_template(parent: Element, plan: Plan, name: str, ready: int) -> None:
    audio = plan.is_audio(name)
    template = SubElement(
        parent,
        "SegmentTemplate",
        {
            "timescale": str(SAMPLE_RATE if audio else plan.timescale),
            "initialization": "$RepresentationID$/init.mp4",
            "media": "$RepresentationID$/seg_$Number%05d$.m4s",
            "startNumber": "0",
        },
    )
    timeline = SubElement(template, "SegmentTimeline")
    ticks = AAC_FRAME_SAMPLES if audio else plan.ticks_per_frame
    start, repeats, last = 0, -1, 0
    for number in range(ready):
        _, samples = plan.expected(name, number)
        if repeats >= 0 and samples != last:
            SubElement(timeline, "S", {"t": str(start), "d": str(last * ticks), "r": str(repeats)})
            start, repeats = plan.expected(name, number)[0], -1
        repeats, last = repeats + 1, samples
    if repeats >= 0:
        SubElement(timeline, "S", {"t": str(start), "d": str(last * ticks), "r": str(repeats)})
