"""ffprobe's answer → facts about a source, or a reason why it is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from videosite.errors import BadInputError

MAX_PIXELS = 9_437_184
"""4096 × 2304, the same limit the command lines set."""
MAX_DURATION_S = 12 * 3600
MAX_AVERAGE_RATE = 1000
MIN_AVERAGE_RATE = Fraction(1, 20)
MAX_STREAMS = 16
PICTURE_CODECS = frozenset(
    {"mjpeg", "png", "gif", "bmp", "webp", "tiff", "svg", "apng", "jpegxl", "jpeg2000"}
)
MEASURED_CONTAINERS = ("mov,mp4", "mpegts", "mpeg", "avi", "asf", "mxf", "flv")
"""Containers whose streams state their own duration, or whose duration is measured per stream."""


@dataclass(frozen=True)
class AudioTrack:
    """One audio stream. `index` counts audio streams (0:a:index)."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    language: str


@dataclass(frozen=True)
class Source:
    """What the planner needs to know. Sizes are as displayed: after rotation and sample aspect."""

    container: str
    codec: str
    width: int
    height: int
    time_base: Fraction
    start_ticks: int
    """First timestamp of the video stream, in `time_base`: the grid's origin."""
    average_rate: Fraction
    base_rate: Fraction
    """ffprobe's r_frame_rate: the lowest rate all timestamps fit; may be absurd."""
    duration_s: Fraction
    """Of the video stream, from its start."""
    duration_is_exact: bool
    """False when only the container's duration was known, which a longer audio track stretches."""
    frames: int | None
    """As the container counts them, if it does."""
    audio: tuple[AudioTrack, ...]


def parse_probe(document: Mapping[str, Any]) -> Source:
    """Facts from `ffprobe -show_format -show_streams -of json`.

    Raises:
        BadInputError: `unreadable`, `no_video`, `picture`, `too_many_streams`, `too_large`, `bad_rate`,
            `bad_duration`, `too_long`.
    """
    streams = document.get("streams") or []
    if not streams:
        raise BadInputError("unreadable", "The file is not a video that can be read.")
    if len(streams) > MAX_STREAMS:
        raise BadInputError("too_many_streams", f"The file has more than {MAX_STREAMS} streams.")
    video = _video_stream(streams)
    container = str(document.get("format", {}).get("format_name", ""))
    if video["codec_name"] in PICTURE_CODECS and not _is_motion_jpeg(video, container):
        raise BadInputError("picture", "The file is a picture, not a video.")
    width, height = _display_size(video)
    time_base = _fraction(video.get("time_base")) or Fraction(1, 1000)
    start_ticks = int(video.get("start_pts") or 0)
    duration_s, exact = _duration(document, video, start_ticks * time_base)
    frames = int(video["nb_frames"]) if str(video.get("nb_frames", "")).isdecimal() else None
    source = Source(
        container=container,
        codec=video["codec_name"],
        width=width,
        height=height,
        time_base=time_base,
        start_ticks=start_ticks,
        average_rate=_fraction(video.get("avg_frame_rate")),
        base_rate=_fraction(video.get("r_frame_rate")),
        duration_s=duration_s,
        duration_is_exact=exact,
        frames=frames,
        audio=_audio_tracks(streams),
    )
    _check(source)
    return source


def _video_stream(streams: list[dict[str, Any]]) -> dict[str, Any]:
    """The stream FFmpeg calls 0:V:0: the first video that is not an attached picture."""
    for stream in streams:
        attached = (stream.get("disposition") or {}).get("attached_pic")
        if stream.get("codec_type") == "video" and not attached:
            if "codec_name" not in stream or stream["codec_name"] == "unknown":
                raise BadInputError("unreadable", "The file's video is in a format that cannot be read.")
            return stream
    raise BadInputError("no_video", "The file has no video in it.")


def _is_motion_jpeg(video: Mapping[str, Any], container: str) -> bool:
    """Cameras write MJPEG video; a picture in the same codec has one frame and no real container."""
    return video["codec_name"] == "mjpeg" and not container.endswith("_pipe") and container != "image2"


def _display_size(video: Mapping[str, Any]) -> tuple[int, int]:
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    if width <= 0 or height <= 0 or width * height > MAX_PIXELS:
        raise BadInputError("too_large", "The picture is larger than 4096 × 2304, or has no size.")
    aspect = _fraction(str(video.get("sample_aspect_ratio", "")).replace(":", "/"))
    if Fraction(1, 8) <= aspect <= 8:
        width = round(width * aspect)
    rotation = next(
        (int(data["rotation"]) for data in video.get("side_data_list") or [] if "rotation" in data), 0
    )
    return (height, width) if rotation % 180 else (width, height)


def _duration(
    document: Mapping[str, Any], video: Mapping[str, Any], start_s: Fraction
) -> tuple[Fraction, bool]:
    """(seconds of the video stream from its start, whether that is the stream's own duration)."""
    stream_s = _fraction(video.get("duration"))
    if stream_s > 0:
        return stream_s, True
    # Matroska muxers write each track's end as a tag, counted from the file's zero.
    tag = (video.get("tags") or {}).get("DURATION") or (video.get("tags") or {}).get("DURATION-eng") or ""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", tag)
    if match:
        hours, minutes, seconds = match.groups()
        end_s = int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
        if end_s > start_s:
            return end_s - start_s, True
    container = document.get("format") or {}
    offset_s = start_s - _fraction(container.get("start_time"))
    return _fraction(container.get("duration")) - max(Fraction(0), offset_s), False


def _audio_tracks(streams: list[dict[str, Any]]) -> tuple[AudioTrack, ...]:
    audio = [stream for stream in streams if stream.get("codec_type") == "audio"]
    return tuple(
        AudioTrack(
            index=index,
            codec=str(stream.get("codec_name", "")),
            channels=int(stream.get("channels") or 0),
            sample_rate=int(stream.get("sample_rate") or 0),
            language=_language((stream.get("tags") or {}).get("language")),
        )
        for index, stream in enumerate(audio)
        # A codec this build cannot name or with no channels cannot be decoded either.
        if stream.get("codec_name") not in (None, "unknown") and int(stream.get("channels") or 0) > 0
    )


def _language(tag: object) -> str:
    """A language tag safe to print in a playlist; "und" when there is none."""
    return tag.lower() if isinstance(tag, str) and re.fullmatch(r"[A-Za-z]{2,3}", tag) else "und"


def _check(source: Source) -> None:
    if source.average_rate > MAX_AVERAGE_RATE:
        raise BadInputError("bad_rate", "The video claims more than 1,000 frames a second.")
    if source.duration_s < 0 or (source.duration_s == 0 and not source.frames):
        raise BadInputError("bad_duration", "The file does not say how long the video is.")
    if source.duration_s > MAX_DURATION_S:
        raise BadInputError("too_long", "The video is longer than 12 hours.")
    if source.duration_s > 60 and source.average_rate < MIN_AVERAGE_RATE:
        raise BadInputError("bad_rate", "The video has almost no frames for its length.")


def _fraction(text: object) -> Fraction:
    """ "30000/1001", "5.28", "0/0" or nothing, as a fraction; 0 for what is not a number."""
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)
