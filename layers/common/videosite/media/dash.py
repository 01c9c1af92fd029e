"""MPEG-DASH manifest (ISO/IEC 23009-1) over the same segments as HLS."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from videosite.media.plan import AAC_FRAME_SAMPLES, SAMPLE_RATE, Plan

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
CHANNELS_SCHEME = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
UPDATE_S = 2


def manifest(
    plan: Plan,
    groups: Sequence[str],
    codecs: Mapping[str, str],
    ready: Mapping[str, int],
    ended: bool,
    start_time: str = "",
) -> str:
    """The MPD: an adaptation set per video codec and one for audio.

    `ready` maps rendition names to segments that can be fetched. Static when `ended`; else dynamic,
    with `start_time` (RFC 3339) as availabilityStartTime.
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
        mpd.set("minimumUpdatePeriod", f"PT{UPDATE_S}S")
        # Everything made so far may be fetched: a growing list keeps its beginning.
        mpd.set("suggestedPresentationDelay", f"PT{float(plan.duration_s):.0f}S")
    # Without it FFmpeg looks for the segments of `dir/manifest.mpd` below `dir/dir/`.
    SubElement(mpd, "BaseURL").text = "./"
    period = SubElement(mpd, "Period", {"id": "0", "start": "PT0S"})
    for group in (*groups, "audio"):
        names = [name for name in plan.renditions_of(group) if name in codecs and ready.get(name)]
        if names:
            _adaptation_set(period, plan, group, names, codecs, ready)
    indent(mpd)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(mpd, encoding="unicode") + "\n"


def _adaptation_set(
    period: Element,
    plan: Plan,
    group: str,
    names: Sequence[str],
    codecs: Mapping[str, str],
    ready: Mapping[str, int],
) -> None:
    kind = "audio" if group == "audio" else "video"
    parent = SubElement(
        period,
        "AdaptationSet",
        {"contentType": kind, "mimeType": f"{kind}/mp4", "segmentAlignment": "true", "startWithSAP": "1"},
    )
    if kind == "audio" and plan.audio:
        parent.set("lang", plan.audio.language)
        SubElement(
            parent,
            "AudioChannelConfiguration",
            {"schemeIdUri": CHANNELS_SCHEME, "value": str(plan.audio.channels)},
        )
    # One timeline for all: every rendition of a codec has the same segments; the shortest list counts.
    _segment_template(parent, plan, names[0], min(ready[name] for name in names))
    for name in names:
        attributes = {"id": name, "codecs": codecs[name]}
        if plan.audio and plan.is_audio(name):
            attributes |= {
                "bandwidth": str(plan.audio.bitrate_kbps * 1000),
                "audioSamplingRate": str(SAMPLE_RATE),
            }
        else:
            rung = next(rung for rung in plan.renditions if rung.name == name)
            attributes |= {
                "bandwidth": str(rung.maxrate_kbps * 1000),
                "width": str(rung.width),
                "height": str(rung.height),
                "frameRate": f"{plan.rate.numerator}/{plan.rate.denominator}",
                "sar": "1:1",
            }
        SubElement(parent, "Representation", attributes)


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
