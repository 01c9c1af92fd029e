"""What becomes of a source's sound: a stereo rendition of each track, and one with six channels of those
that have them, all on one grid of 1,024-sample AAC frames at 48 kHz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any, Self

from videosite.media.tracks import AudioTrack, labels

AAC_FRAME_SAMPLES = 1024
SAMPLE_RATE = 48_000
AUDIO_PIECE_S = 600
MAX_AUDIO_TRACKS = 8
"""Tracks that are kept, the file's default first. The rest is dropped: each costs time and storage."""
STEREO, SURROUND = 2, 6
"""Channels. AAC players know 5.1 everywhere; what has more channels is mixed to it."""
BITRATE_KBPS = {STEREO: 128, SURROUND: 384}


@dataclass(frozen=True)
class AudioRendition:
    """One track in one channel layout: a folder of segments."""

    name: str
    stream_index: int
    """Of the source's audio streams (0:a:stream_index)."""
    language: str
    """RFC 5646, or "und"."""
    label: str
    """For menus; no other track has it."""
    bitrate_kbps: int
    channels: int
    """2 or 6 (5.1)."""
    source_channels: int = STEREO
    """1 for sound that cannot be mixed: its first channel is taken, of ambisonic sound the sum of all."""
    right_index: int | None = None
    """The stream of its right channel, if `stream_index` is that of its left one."""


@dataclass(frozen=True)
class AudioPlan:
    """All audio renditions, in AAC frames of 1,024 samples; the first one is the default.

    `frames`: in all; `segment_frames`: the first count that fills a video segment's seconds (94 for
    2 s); `piece_starts`: first segment of each piece, about ten minutes apart.
    """

    frames: int
    segment_frames: int
    piece_starts: tuple[int, ...]
    renditions: tuple[AudioRendition, ...]

    @property
    def segments(self) -> int:
        return ceil(self.frames / self.segment_frames)

    @cached_property
    def names(self) -> list[str]:
        return [rendition.name for rendition in self.renditions]

    @property
    def tracks(self) -> list[int]:
        """Stream indexes of the tracks the renditions are made of, in order."""
        return list(dict.fromkeys(rendition.stream_index for rendition in self.renditions))

    @property
    def layouts(self) -> tuple[int, ...]:
        """Channel counts there are renditions of, stereo first."""
        return tuple(sorted({rendition.channels for rendition in self.renditions}))

    def with_layout(self, channels: int) -> list[AudioRendition]:
        """One rendition per track: the one with these channels, or the stereo one of a track without it."""
        found: dict[int, AudioRendition] = {}
        for rendition in self.renditions:
            if rendition.channels in (channels, STEREO):
                known = found.get(rendition.stream_index)
                if known is None or rendition.channels == channels:
                    found[rendition.stream_index] = rendition
        return list(found.values())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        renditions = tuple(AudioRendition(**rendition) for rendition in values["renditions"])
        return cls(**{**values, "piece_starts": tuple(values["piece_starts"]), "renditions": renditions})


def plan_audio(tracks: Sequence[AudioTrack], duration_s: Fraction, segment_s: int) -> AudioPlan | None:
    """The plan for a video of `duration_s` in segments of `segment_s`; None if there is no sound."""
    if not tracks:
        return None
    frames = ceil(duration_s * SAMPLE_RATE / AAC_FRAME_SAMPLES)
    segment_frames = ceil(Fraction(segment_s * SAMPLE_RATE, AAC_FRAME_SAMPLES))
    segments = ceil(Fraction(frames, segment_frames))
    piece = round(Fraction(AUDIO_PIECE_S * SAMPLE_RATE, AAC_FRAME_SAMPLES * segment_frames))
    return AudioPlan(
        frames=frames,
        segment_frames=segment_frames,
        piece_starts=tuple(range(0, segments, piece)),
        renditions=_renditions(tracks),
    )


def _renditions(tracks: Sequence[AudioTrack]) -> tuple[AudioRendition, ...]:
    default = next((track for track in tracks if track.default), tracks[0])
    kept = [default, *(track for track in tracks if track is not default)][:MAX_AUDIO_TRACKS]
    found = []
    for number, (track, label) in enumerate(zip(kept, labels(kept), strict=True), 1):
        source_channels = track.channels if track.mixable else 1
        for channels, kind in ((STEREO, "stereo"), (SURROUND, "surround")):
            if channels == STEREO or source_channels >= channels:
                rendition = AudioRendition(
                    name=f"aac-{kind}" if number == 1 else f"aac-{kind}-{number}",
                    stream_index=track.index,
                    language=track.language,
                    label=label,
                    bitrate_kbps=BITRATE_KBPS[channels],
                    channels=channels,
                    source_channels=source_channels,
                    right_index=track.right,
                )
                found.append(rendition)
    return tuple(found)
