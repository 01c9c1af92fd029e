"""ffprobe's answer → facts about a source, or a reason why it is refused.

The document describes a hostile file: every value may be missing, absurd or of the wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from videosite.errors import BadInputError
from videosite.media.fields import fraction, integer, items, mapping
from videosite.media.tracks import AudioTrack, SubtitleTrack, audio_tracks, paired, subtitle_tracks

MAX_PIXELS = 35_389_440
"""8192 × 4320, the same limit the command lines set. Holds for the coded and for the displayed picture. HEVC
of 10 bits takes 1.7 GB of a worker's 2.9 in nearly this size (measured; docs/performance.md)."""
LARGE_PIXELS = 9_437_184
"""4096 × 2304. Larger pictures are made small first, for memory's sake."""
MAX_SIDE = 8192
"""Of the displayed picture: a strip of 9,437,184 × 1 has few pixels and no encoder for it."""
TOO_LARGE = BadInputError("too_large", "The picture is larger than 8192 × 4320.")
MAX_DURATION_S = 12 * 3600
MAX_AVERAGE_RATE = 1000
MIN_AVERAGE_RATE = Fraction(1, 20)
MIN_BITS_PER_S = 100
"""A motionless 720p picture takes about 400 bit/s at 1 fps (measured). Matroska may claim any frame rate
for two frames ten hours apart; the file's size does not lie."""
LONG_S = 60
"""Rates are judged only on videos longer than this."""
MAX_STREAMS = 32
"""A film with two dozen subtitles is ordinary; fonts count too."""
PICTURE_BRANDS = frozenset({"avif", "avis", "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"})
"""Major brands of HEIF and AVIF files, which open as MP4."""
MATRICES = frozenset({"bt709", "smpte170m", "bt470bg"})
"""Colour matrices that renditions may have; pictures of others become BT.709."""
RGB = re.compile(r"rgb|bgr|gbr|pal8|0rgb|mono")
HD_HEIGHT = 720
"""Pictures of unknown colours are BT.709 from here on, as players take them to be, and BT.601 below."""
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
"""HDR10 (PQ) and HLG."""
WIDE_PRIMARIES = frozenset({"bt2020", "smpte431", "smpte432"})
"""Of BT.2020, DCI-P3 and Display P3: shown as BT.709, the same numbers are paler colours."""
FIELD_ORDERS = frozenset({"tt", "bb", "tb", "bt"})
PICTURE_CONTAINERS = frozenset({"image2", "gif", "apng", "ico", "webp"})


PICTURE_SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
PICTURE = BadInputError("picture", "The file is a picture, not a video.")


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
    """As the container counts them, if it does. An edit list may hide some."""
    matrix: str
    """Of its colours, one of `MATRICES`: its own, or what it becomes."""
    untagged: bool
    """It does not say its matrix."""
    hdr_transfer: str
    """Its transfer function as FFmpeg names it if it is high dynamic range, else empty."""
    wide_primaries: str
    """Its primaries as FFmpeg names them if they are wider than BT.709's and it is not HDR, else empty."""
    audio: tuple[AudioTrack, ...]
    subtitles: tuple[SubtitleTrack, ...] = ()
    """Those that are text."""
    video_index: int = 0
    """Which of its videos it is: 0:V:video_index for FFmpeg."""
    size_bytes: int = 0
    """Of the file; 0: unknown."""
    sound_s: Fraction = Fraction(0)
    """From the video's start to the end of the file, if there is sound."""

    @property
    def says_its_end(self) -> bool:
        """Whether its length is told. A live recorder, or one that crashed, never came to write it."""
        return self.duration_s > 0 or bool(self.frames)


def parse_probe(document: Mapping[str, Any]) -> Source:
    """`read_probe` and `check_source`."""
    source = read_probe(document)
    check_source(source)
    return source


def read_probe(document: Mapping[str, Any]) -> Source:
    """Facts from `ffprobe -show_format -show_streams -show_entries program_stream=index -of json`.

    Raises:
        BadInputError: `unreadable`, `no_video`, `picture`, `too_many_streams`, `too_large`.
    """
    streams = [mapping(stream) for stream in items(document.get("streams"))]
    container = mapping(document.get("format"))
    if not streams:
        raise BadInputError("unreadable", "The file is not a video that can be read.")
    if len(streams) > MAX_STREAMS:
        raise BadInputError("too_many_streams", f"The file has more than {MAX_STREAMS} streams.")
    video, video_index = _video_stream(streams)
    _refuse_picture(container)
    foreign = _of_other_programmes(document, integer(video.get("index")))
    width, height = _display_size(video)
    time_base = fraction(video.get("time_base")) or Fraction(1, 1000)
    start_ticks = integer(video.get("start_pts")) + _decoding_delay_ticks(container, video, time_base)
    duration_s, exact = _duration(container, video, start_ticks * time_base)
    hdr_transfer = _hdr_transfer(video)
    average_rate, base_rate = (fraction(video.get(f"{kind}_frame_rate")) for kind in ("avg", "r"))
    if container.get("format_name") == "dv":
        # The average of raw DV is its clock's ticks.
        average_rate = base_rate
    if video.get("field_order") in FIELD_ORDERS and abs(base_rate - 2 * average_rate) <= base_rate / 50:
        # AVCHD's H.264 has a packet for each field, and FFmpeg takes their rate for the base.
        base_rate /= 2
    matrix, untagged = ("bt709", False) if hdr_transfer else _matrix(video, height)
    audio = audio_tracks(streams, foreign)
    if container.get("format_name") == "mxf":
        audio = paired(audio)
    end_s = fraction(container.get("start_time")) + fraction(container.get("duration"))
    return Source(
        container=str(container.get("format_name", "")),
        codec=str(video["codec_name"]),
        width=width,
        height=height,
        time_base=time_base,
        start_ticks=start_ticks,
        average_rate=average_rate,
        base_rate=base_rate,
        duration_s=duration_s,
        duration_is_exact=exact,
        frames=integer(video.get("nb_frames")) or None,
        matrix=matrix,
        untagged=untagged,
        hdr_transfer=hdr_transfer,
        wide_primaries="" if hdr_transfer else _wide_primaries(video),
        audio=audio,
        subtitles=subtitle_tracks(streams, foreign),
        video_index=video_index,
        size_bytes=integer(container.get("size")),
        sound_s=max(Fraction(0), end_s - start_ticks * time_base) if audio else Fraction(0),
    )


def is_picture(head: bytes) -> bool:
    """Whether a file begins as a PNG, JPEG, GIF, WebP, TIFF or BMP does."""
    return head.startswith(PICTURE_SIGNATURES) or (head[:4], head[8:12]) == (b"RIFF", b"WEBP")


def _video_stream(streams: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], int]:
    """The video that players show, and which one it is of those that are no attached pictures: the file's
    default one, or the first."""
    videos = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video" and not mapping(stream.get("disposition")).get("attached_pic")
    ]
    if not videos:
        raise BadInputError("no_video", "The file has no video in it.")
    known = [n for n, stream in enumerate(videos) if stream.get("codec_name") not in (None, "unknown")]
    if not known:
        raise BadInputError("unreadable", "The file's video is in a format that cannot be read.")
    default = (n for n in known if mapping(videos[n].get("disposition")).get("default"))
    index = next(default, known[0])
    return videos[index], index


def _of_other_programmes(document: Mapping[str, Any], video: int) -> frozenset[int]:
    """Streams of a broadcast's other programmes: their sound is not the video's."""
    programmes = [
        {integer(mapping(stream).get("index")) for stream in items(mapping(programme).get("streams"))}
        for programme in items(document.get("programs"))
    ]
    own = {index for programme in programmes if video in programme for index in programme}
    return frozenset(index for programme in programmes for index in programme - own if own)


def _refuse_picture(container: Mapping[str, Any]) -> None:
    name = str(container.get("format_name", ""))
    brand = str(mapping(container.get("tags")).get("major_brand", "")).strip()
    if brand in PICTURE_BRANDS or name in PICTURE_CONTAINERS or name.endswith("_pipe"):
        raise PICTURE


def _display_size(video: Mapping[str, Any]) -> tuple[int, int]:
    cropped = _cropped(video)
    width, height = (integer(video.get(side)) - cropped[side] for side in ("width", "height"))
    aspect = fraction(str(video.get("sample_aspect_ratio", "")).replace(":", "/"))
    shown_width = round(width * aspect) if Fraction(1, 8) <= aspect <= 8 else width
    if min(width, height, shown_width) <= 0:
        raise BadInputError("too_large", "The picture has no size, or one that is far too large.")
    if max(width, shown_width) * height > MAX_PIXELS or max(shown_width, height) > MAX_SIDE:
        raise TOO_LARGE
    turns = round(_rotation_degrees(video) / 90)
    return (height, shown_width) if turns % 2 else (shown_width, height)


def _cropped(video: Mapping[str, Any]) -> dict[str, int]:
    """Pixels the container cuts off, and FFmpeg with it: `clap` of MP4 and MOV, PixelCrop of Matroska."""
    data = [mapping(entry) for entry in items(video.get("side_data_list"))]
    cut = next((entry for entry in data if entry.get("side_data_type") == "Frame Cropping"), {})
    left, right, top, bottom = (
        max(0, integer(cut.get(f"crop_{side}"))) for side in ("left", "right", "top", "bottom")
    )
    return {"width": left + right, "height": top + bottom}


def _decoding_delay_ticks(container: Mapping[str, Any], video: Mapping[str, Any], time_base: Fraction) -> int:
    """How much later than its packet the first picture is shown.

    AVI numbers packets as they are decoded, so with B-frames FFmpeg shows the first picture when those it
    holds back have come.
    """
    rate = fraction(video.get("avg_frame_rate"))
    if container.get("format_name") != "avi" or not rate:
        return 0
    return round(integer(video.get("has_b_frames")) / rate / time_base)


def _hdr_transfer(video: Mapping[str, Any]) -> str:
    transfer = str(video.get("color_transfer", ""))
    return transfer if transfer in HDR_TRANSFERS else ""


def _wide_primaries(video: Mapping[str, Any]) -> str:
    primaries = str(video.get("color_primaries", ""))
    return primaries if primaries in WIDE_PRIMARIES else ""


def _matrix(video: Mapping[str, Any], height: int) -> tuple[str, bool]:
    """(matrix of the renditions, whether the source does not say it)."""
    said = str(video.get("color_space", "unknown"))
    if said in MATRICES:
        return said, False
    if said != "unknown" or RGB.search(str(video.get("pix_fmt", ""))):
        return "bt709", False
    return "bt709" if height >= HD_HEIGHT else "smpte170m", True


def _rotation_degrees(video: Mapping[str, Any]) -> int:
    """Of the display matrix, which FFmpeg applies by itself when decoding."""
    data = [mapping(entry) for entry in items(video.get("side_data_list"))]
    return next((integer(entry["rotation"]) for entry in data if "rotation" in entry), 0)


def _duration(
    container: Mapping[str, Any], video: Mapping[str, Any], start_s: Fraction
) -> tuple[Fraction, bool]:
    """(seconds of the video stream from its start, whether that is the stream's own duration)."""
    stream_s = fraction(video.get("duration"))
    if stream_s > 0 and container.get("format_name") != "mpeg":
        return stream_s, True
    end_s = _tagged_end(mapping(video.get("tags")))
    if end_s > start_s:
        return end_s - start_s, True
    late_s = start_s - fraction(container.get("start_time"))
    # MPEG-PS times packets of several frames by their first one: a stream's end is seen too early there.
    return max(stream_s, fraction(container.get("duration")) - max(Fraction(0), late_s)), False


def _tagged_end(tags: Mapping[str, Any]) -> Fraction:
    """Seconds from the file's zero to a track's end, which Matroska muxers write as a tag; or 0."""
    tag = str(tags.get("DURATION") or tags.get("DURATION-eng") or "")
    match = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", tag, re.ASCII)
    if not match:
        return Fraction(0)
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def check_source(source: Source) -> None:
    """Refuse lengths and rates that no video has.

    Raises:
        BadInputError: `bad_rate`, `bad_duration`, `too_long`.
    """
    if source.average_rate > MAX_AVERAGE_RATE:
        raise BadInputError("bad_rate", "The video claims more than 1,000 frames a second.")
    if source.duration_s < 0 or not source.says_its_end:
        raise BadInputError("bad_duration", "The file does not say how long the video is.")
    if source.duration_s > MAX_DURATION_S:
        raise BadInputError("too_long", "The video is longer than 12 hours.")
    thin = source.size_bytes and source.size_bytes * 8 < MIN_BITS_PER_S * source.duration_s
    # A talk over slides may have few; what it says is not small.
    slow = 0 < source.average_rate < MIN_AVERAGE_RATE and not source.audio
    if source.duration_s > LONG_S and (thin or slow):
        raise BadInputError("bad_rate", "The video has almost no frames for its length.")
