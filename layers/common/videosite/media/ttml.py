"""TTML (W3C Timed Text 1 and 2, IMSC text, EBU-TT-D) → times and text.

pysubs2's reader follows entities, knows neither frames nor `dur`, and descends recursively, so this one is
ours: expat without document types, one pass, bounded depth, and the line of what it refuses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from xml.parsers import expat

from videosite.errors import BadInputError, BrokenFileError
from videosite.media.webvtt import MAX_CUE_CHARS, MAX_CUES

MAX_DEPTH = 50
_CLOCK = re.compile(r"(\d{1,4}):(\d\d):(\d\d)(?:\.(\d{1,9})|:(\d{1,3}))?", re.ASCII)
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|m|s|ms|f|t)", re.ASCII)
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}


def read(text: str) -> list[tuple[int, int, str]]:
    """(start, end, WebVTT markup) of each paragraph; milliseconds.

    Raises:
        BadInputError: `has_doctype`, `no_cues`.
        BrokenFileError: `bad_xml`, `bad_time`, `end_before_start`, `cue_too_long`, `too_many_cues`.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise BrokenFileError("bad_xml", error.lineno, f"this is no well-formed XML ({reason})") from None
    if not reader.cues:
        raise BadInputError("no_cues", "There are no subtitles in the file.")
    return reader.cues


@dataclass
class _Element:
    """One that is open: when it begins and ends, what its text looks like."""

    begin_s: Fraction
    end_s: Fraction | None
    marks: frozenset[str]
    keeps_space: bool


@dataclass
class _Paragraph:
    line: int
    parts: list[str] = field(default_factory=list)
    chars: int = 0


class _Reader:
    def __init__(self) -> None:
        # Names the encoding: the text is decoded already, whatever its declaration says.
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.buffer_text = True
        self.cues: list[tuple[int, int, str]] = []
        self._open: list[_Element] = []
        self._paragraph: _Paragraph | None = None
        self._styles: dict[str, frozenset[str]] = {}
        self._frame_rate, self._tick_rate = Fraction(30), Fraction(1)

    def _refuse_doctype(self, *_: object) -> None:
        raise BadInputError("has_doctype", "The file declares a document type, which subtitles do not need.")

    def _start(self, tag: str, found: Mapping[str, str]) -> None:
        name = _local(tag)
        attributes = {_local(key): value for key, value in found.items()}
        if len(self._open) >= MAX_DEPTH:
            raise self._broken("bad_xml", f"elements may be {MAX_DEPTH} deep")
        if name == "tt":
            self._rates(attributes)
        above = self._open[-1] if self._open else _Element(Fraction(0), None, frozenset(), False)
        marks = self._marks(attributes, above.marks)
        if name == "style" and attributes.get("id"):
            self._styles[attributes["id"]] = marks
        begin_s, end_s = self._times(attributes, above)
        keeps = attributes.get("space", "preserve" if above.keeps_space else "") == "preserve"
        self._open.append(_Element(begin_s, end_s, marks, keeps))
        if name == "p":
            self._paragraph = _Paragraph(self.parser.CurrentLineNumber)
        elif name == "br" and self._paragraph:
            self._paragraph.parts.append("\n")

    def _rates(self, attributes: Mapping[str, str]) -> None:
        try:
            above, below = [*attributes.get("frameRateMultiplier", "1 1").split(), "1"][:2]
            self._frame_rate = Fraction(int(attributes.get("frameRate", "30")) * int(above), int(below))
            ticks = attributes.get("tickRate")
            self._tick_rate = Fraction(int(ticks)) if ticks else self._frame_rate
        except (ValueError, ZeroDivisionError):
            self._frame_rate = Fraction(0)
        if not 0 < self._frame_rate < 10**9 or not 0 < self._tick_rate < 10**12:
            raise self._broken("bad_time", "frame rate and tick rate should be positive numbers")

    def _marks(self, attributes: Mapping[str, str], above: frozenset[str]) -> frozenset[str]:
        marks = set(above)
        for reference in attributes.get("style", "").split()[:20]:
            marks |= self._styles.get(reference, frozenset())
        for name, mark, on in (
            ("fontStyle", "i", ("italic", "oblique")),
            ("fontWeight", "b", ("bold",)),
            ("textDecoration", "u", ("underline",)),
        ):
            if name in attributes:
                (marks.add if attributes[name] in on else marks.discard)(mark)
        return frozenset(marks)

    def _times(self, attributes: Mapping[str, str], above: _Element) -> tuple[Fraction, Fraction | None]:
        """Begin and end count from the beginning of the element around; without an end it is that one's."""
        if attributes.get("timeContainer", "par") != "par":
            raise self._broken("bad_time", "elements one after another (timeContainer) are not understood")
        begin_s = above.begin_s + self._seconds(attributes.get("begin", "0s"))
        ends = [] if above.end_s is None else [above.end_s]
        if "end" in attributes:
            ends.append(above.begin_s + self._seconds(attributes["end"]))
        if "dur" in attributes:
            ends.append(begin_s + self._seconds(attributes["dur"]))
        return begin_s, min(ends, default=None)

    def _seconds(self, text: str) -> Fraction:
        text = text.strip()
        if clock := _CLOCK.fullmatch(text):
            hours, minutes, seconds, part, frames = clock.groups()
            if int(minutes) < 60 and int(seconds) < 60:
                whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
                return whole + Fraction(f"0.{part or 0}") + Fraction(int(frames or 0)) / self._frame_rate
        if offset := _OFFSET.fullmatch(text):
            rates = {"f": 1 / self._frame_rate, "t": 1 / self._tick_rate}
            seconds_s = Fraction(offset[1]) * ({**_UNITS, **rates}[offset[2]])
            if seconds_s < 10_000 * 3600:
                return seconds_s
        if text.startswith("-"):
            raise self._broken("negative_time", "a time is negative")
        raise self._broken("bad_time", "this is no time, such as 00:00:01.500 or 1.5s")

    def _text(self, data: str) -> None:
        if self._paragraph is None:
            return
        self._paragraph.chars += len(data)
        if self._paragraph.chars > MAX_CUE_CHARS:
            raise self._broken("cue_too_long", f"a cue may have {MAX_CUE_CHARS:,} characters")
        around = self._open[-1]
        if not around.keeps_space:
            data = re.sub(r"\s+", " ", data)
        data = data.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        tags = sorted(around.marks) if data.strip() else []
        shown = "".join(f"<{tag}>" for tag in tags) + data + "".join(f"</{tag}>" for tag in reversed(tags))
        self._paragraph.parts.append(shown)

    def _end(self, tag: str) -> None:
        element = self._open.pop()
        if _local(tag) != "p" or self._paragraph is None:
            return
        paragraph, self._paragraph = self._paragraph, None
        text = "".join(paragraph.parts).strip()
        if not text:
            return
        if element.end_s is None:
            raise BrokenFileError("bad_time", paragraph.line, "a paragraph has no end")
        if element.end_s < element.begin_s:
            raise BrokenFileError("end_before_start", paragraph.line, "the cue ends before it starts")
        if len(self.cues) >= MAX_CUES:
            raise BrokenFileError("too_many_cues", paragraph.line, f"a file may have {MAX_CUES:,} cues")
        self.cues.append((round(element.begin_s * 1000), round(element.end_s * 1000), text))

    def _broken(self, code: str, reason: str) -> BrokenFileError:
        return BrokenFileError(code, self.parser.CurrentLineNumber, reason)


def _local(name: str) -> str:
    """A name without its namespace: files mix those of drafts and of the standard."""
    return name.rpartition(" ")[2].rpartition(":")[2]
