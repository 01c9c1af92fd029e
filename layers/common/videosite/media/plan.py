"""The plan: everything about a transcode that is known before a frame is decoded.

One absolute grid: an exact frame rate R and an origin P0 (the video stream's first timestamp). Grid
frame n is at P0 + n/R. Segment i is frames [i·G, (i+1)·G), a range is segments [first, end). Audio has
its own grid of 1,024-sample AAC frames at 48 kHz from the same origin.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import ceil, floor
from typing import Any, Self

from videosite.errors import BadInputError
from videosite.media.ladder import DEFAULT_LADDER, Rendition, make_ladder, work_s
from videosite.media.probe import Source
from videosite.media.rates import SAME_RATE, choose_rate, is_variable
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE, AudioPlan, plan_audio
from videosite.media.subtitles import SubtitlePlan, plan_subtitles

TAIL_FRAMES = 30
TAIL_S = 30
"""How far the end may be off: frames where the stream states its duration, else seconds."""
SOUND_BEYOND_S = 2
"""Sound that goes on for longer than this keeps the last picture on the screen where none need come: screen
recorders write none while nothing moves, and a song may have one. Other videos end with their picture."""
SEEK_MARGIN_S = 0.5
PACKET_SEEK_MARGIN_S = 10.0
"""MPEG-TS, PS and the like seek to packets, not key frames, so start well before (measured)."""
FIRST_RANGES = (1, 2)
"""Segments in the first ranges: what the first play waits for is short."""
SHORTEST_CAP_S, LONGEST_CAP_S, CAP_SHARE = 8, 120, 128
"""Ranges grow to a 128th of the video, at least 8 s and at most 120 s: their number is what many workers
can share in, and their length what one worker takes for the last one."""
WORK_S = 600
"""What one range may take one core of a slow machine: two thirds of a function's 900 s."""


@dataclass(frozen=True)
class Plan:
    """Immutable; stored in the job as `to_dict()`."""

    rate: Fraction
    """R: grid frames per second."""
    time_base: Fraction
    """Of the source's video stream."""
    origin_ticks: int
    """P0 in `time_base`."""
    frames: int
    """Grid frames of the whole video."""
    segment_frames: int
    """G: frames per segment, one GOP; the last segment may be shorter."""
    range_starts: tuple[int, ...]
    """First segment of each video range."""
    renditions: tuple[Rendition, ...]
    audio: AudioPlan | None
    seek_margin_s: float
    tail_frames: int
    """Frames the last picture may be repeated for when the source ends before its stated end."""
    width: int
    height: int
    held_frames: int = 0
    """How many at the end show the last picture while the sound goes on."""
    matrix: str = "bt709"
    """Of the renditions' colours, a key of `command.TAGS`: the source's if players know it."""
    untagged: bool = False
    """The source does not say its matrix; it is taken to be `matrix`."""
    hdr_transfer: str = ""
    wide_primaries: str = ""
    """Transfer function of an HDR source, whose pictures are mapped to SDR; else empty."""
    subtitles: tuple[SubtitlePlan, ...] = ()
    """Text subtitles of the source. Those that turn out to have no text are not published."""
    video_index: int = 0
    """The source's video stream is FFmpeg's 0:V:video_index."""
    mp4: bool = False
    """The source is an MP4 or MOV."""
    normalize: bool = False
    """Whether sound is brought to −16 LUFS: its pieces then wait for it to be measured."""

    @property
    def origin_s(self) -> Fraction:
        """P0 in seconds."""
        return self.origin_ticks * self.time_base

    @property
    def duration_s(self) -> Fraction:
        return self.frames / self.rate

    @property
    def segments(self) -> int:
        """Video segments."""
        return ceil(self.frames / self.segment_frames)

    @property
    def timescale(self) -> int:
        """Ticks per second of the video tracks."""
        return self.rate.numerator * (1000 if self.rate.denominator == 1 else 1)

    @property
    def ticks_per_frame(self) -> int:
        return 1000 if self.rate.denominator == 1 else self.rate.denominator

    @cached_property
    def codecs(self) -> tuple[str, ...]:
        """Video codecs in order of publication."""
        return tuple(dict.fromkeys(rendition.codec for rendition in self.renditions))

    @property
    def groups(self) -> tuple[str, ...]:
        """What is made in segments: the codecs and, if there is sound, "audio"."""
        return (*self.codecs, "audio") if self.audio else self.codecs

    def ranges(self, group: str) -> list[tuple[int, int]]:
        """Segments [first, end) of each task of a group."""
        if group == "audio":
            starts, total = (self.audio.piece_starts, self.audio.segments) if self.audio else ((), 0)
        else:
            starts, total = self.range_starts, self.segments
        return list(pairwise((*starts, total)))

    def renditions_of(self, group: str) -> list[str]:
        """Names of a group's renditions."""
        if group == "audio":
            return self.audio.names if self.audio else []
        return [rendition.name for rendition in self.renditions if rendition.codec == group]

    def is_audio(self, name: str) -> bool:
        return self.audio is not None and name in self.audio.names

    def segments_of(self, name: str) -> int:
        """Segments of a rendition."""
        return self.audio.segments if self.audio and self.is_audio(name) else self.segments

    def expected(self, name: str, number: int) -> tuple[int, int]:
        """(tfdt, samples) a rendition's segment must have."""
        if self.audio and self.is_audio(name):
            start = number * self.audio.segment_frames
            return start * AAC_FRAME_SAMPLES, min(self.audio.segment_frames, self.audio.frames - start)
        start = number * self.segment_frames
        return start * self.ticks_per_frame, min(self.segment_frames, self.frames - start)

    def segment_duration_s(self, name: str, number: int) -> Fraction:
        """Exact seconds of a rendition's segment."""
        _, samples = self.expected(name, number)
        return samples * self.sample_duration_s(name)

    def sample_duration_s(self, name: str) -> Fraction:
        """Seconds of one video frame or one AAC frame."""
        return Fraction(AAC_FRAME_SAMPLES, SAMPLE_RATE) if self.is_audio(name) else 1 / self.rate

    def frame_span(self, first: int, end: int) -> tuple[int, int]:
        """Grid frames [k, m) of video segments [first, end)."""
        return first * self.segment_frames, min(end * self.segment_frames, self.frames)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; fractions as "a/b"."""
        return {
            **asdict(self),
            "rate": str(self.rate),
            "time_base": str(self.time_base),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Stored plans live on: fields newer than the plan have defaults, and those
        that are no more are left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in values.items() if name in known}
        audio = values["audio"]
        subtitles = values.get("subtitles", ())
        return cls(
            **{
                **values,
                "rate": Fraction(values["rate"]),
                "time_base": Fraction(values["time_base"]),
                "range_starts": tuple(values["range_starts"]),
                "renditions": tuple(Rendition(**rung) for rung in values["renditions"]),
                "audio": AudioPlan.from_dict(audio) if audio else None,
                "subtitles": tuple(SubtitlePlan(**track) for track in subtitles),
            }
        )


def make_plan(source: Source, ladder: str = DEFAULT_LADDER, normalize: bool = False) -> Plan:
    """Plan a transcode of a probed source. `normalize`: bring its sound to −16 LUFS.

    Raises:
        BadInputError: `bad_duration`, there is not one frame to show; `too_small` for the ladder.
    """
    rate = choose_rate(source)
    pictured = _count_frames(source, rate)
    frames = max(pictured, _sounding_frames(source, rate, pictured)) if pictured else 0
    if frames < 1:
        raise BadInputError("bad_duration", "The file does not say how long the video is.")
    duration_s = frames / rate
    segment_frames = max(1, round(segment_seconds(duration_s) * rate))
    renditions = make_ladder(source.width, source.height, float(rate), ladder)
    longest_s = Fraction(WORK_S) / Fraction(work_s(renditions, float(rate), source.width * source.height))
    tail_frames = TAIL_FRAMES if source.duration_is_exact else max(TAIL_FRAMES, ceil(TAIL_S * rate))
    seekable = "mov" in source.container or "matroska" in source.container
    return Plan(
        rate=rate,
        time_base=source.time_base,
        origin_ticks=source.start_ticks,
        frames=frames,
        segment_frames=segment_frames,
        range_starts=range_starts(
            ceil(frames / segment_frames), segment_frames / rate, duration_s, longest_s
        ),
        renditions=renditions,
        audio=plan_audio(source.audio, duration_s, segment_seconds(duration_s)),
        seek_margin_s=SEEK_MARGIN_S if seekable else PACKET_SEEK_MARGIN_S,
        tail_frames=tail_frames + frames - pictured,
        held_frames=frames - pictured,
        width=source.width,
        height=source.height,
        matrix=source.matrix,
        untagged=source.untagged,
        hdr_transfer=source.hdr_transfer,
        wide_primaries=source.wide_primaries,
        subtitles=plan_subtitles(source.subtitles),
        video_index=source.video_index,
        mp4="mov" in source.container,
        normalize=normalize and bool(source.audio),
    )


def _count_frames(source: Source, rate: Fraction) -> int:
    """Grid frames of the source, by its duration; by the container's own count where the two are one
    frame apart and no edit list explains it (the last frame's duration is then wrong)."""
    by_duration = floor(source.duration_s * rate + Fraction(1, 2))
    frames = source.frames or 0
    if frames and source.average_rate > 0:
        unedited = abs(frames / source.average_rate - source.duration_s) < 1 / (2 * rate)
        if unedited and abs(frames - by_duration) <= 1 and abs(source.base_rate - rate) <= rate * SAME_RATE:
            return frames
    return max(by_duration, 1 if frames else 0)


def _sounding_frames(source: Source, rate: Fraction, pictured: int) -> int:
    """Grid frames until the sound ends, if the last picture is to stand until then; else 0."""
    stands = source.sound_s - source.duration_s > SOUND_BEYOND_S
    return floor(source.sound_s * rate) if stands and (pictured == 1 or is_variable(source)) else 0


def segment_seconds(duration_s: Fraction) -> int:
    """2 s; 4 s from half an hour, 6 s from two hours, so that lists stay short."""
    if duration_s < 1800:
        return 2
    return 4 if duration_s < 7200 else 6


def range_starts(
    segments: int, segment_s: Fraction, duration_s: Fraction, longest_s: Fraction
) -> tuple[int, ...]:
    """First segment of each range: short ones first, then doubling to a cap, and to no more than
    `longest_s`, or one segment."""
    cap_s = min(max(duration_s / CAP_SHARE, Fraction(SHORTEST_CAP_S)), Fraction(LONGEST_CAP_S))
    cap = max(1, min(round(cap_s / segment_s), floor(longest_s / segment_s)))
    starts, length, position = [], 0, 0
    while position < segments:
        starts.append(position)
        length = FIRST_RANGES[len(starts) - 1] if len(starts) <= len(FIRST_RANGES) else min(length * 2, cap)
        position += length
    return tuple(starts)
