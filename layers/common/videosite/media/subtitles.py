"""Which text subtitles of a source become WebVTT files."""

from collections.abc import Sequence
from dataclasses import dataclass

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
