"""HLS playlists (RFC 8216) from the plan: a segment's name and length are known before it exists."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Literal

from videosite.media.ladder import Rendition
from videosite.media.plan import Plan

AUDIO_GROUP = "audio"
PEAK_FACTOR = 1.5
"""A capped-CRF segment may exceed its cap by what the rate buffer holds: twice the cap over 2-6 s."""


def master_playlist(plan: Plan, groups: Sequence[str], codecs: Mapping[str, str], live: bool) -> str:
    """The master: variants of the video `groups`, largest first, with the audio rendition.

    `codecs` maps rendition names to exact codec strings; a rendition without one is left out, since it
    has no segment yet. `live`: point to the growing playlists instead of the finished ones.
    """
    file = "live.m3u8" if live else "index.m3u8"
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    audio = plan.audio if plan.audio and plan.audio.name in codecs else None
    if audio:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="{audio.language}",'
            f'LANGUAGE="{audio.language}",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="{audio.channels}",'
            f'URI="{audio.name}/{file}"'
        )
    for rendition in plan.renditions:
        if rendition.codec not in groups or rendition.name not in codecs:
            continue
        audio_kbps = audio.bitrate_kbps if audio else 0
        names = [codecs[rendition.name], *([codecs[audio.name]] if audio else [])]
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak_bps(rendition, audio_kbps)},"
            f"AVERAGE-BANDWIDTH={(rendition.maxrate_kbps + audio_kbps) * 1000},"
            f"RESOLUTION={rendition.width}x{rendition.height},FRAME-RATE={float(plan.rate):.3f},"
            f'CODECS="{",".join(names)}"' + (f',AUDIO="{AUDIO_GROUP}"' if audio else ""),
            f"{rendition.name}/{file}",
        ]
    return "\n".join(lines) + "\n"


def peak_bps(rendition: Rendition, audio_kbps: int) -> int:
    """Highest bits per second of any segment, as BANDWIDTH wants it."""
    return int((rendition.maxrate_kbps * PEAK_FACTOR + audio_kbps) * 1000)


def media_playlist(
    plan: Plan, name: str, ready: int, ended: bool, kind: Literal["EVENT", "VOD"] = "EVENT"
) -> str:
    """A rendition's first `ready` segments. A growing one tells players to start at 0, not at its end."""
    durations = [plan.segment_duration_s(name, number) for number in range(ready)]
    longest = plan.segment_duration_s(name, 0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{ceil(longest)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if kind == "EVENT":
        lines.append("#EXT-X-START:TIME-OFFSET=0,PRECISE=YES")
    lines.append('#EXT-X-MAP:URI="init.mp4"')
    for number, duration_s in enumerate(durations):
        lines += [f"#EXTINF:{float(duration_s):.6f},", f"seg_{number:05d}.m4s"]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
