"""HLS playlists (RFC 8216) from the plan: a segment's name and length are known before it exists."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Literal, NamedTuple

from videosite.media.ladder import Rendition
from videosite.media.languages import UNKNOWN
from videosite.media.plan import Plan
from videosite.media.sound import STEREO, SURROUND, AudioRendition
from videosite.media.subtitles import SUBTITLES_FILE, TextTrack

AUDIO_GROUPS = {STEREO: "audio", SURROUND: "surround"}
SUBTITLE_GROUP = "subtitles"
VERSION = 7
MICRO = 1_000_000
PEAK_SLACK = {"h264": Fraction(1), "av1": Fraction(5, 4)}
"""SVT-AV1 holds its cap less strictly: 749 kbit/s in a segment where 690 were allowed (noise with cuts)."""


class BitRate(NamedTuple):
    """Of a rendition, as measured when it is complete."""

    peak_bps: int
    """Of its largest segment."""
    average_bps: int


def master_playlist(
    plan: Plan,
    groups: Sequence[str],
    codecs: Mapping[str, str],
    live: bool,
    subtitles: Sequence[TextTrack] = (),
    measured: Mapping[str, BitRate] | None = None,
) -> str:
    """The master: variants of the video `groups`, largest first, with every track of the sound.

    Where tracks have more than two channels, each variant is there twice: with all tracks in stereo, and
    with those that have it in 5.1. `codecs` maps rendition names to exact codec strings; a rendition
    without one is left out, since it has no segment yet. `live`: point to the growing playlists instead
    of the finished ones. `subtitles`: the tracks to list. `measured`: bit rates by rendition; of the others
    the caps are told.
    """
    file = "live.m3u8" if live else "index.m3u8"
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    sounds = _audio_groups(plan, codecs)
    for group, tracks in sounds.items():
        heard: set[str] = set()
        for track in tracks:
            lines.append(_audio_media(group, track, file, track == tracks[0], track.language not in heard))
            heard.add(track.language)
    lines += [_subtitle_media(track) for track in subtitles]
    for group, tracks in (sounds or {"": []}).items():
        for rendition in plan.renditions:
            if rendition.codec in groups and rendition.name in codecs:
                attributes = _stream_inf(plan, rendition, tracks, codecs, measured or {})
                attributes += f',AUDIO="{group}"' if group else ""
                attributes += f',SUBTITLES="{SUBTITLE_GROUP}"' if subtitles else ""
                lines += [f"#EXT-X-STREAM-INF:{attributes}", f"{rendition.name}/{file}"]
    return "\n".join(lines) + "\n"


def _audio_groups(plan: Plan, codecs: Mapping[str, str]) -> dict[str, list[AudioRendition]]:
    """Group → one rendition of each track. All groups have the same tracks (RFC 8216, 4.3.4.1.1)."""
    found = {}
    for channels in plan.audio.layouts if plan.audio else ():
        tracks = plan.audio.with_layout(channels) if plan.audio else []
        known = [track for track in tracks if track.name in codecs]
        if known:
            found[AUDIO_GROUPS[channels]] = known
    return found


def _audio_media(group: str, track: AudioRendition, file: str, default: bool, first: bool) -> str:
    """`first` of its language: players choose by language among those that they may choose by themselves."""
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group}",NAME="{track.label}",{_language(track.language)}'
        f"DEFAULT={'YES' if default else 'NO'},AUTOSELECT={'YES' if first else 'NO'},"
        f'CHANNELS="{track.channels}",URI="{track.name}/{file}"'
    )


def _subtitle_media(track: TextTrack) -> str:
    heard = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{SUBTITLE_GROUP}",NAME="{track.label}",'
        f"{_language(track.language)}DEFAULT={'YES' if track.default else 'NO'},AUTOSELECT=YES,"
        f"FORCED={'YES' if track.forced else 'NO'},"
        + (f'CHARACTERISTICS="{heard}",' if track.hearing_impaired else "")
        + f'URI="{track.playlist}"'
    )


def _language(tag: str) -> str:
    """An unknown language is not said: players would show "und" as one."""
    return f'LANGUAGE="{tag}",' if tag != UNKNOWN else ""


def _stream_inf(
    plan: Plan,
    rendition: Rendition,
    tracks: Sequence[AudioRendition],
    codecs: Mapping[str, str],
    measured: Mapping[str, BitRate],
) -> str:
    """A variant's attributes; its rate counts the largest of its tracks, of which one plays at a time."""
    names = dict.fromkeys([codecs[rendition.name], *(codecs[track.name] for track in tracks)])
    video = measured.get(rendition.name) or BitRate(peak_bps(plan, rendition), rendition.maxrate_kbps * 1000)
    sounds = [
        measured.get(track.name) or BitRate(track.bitrate_kbps * 1000, track.bitrate_kbps * 1000)
        for track in tracks
    ]
    return (
        f"BANDWIDTH={video.peak_bps + max((sound.peak_bps for sound in sounds), default=0)},"
        f"AVERAGE-BANDWIDTH={video.average_bps + max((sound.average_bps for sound in sounds), default=0)},"
        f"RESOLUTION={rendition.width}x{rendition.height},FRAME-RATE={float(plan.rate):.3f},"
        f'CODECS="{",".join(names)}"'
    )


def peak_bps(plan: Plan, rendition: Rendition) -> int:
    """No segment has more bits per second: its cap, and the rate buffer, full at the start, on top."""
    segment_s = plan.segment_frames / plan.rate
    allowed_kbps = rendition.maxrate_kbps + rendition.bufsize_kbps / segment_s
    return ceil(allowed_kbps * PEAK_SLACK[rendition.codec] * 1000)


def media_playlist(
    plan: Plan, name: str, ready: int, ended: bool, kind: Literal["EVENT", "VOD"] = "EVENT"
) -> str:
    """A rendition's first `ready` segments.

    A growing one tells players to start at 0: they would start at its live edge. EXTINFs are rounded
    so that their sums stay within a microsecond of the segments' true times, however many there are.
    """
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{_target_duration_s(plan)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if kind == "EVENT":
        lines.append("#EXT-X-START:TIME-OFFSET=0,PRECISE=YES")
    lines.append('#EXT-X-MAP:URI="init.mp4"')
    for number, micros in enumerate(_durations_us(plan, name, ready)):
        lines += [f"#EXTINF:{micros // MICRO}.{micros % MICRO:06d},", f"seg_{number:05d}.m4s"]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def subtitle_playlist(plan: Plan, file: str = SUBTITLES_FILE) -> str:
    """The finished playlist of a subtitle track: one segment, `file`, as long as the video.

    A growing one would need the video's target duration (RFC 8216, 6.2.4), so there is none.
    """
    duration_s = float(plan.duration_s)
    return "\n".join(
        [
            "#EXTM3U",
            f"#EXT-X-VERSION:{VERSION}",
            f"#EXT-X-TARGETDURATION:{max(1, floor(plan.duration_s + Fraction(1, 2)))}",
            "#EXT-X-MEDIA-SEQUENCE:0",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            f"#EXTINF:{duration_s:.6f},",
            file,
            "#EXT-X-ENDLIST\n",
        ]
    )


def _target_duration_s(plan: Plan) -> int:
    """No EXTINF, rounded to whole seconds, may be larger (RFC 8216, 4.3.3.1), and all lists have the same
    (6.2.4). The first segment is the longest; all video renditions have the same."""
    names = [
        plan.renditions[0].name,
        *(track.name for track in (plan.audio.renditions[:1] if plan.audio else ())),
    ]
    return max(1, *(floor(plan.segment_duration_s(name, 0) + Fraction(1, 2)) for name in names))


def _durations_us(plan: Plan, name: str, ready: int) -> Iterator[int]:
    """Microseconds of each segment, between rounded ends. In whole numbers: films have 6,000 of them."""
    sample_s = plan.sample_duration_s(name)
    samples = end_us = 0
    for number in range(ready):
        start_us, samples = end_us, samples + plan.expected(name, number)[1]
        end_us = (2 * samples * sample_s.numerator * MICRO // sample_s.denominator + 1) // 2
        yield end_us - start_us
