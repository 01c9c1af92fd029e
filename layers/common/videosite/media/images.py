"""Which pictures a video gets, how large, and where: stills of the source, a storyboard, a preview.

Sizes are those of the picture as it is shown (turned, square pixels), never larger than it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from videosite.media.plan import Plan
from videosite.media.webvtt import stamp

STILLS = {"poster": 1280, "large": 960, "medium": 640, "small": 320}
"""Picture of one chosen frame → pixels of its long side, at most."""
THUMBNAILS = ("small", "medium", "large")
CANDIDATES = tuple(Fraction(percent, 100) for percent in (10, 25, 40, 55, 70, 85))
"""How far into the video the frames are that compete for the poster. Titles and credits are outside."""
ENOUGH_CANDIDATES = 2
"""Different key frames to choose from; a clip of a few seconds often has only one."""
GOOD_ENTROPY = 0.4
"""Entropy of the luma histogram over that of white noise: 0 for one colour, 0.1 to 0.3 for white letters on
black and for dark noise, 0.6 to 0.8 for most pictures (measured on Big Buck Bunny and FFmpeg's sources)."""

CUSTOM = "custom-"

TILE_SIDE = 160
SHEET_COLUMNS = 10
SHEET_TILES = 100
MAX_TILES = 400
"""Of a film: 90 s apart in ten hours."""

PREVIEW_SIDE = 320
PREVIEW_SPOTS = 5
PREVIEW_S = 4
PREVIEW_RATE = 8
"""Pictures a second of the preview, about."""


def image_key(video_id: int, name: str) -> str:
    """Key of one picture in the media bucket: thumbnails/video_7_poster.jpg."""
    return f"{image_prefix(video_id)}{name}"


def custom_file(version: str, name: str) -> str:
    """File of a picture that somebody chose: custom-0f3a…-poster.jpg. A version of its own, so that no
    transcode overwrites it and no two writers mix theirs."""
    return f"{CUSTOM}{version}-{name}.jpg"


def image_prefix(video_id: int) -> str:
    """What all pictures of a video start with; also the scope of their token."""
    return f"thumbnails/video_{video_id}_"


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """The size with a long side of at most `side`: even numbers, at least 2, never enlarged."""
    scale = min(Fraction(1), Fraction(side, max(width, height)))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def candidate_frames(plan: Plan) -> list[int]:
    """Grid frames that compete for the poster."""
    return sorted({int(plan.frames * share) for share in CANDIDATES})


def smallest_rendition(plan: Plan) -> str:
    """The rendition that storyboard and preview are made of: of the codec that is done first."""
    return plan.renditions_of(plan.codecs[0])[-1]


def _smallest_size(plan: Plan, side: int) -> tuple[int, int]:
    name = smallest_rendition(plan)
    return next(fit(rung.width, rung.height, side) for rung in plan.renditions if rung.name == name)


# --- storyboard -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """One picture of tiles [first, end), row by row, out of `segments` of the smallest rendition.

    `every`: take each nth frame of these; 0: take each segment's first.
    """

    first: int
    end: int
    segments: Sequence[int]
    every: int

    @property
    def columns(self) -> int:
        return min(SHEET_COLUMNS, self.end - self.first)

    @property
    def rows(self) -> int:
        return ceil((self.end - self.first) / self.columns)


@dataclass(frozen=True)
class Storyboard:
    """Tile k shows grid frame k · `step_frames` and stands for the time until the next one."""

    tiles: int
    step_frames: int
    width: int
    """Of a tile."""
    height: int
    sheets: tuple[Sheet, ...]


def plan_storyboard(plan: Plan) -> Storyboard:
    """A tile a second while they fit into one sheet; else a tile for every nth segment, which is a key
    frame of ours, so that only these are decoded; at most `MAX_TILES`."""
    width, height = _smallest_size(plan, TILE_SIDE)
    second = max(1, round(plan.rate))
    tiles = ceil(plan.frames / second)
    if tiles <= SHEET_TILES:
        sheet = Sheet(0, tiles, range(plan.segments), second)
        return Storyboard(tiles, second, width, height, (sheet,))
    stride = ceil(plan.segments / MAX_TILES)
    tiles = ceil(plan.segments / stride)
    sheets = tuple(
        Sheet(first, end, range(first * stride, min(end * stride, plan.segments), stride), 0)
        for first in range(0, tiles, SHEET_TILES)
        for end in [min(first + SHEET_TILES, tiles)]
    )
    return Storyboard(tiles, stride * plan.segment_frames, width, height, sheets)


def storyboard_vtt(plan: Plan, storyboard: Storyboard, sheet_urls: Sequence[str]) -> str:
    """WebVTT whose cues name a sheet and a place in it (Media Fragments, `#xywh=`), without gaps.

    `sheet_urls` are relative to the file.
    """
    cues = ["WEBVTT"]
    for url, sheet in zip(sheet_urls, storyboard.sheets, strict=True):
        for tile in range(sheet.first, sheet.end):
            row, column = divmod(tile - sheet.first, sheet.columns)
            start, end = (
                stamp(round(min(number * storyboard.step_frames, plan.frames) * 1000 / plan.rate))
                for number in (tile, tile + 1)
            )
            place = f"{column * storyboard.width},{row * storyboard.height}"
            cues.append(f"{start} --> {end}\n{url}#xywh={place},{storyboard.width},{storyboard.height}")
    return "\n\n".join(cues) + "\n"


# --- preview ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """A short animation: of each of some `segments` of the smallest rendition its first frames."""

    width: int
    height: int
    segments: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    """Frames [start, end) to show, counted over these segments one after another."""
    every: int
    """Of these, each nth."""
    rate: Fraction
    """Pictures a second."""


def plan_preview(plan: Plan) -> Preview:
    """Up to `PREVIEW_SPOTS` places, evenly over the video, of together `PREVIEW_S` seconds."""
    width, height = _smallest_size(plan, PREVIEW_SIDE)
    spots = min(PREVIEW_SPOTS, plan.segments)
    segments = tuple((2 * spot + 1) * plan.segments // (2 * spots) for spot in range(spots))
    longest = max(1, round(Fraction(PREVIEW_S, spots) * plan.rate))
    spans, position = [], 0
    for number in segments:
        _, samples = plan.expected(smallest_rendition(plan), number)
        spans.append((position, position + min(samples, longest)))
        position += samples
    every = max(1, round(plan.rate / PREVIEW_RATE))
    return Preview(width, height, segments, tuple(spans), every, plan.rate / every)
