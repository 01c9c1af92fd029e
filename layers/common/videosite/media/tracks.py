"""The sound and subtitle streams of a source, out of ffprobe's answer."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from videosite.media.fields import integer, line, mapping
from videosite.media.languages import language_name, language_tag

UNDECODABLE = frozenset(
    {
        "none", "unknown", "4gv", "ac4", "apple_apac", "celt", "codec2", "lc3", "mpegh_3d_audio", "smv",
        "sonic", "sonicls",
    }
)  # fmt: skip
"""Sound FFmpeg can name and not decode, such as the spatial track beside the AAC one in videos of phones. A
track of these would keep FFmpeg from starting at all."""
TEXT_CODECS = frozenset({"ass", "mov_text", "ssa", "subrip", "text", "webvtt"})
"""Subtitles that are text. Those of DVD, Blu-ray and DVB are pictures."""
GUESSED_LAYOUTS = frozenset({*range(1, 9), 10, 12, 14, 16, 24})
"""Channel counts FFmpeg gives a layout to when the file says none."""


@dataclass(frozen=True)
class AudioTrack:
    """One audio stream. `index` counts audio streams (0:a:index)."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    language: str
    """RFC 5646, or "und"."""
    title: str = ""
    default: bool = False
    """The file asks for it to be played unless somebody chooses."""
    mixable: bool = True
    """FFmpeg knows where its channels are. Ambisonic sound, or nine channels of no layout, it cannot mix."""
    right: int | None = None
    """The audio stream that is its right channel, where each channel is a stream of its own."""


@dataclass(frozen=True)
class SubtitleTrack:
    """One stream of text subtitles. `index` counts all subtitle streams (0:s:index)."""

    index: int
    codec: str
    language: str
    title: str = ""
    forced: bool = False
    """To be shown with sound of the same language: signs, other tongues."""
    hearing_impaired: bool = False


def audio_tracks(
    streams: Iterable[Mapping[str, Any]], foreign: Container[int] = ()
) -> tuple[AudioTrack, ...]:
    """The audio streams that can be decoded: they have a codec, channels and a rate.

    Those whose index among all streams is in `foreign` are left out.
    """
    tracks = [
        AudioTrack(
            index=index,
            codec=str(stream.get("codec_name") or "unknown"),
            channels=integer(stream.get("channels")),
            sample_rate=integer(stream.get("sample_rate")),
            language=_language(stream),
            title=_title(stream),
            default=_has(stream, "default"),
            mixable=_is_mixable(stream),
        )
        for index, stream in enumerate(_of_type(streams, "audio"))
        if integer(stream.get("index")) not in foreign
    ]
    return tuple(
        track
        for track in tracks
        if track.codec not in UNDECODABLE and track.channels > 0 and track.sample_rate > 0
    )


def paired(tracks: tuple[AudioTrack, ...]) -> tuple[AudioTrack, ...]:
    """Mono tracks of one rate, two by two, as stereo: how broadcast keeps sound in MXF. Others stay."""
    if len(tracks) % 2 or any(track.channels != 1 for track in tracks):
        return tracks
    if len({track.sample_rate for track in tracks}) > 1:
        return tracks
    return tuple(
        replace(left, channels=2, right=right.index)
        for left, right in zip(tracks[::2], tracks[1::2], strict=True)
    )


def begins_late(streams: Iterable[Mapping[str, Any]]) -> bool:
    """Whether there is sound of a known codec of which ffprobe has come to no packet."""
    return any(
        str(stream.get("codec_name") or "unknown") not in UNDECODABLE and not integer(stream.get("channels"))
        for stream in _of_type(streams, "audio")
    )


def subtitle_tracks(
    streams: Iterable[Mapping[str, Any]], foreign: Container[int] = ()
) -> tuple[SubtitleTrack, ...]:
    """The subtitle streams that are text and not in `foreign`, see `audio_tracks`."""
    return tuple(
        SubtitleTrack(
            index=index,
            codec=str(stream.get("codec_name")),
            language=_language(stream),
            title=_title(stream),
            forced=_has(stream, "forced"),
            hearing_impaired=_has(stream, "hearing_impaired"),
        )
        for index, stream in enumerate(_of_type(streams, "subtitle"))
        if str(stream.get("codec_name")) in TEXT_CODECS and integer(stream.get("index")) not in foreign
    )


def labels(tracks: Sequence[AudioTrack | SubtitleTrack]) -> list[str]:
    """A name for each track that no other has: its title, its language, or its number from 1."""
    found: list[str] = []
    for number, track in enumerate(tracks, 1):
        label = track.title or language_name(track.language) or f"Track {number}"
        found.append(label if label not in found else f"{label} #{number}")
    return found


def _of_type(streams: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [stream for stream in streams if stream.get("codec_type") == kind]


def _language(stream: Mapping[str, Any]) -> str:
    return language_tag(mapping(stream.get("tags")).get("language"))


def _title(stream: Mapping[str, Any]) -> str:
    return line(mapping(stream.get("tags")).get("title"))


def _is_mixable(stream: Mapping[str, Any]) -> bool:
    layout = str(stream.get("channel_layout") or "unknown")
    if layout == "unknown":
        return integer(stream.get("channels")) in GUESSED_LAYOUTS
    return not layout.startswith("ambisonic")


def _has(stream: Mapping[str, Any], disposition: str) -> bool:
    return integer(mapping(stream.get("disposition")).get(disposition)) == 1
