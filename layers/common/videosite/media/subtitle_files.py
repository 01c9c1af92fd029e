"""Subtitle files that people upload → cues, cleaned, on the video's time.

pysubs2 reads SRT, ASS and SSA, webvtt-py reads WebVTT and SBV, both after `subtitle_lines` has gone through
the file; TTML is read by `ttml`. Nothing of a file comes out but times, text and the markup of
`webvtt.TAGS`.
"""

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from videosite.errors import BadInputError, BrokenFileError, TooLargeError
from videosite.media import encodings, ttml
from videosite.media.subtitle_lines import Checked, check, split_lines
from videosite.media.webvtt import MAX_CUE_CHARS, Cue, clean_text

FORMATS = ("srt", "vtt", "ass", "ssa", "sbv", "ttml")
MAX_BYTES = 2 << 20
"""A film has about 100 kB, an ASS file with effects 1 MB."""

_SBV = re.compile(r"\d{1,2}:\d\d:\d\d\.\d{3},\d{1,2}:\d\d:\d\d\.\d{3}", re.ASCII)
_OVERRIDES = re.compile(r"\{([^{}]*)\}")
_SWITCH = re.compile(r"\\(?:([biu])(\d{1,3})|(p)(\d{1,2})|(r)[^\\]*)", re.ASCII)


@dataclass(frozen=True)
class SubtitleFile:
    """What was understood of an upload. Cues are in order of time, on the file's own."""

    cues: tuple[Cue, ...]
    format: str
    """Of `FORMATS`."""
    encoding: str
    """Of `encodings.CODECS`."""


def read(
    data: bytes, named: str | None = None, encoding: str | None = None, language: str = "und"
) -> SubtitleFile:
    """Read a file.

    `named`: its format, `encoding`: its encoding, where they are not to be found out; `language`: RFC 5646,
    a hint at the encoding.

    Raises:
        TooLargeError: `too_large`.
        BadInputError: `empty`, `unknown_format`, `no_cues`, `has_doctype`, or of `encodings`.
        BrokenFileError: it is broken at a line; see `subtitle_lines.check` and `ttml.read`.
    """
    check_size(len(data))
    if not data.strip():
        raise BadInputError("empty", "The file is empty.")
    text, found = encodings.decode(data, encoding, language)
    text = text.removeprefix("\ufeff")
    kind = named or detect(text)
    if kind == "ttml":
        timed: Iterable[tuple[int, int, str]] = ttml.read(text)
    else:
        timed = _read_lines(kind, text)
    cues = [Cue(start, end, clean_text(words)) for start, end, words in timed if start < end]
    cues = sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start_ms, cue.end_ms))
    if not cues:
        raise BadInputError("no_cues", "There are no subtitles in the file.")
    return SubtitleFile(tuple(cues), kind, found)


def check_size(size_bytes: int) -> None:
    """Refuse what is too large before anything of it is read.

    Raises:
        TooLargeError: `too_large`.
    """
    if size_bytes > MAX_BYTES:
        raise TooLargeError("too_large", f"A subtitle file may have {MAX_BYTES >> 20} MiB.")


def detect(text: str) -> str:
    """The format of a file, by its beginning or its first times.

    Raises:
        BadInputError: `unknown_format`.
    """
    head = text[:4096].lstrip()
    if head.startswith("WEBVTT"):
        return "vtt"
    if re.match(r"<\?xml|<!DOCTYPE|<!--|<(\w+:)?tt\b", head):
        return "ttml"
    if head.startswith("[") and re.search(r"^\[(Script Info|V4\+? Styles|Events)\]", head, re.I | re.M):
        return "ssa" if re.search(r"^\[V4 Styles\]", text, re.I | re.M) else "ass"
    if _SBV.match(head):
        return "sbv"
    if "-->" in text or re.match(r"\d+\s*\n\s*-?\d+:\d\d:\d\d", head):
        return "srt"
    names = ", ".join(FORMATS)
    raise BadInputError("unknown_format", f"This is no subtitle file of a known format ({names}).")


def shift(cues: Iterable[Cue], offset_ms: int) -> list[Cue]:
    """Cues `offset_ms` later (earlier, if negative); what would end before the video's start is left out."""
    moved = [Cue(max(0, cue.start_ms + offset_ms), cue.end_ms + offset_ms, cue.text) for cue in cues]
    return [cue for cue in moved if cue.start_ms < cue.end_ms]


def _read_lines(kind: str, text: str) -> list[tuple[int, int, str]]:
    checked = check(kind, split_lines(text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _by_webvtt(kind, checked) if kind in ("vtt", "sbv") else _by_pysubs2(kind, checked)
    if len(found) != checked.cues:
        raise BadInputError("unreadable", "The file could not be read as a whole.")
    return found


def _by_webvtt(kind: str, checked: Checked) -> list[tuple[int, int, str]]:
    import webvtt

    captions = webvtt.from_buffer(checked.out, format=kind).captions
    return [(_milliseconds(one.start), _milliseconds(one.end), one.raw_text) for one in captions]


def _milliseconds(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)


def _by_pysubs2(kind: str, checked: Checked) -> list[tuple[int, int, str]]:
    import pysubs2

    options: dict[str, Any] = {"keep_html_tags": True} if kind == "srt" else {}
    subs = pysubs2.SSAFile.from_string(checked.text, format_=kind, **options)
    if kind == "srt":
        return [(event.start, event.end, event.text.replace("\\N", "\n")) for event in subs]
    found = []
    for event, line in zip(subs, checked.lines, strict=True):
        style = subs.styles.get(event.style)
        switched = {name for name in ("bold", "italic", "underline") if style and getattr(style, name)}
        text = from_ass(event.text, {name[0] for name in switched})
        if len(text) > MAX_CUE_CHARS:
            raise BrokenFileError("cue_too_long", line, f"a cue may have {MAX_CUE_CHARS:,} characters")
        found.append((event.start, event.end, text))
    return found


def from_ass(text: str, on: Iterable[str] = ()) -> str:
    """WebVTT markup of a dialogue's text. `on`: of b, i and u, what its style has. Drawings are nothing.

    pysubs2's own reading of overrides takes time that grows with the square of their number.
    """
    first = frozenset(on)
    now, drawing, parts = set(first), False, []
    position = 0
    for match in [*_OVERRIDES.finditer(text), None]:
        words = text[position : match.start() if match else len(text)]
        if words and not drawing:
            parts.append(_marked(words, now))
        if match:
            position = match.end()
            drawing = _switch(match[1], now, first, drawing)
    return "".join(parts)


def _switch(overrides: str, now: set[str], first: frozenset[str], drawing: bool) -> bool:
    """Apply one block of overrides to what is on; returns whether a drawing follows."""
    for letter, value, draw, scale, reset in _SWITCH.findall(overrides):
        if letter:
            (now.add if int(value) else now.discard)(letter)
        elif draw:
            drawing = int(scale) > 0
        elif reset:
            now.clear()
            now.update(first)
    return drawing


def _marked(words: str, on: Sequence[str] | set[str]) -> str:
    """Text of ASS, in which nothing is markup, as text of WebVTT."""
    words = words.replace("\\N", "\n").replace("\\n", " ").replace("\\h", " ")
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    tags = sorted(on)
    return "".join(f"<{tag}>" for tag in tags) + words + "".join(f"</{tag}>" for tag in reversed(tags))
