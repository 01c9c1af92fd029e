"""Text subtitles: which of a source become WebVTT files, and how lists name these and uploaded ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from videosite.media.tracks import SubtitleTrack, labels

SUBTITLES_FILE = "subtitles.vtt"
"""A track's one file, in the folder named after it."""


@dataclass(frozen=True)
class SubtitlePlan:
    """One track: a folder with `SUBTITLES_FILE` and a playlist of it."""

    name: str
    stream_index: int
    """Of all subtitle streams of the source (0:s:stream_index)."""
    language: str
    """RFC 5646, or "und"."""
    label: str
    """For menus; no other track has it."""
    forced: bool
    hearing_impaired: bool

    @property
    def default(self) -> bool:
        return False

    @property
    def playlist(self) -> str:
        return f"{self.name}/index.m3u8"

    @property
    def file(self) -> str:
        return f"{self.name}/{SUBTITLES_FILE}"


@dataclass(frozen=True)
class UploadedTrack:
    """One that somebody uploaded. Its files are rendered."""

    name: str
    language: str
    label: str
    default: bool
    playlist: str
    file: str
    forced: bool = False
    hearing_impaired: bool = False


class TextTrack(Protocol):
    """What lists say of a track. Addresses are relative to the list's."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def default(self) -> bool: ...
    @property
    def forced(self) -> bool: ...
    @property
    def hearing_impaired(self) -> bool: ...
    @property
    def playlist(self) -> str: ...
    @property
    def file(self) -> str: ...


def plan_subtitles(tracks: Sequence[SubtitleTrack]) -> tuple[SubtitlePlan, ...]:
    """All tracks, in the source's order. `probe.MAX_STREAMS` bounds them, and each is small."""
    return tuple(
        SubtitlePlan(
            name=f"subtitles-{number}",
            stream_index=track.index,
            language=track.language,
            label=label,
            forced=track.forced,
            hearing_impaired=track.hearing_impaired,
        )
        for number, (track, label) in enumerate(zip(tracks, labels(tracks), strict=True), 1)
    )
