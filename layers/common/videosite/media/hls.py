"""HLS playlists (RFC 8216) from the plan: a segment's name and length are known before it exists."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from videosite.media.ladder import Rendition
from videosite.media.plan import AudioPlan, Plan

AUDIO_GROUP = "audio"
VERSION = 7
MICRO = 1_000_000
PEAK_SLACK = {"h264": Fraction(1), "av1": Fraction(5, 4)}
"""SVT-AV1 holds its cap less strictly: 749 kbit/s in a segment where 690 were allowed (noise with cuts)."""


def master_playlist(plan: Plan, groups: Sequence[str], codecs: Mapping[str, str], live: bool) -> str:
    """The master: variants of the video `groups`, largest first, with the audio rendition.

    `codecs` maps rendition names to exact codec strings; a rendition without one is left out, since it
    has no segment yet. `live`: point to the growing playlists instead of the finished ones.
    """
    file = "live.m3u8" if live else "index.m3u8"
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    audio = plan.audio if plan.audio and plan.audio.name in codecs else None
    if audio:
        lines.append(_media(audio, file))
    for rendition in plan.renditions:
        if rendition.codec in groups and rendition.name in codecs:
            lines += [_stream_inf(plan, rendition, audio, codecs), f"{rendition.name}/{file}"]
    return "\n".join(lines) + "\n"


def _media(audio: AudioPlan, file: str) -> str:
    """The sound's EXT-X-MEDIA. An unknown language is not said: players would show "und" as one."""
    language = f'LANGUAGE="{audio.language}",' if audio.language != "und" else ""
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="{audio.language}",{language}'
        f'DEFAULT=YES,AUTOSELECT=YES,CHANNELS="{audio.channels}",URI="{audio.name}/{file}"'
    )


def _stream_inf(plan: Plan, rendition: Rendition, audio: AudioPlan | None, codecs: Mapping[str, str]) -> str:
    names = [codecs[rendition.name], *([codecs[audio.name]] if audio else [])]
    audio_kbps = audio.bitrate_kbps if audio else 0
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={peak_bps(plan, rendition) + audio_kbps * 1000},"
        f"AVERAGE-BANDWIDTH={(rendition.maxrate_kbps + audio_kbps) * 1000},"
        f"RESOLUTION={rendition.width}x{rendition.height},FRAME-RATE={float(plan.rate):.3f},"
        f'CODECS="{",".join(names)}"' + (f',AUDIO="{AUDIO_GROUP}"' if audio else "")
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
        f"#EXT-X-TARGETDURATION:{_target_duration_s(plan, name)}",
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


def _target_duration_s(plan: Plan, name: str) -> int:
    """No EXTINF, rounded to whole seconds, may be larger (RFC 8216, 4.3.3.1). The first is the longest."""
    return max(1, floor(plan.segment_duration_s(name, 0) + Fraction(1, 2)))


def _durations_us(plan: Plan, name: str, ready: int) -> Iterator[int]:
    """Microseconds of each segment, between rounded ends. In whole numbers: films have 6,000 of them."""
    sample_s = plan.sample_duration_s(name)
    samples = end_us = 0
    for number in range(ready):
        start_us, samples = end_us, samples + plan.expected(name, number)[1]
        end_us = (2 * samples * sample_s.numerator * MICRO // sample_s.denominator + 1) // 2
        yield end_us - start_us
