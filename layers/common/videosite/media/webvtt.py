"""WebVTT: what FFmpeg makes of a file's subtitles, and what people upload, written anew for browsers.

What comes out holds cues and nothing else: no styles, regions or notes, of the markup only what is listed
in `TAGS`, everything else as text.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

TAGS = ("b", "i", "u", "c", "v", "lang", "ruby", "rt")
"""Of these, `v` and `lang` may have an annotation: who speaks, and what."""
MAX_CUES = 20_000
MAX_CUE_CHARS = 2_000

_TIME = r"(?:(\d{1,4}):)?(\d\d):(\d\d)\.(\d{3})"
_TIMING = re.compile(rf"{_TIME}\s+-->\s+{_TIME}(?:\s.*)?", re.ASCII)
_TAG = re.compile(rf"<(?:/?(?:{'|'.join(TAGS)})(?:\.[\w-]+)*|(?:v|lang)(?:\.[\w-]+)* [^<>&\n]*)>", re.ASCII)
_ANY_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z]+)(?P<classes>(?:\.[\w-]{1,40}){0,8})(?:\s(?P<rest>[^<>]*))?>"
    r"|</?[A-Za-z!?][^<>]*>|<[\d:.]{1,20}>",
    re.ASCII,
)
"""Markup of whatever kind, and the times of karaoke."""
_OVERRIDES = re.compile(r"\{\\[^{}]*\}")
"""Of ASS, which SRT and WebVTT files borrow: {\\an8}."""
_INVISIBLE_KEPT = frozenset("\n\u200c\u200d\u200e\u200f")
"""Joiners, which Persian and emoji need, and direction marks."""
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|#\d{1,7});", re.ASCII)
_DRAWING = re.compile(r"m(?:\s+-?\d+(?:\.\d+)?){2}(?:\s+(?:[mnlbspc]|-?\d+(?:\.\d+)?))*", re.ASCII)
"""A shape of ASS (`\\p1`), which FFmpeg takes for words."""


@dataclass(frozen=True)
class Cue:
    """What is shown in [start, end), milliseconds from the video's first frame. `text` is WebVTT cue text."""

    start_ms: int
    end_ms: int
    text: str


def parse(document: str, origin_s: Fraction, duration_s: Fraction) -> list[Cue]:
    """The cues that show during the video, in order of time, from FFmpeg's output with `-copyts`.

    `origin_s`: the time of the video's first frame in it. What is malformed is left out.
    """
    origin_ms, end_ms = round(origin_s * 1000), round(duration_s * 1000)
    cues = []
    for start, end, text in _blocks(document):
        cue = Cue(max(0, start - origin_ms), min(end - origin_ms, end_ms), clean(text))
        if cue.start_ms < cue.end_ms and cue.text:
            cues.append(cue)
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))[:MAX_CUES]


def _blocks(document: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, text) of each cue. A block without times belongs to the one before: text may hold empty
    lines."""
    times: tuple[int, int] | None = None
    lines: list[str] = []
    for block in re.split(r"\n{2,}", document.replace("\r\n", "\n").replace("\r", "\n")):
        first, *rest = block.strip("\n").split("\n")
        if match := _TIMING.fullmatch(first.strip()):
            if times:
                yield *times, "\n".join(lines)
            fields = match.groups()
            times, lines = (_milliseconds(fields[:4]), _milliseconds(fields[4:])), rest
        elif times:
            lines += [first, *rest]
    if times:
        yield *times, "\n".join(lines)


def _milliseconds(fields: Iterable[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(field or 0) for field in fields)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def clean(text: str) -> str:
    """Cue text without what must not reach a page: tags not listed and stray "<", "&" become text."""
    text = _without_gaps(_visible(text[:MAX_CUE_CHARS].replace("\\h", " ")))
    if _DRAWING.fullmatch(_TAG.sub("", text)):
        return ""
    kept, position = [], 0
    for match in _TAG.finditer(text):
        kept += [_escape(text[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*kept, _escape(text[position:])])


def clean_text(text: str) -> str:
    """`clean` of what people upload: other markup is left out, not shown, and entities become what they
    stand for, once, so that no second look finds markup in them. "" if nothing is left to be read."""
    text = _OVERRIDES.sub("", text)
    kept, words, position = [], "", 0
    for match in [*_ANY_TAG.finditer(text), None]:
        plain = _visible(html.unescape(text[position : match.start() if match else len(text)]))
        kept.append(_escape_plain(plain))
        words += plain
        if match:
            kept.append(_listed_tag(match))
            position = match.end()
    return _without_gaps("".join(kept)) if words.strip() else ""


def _listed_tag(match: re.Match[str]) -> str:
    """A tag as WebVTT has it, or nothing if it is not one of `TAGS`."""
    name = (match["name"] or "").lower()
    if name not in TAGS:
        return ""
    if match["close"]:
        return f"</{name}>"
    note = re.sub(r"[&\s]+", " ", _visible(match["rest"] or "")).strip() if name in ("v", "lang") else ""
    return f"<{name}{match['classes']} {note}>" if note else f"<{name}{match['classes']}>"


def _visible(text: str) -> str:
    """Without what shows nothing: controls, and what turns the direction of the text around."""
    if text.isprintable():
        return text
    text = text.replace("\t", " ")
    return "".join(
        c for c in text if c.isprintable() or c in _INVISIBLE_KEPT or unicodedata.category(c) == "Zs"
    )


def _is_shown(char: str) -> bool:
    return char.isprintable() or char in _INVISIBLE_KEPT or unicodedata.category(char) == "Zs"


def _without_gaps(text: str) -> str:
    """Without empty lines, which would end the cue."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _escape(text: str) -> str:
    """Entities stay what they are."""
    kept, position = [], 0
    for match in _ENTITY.finditer(text):
        kept += [_escape_plain(text[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*kept, _escape_plain(text[position:])])


def _escape_plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write(cues: Iterable[Cue]) -> str:
    """A WebVTT file. For HLS it says that its times are the video's (RFC 8216, 3.5)."""
    blocks = ["WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0"]
    blocks += [f"{stamp(cue.start_ms)} --> {stamp(cue.end_ms)}\n{cue.text}" for cue in cues]
    return "\n\n".join(blocks) + "\n"


def stamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{thousandths:03d}"
