"""Subtitle files made of lines (SRT, WebVTT, SBV, ASS and SSA): what is wrong with them, and where.

The libraries that read them take what they understand and are silent about the rest. So a file is gone
through here first: it is refused at its first broken line, or rewritten as the plainest file of its format,
which leaves the libraries nothing to misunderstand, and no more of it than is allowed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from videosite.errors import BadInputError, BrokenFileError
from videosite.media.webvtt import MAX_CUE_CHARS, MAX_CUES

_H, _MS = r"(\d{1,2})", r"(\d{1,3})"
_SRT_TIME = rf"{_H}:(\d{{1,2}}):(\d{{1,2}})[,.]{_MS}"
_VTT_TIME = r"(?:(\d{1,4}):)?(\d\d):(\d\d)\.(\d{3})"
_TIMES = {
    "srt": re.compile(rf"{_SRT_TIME}\s*-->\s*{_SRT_TIME}(?:\s.*)?", re.ASCII),
    "vtt": re.compile(rf"{_VTT_TIME}\s+-->\s+{_VTT_TIME}(?:\s.*)?", re.ASCII),
    "sbv": re.compile(r"{0},{0}".format(rf"{_H}:(\d\d):(\d\d)\.(\d{{3}})"), re.ASCII),
}
_EXAMPLES = {
    "srt": "00:00:01,000 --> 00:00:02,500",
    "vtt": "00:00:01.000 --> 00:00:02.500",
    "sbv": "0:00:01.000,0:00:02.500",
    "ass": "0:00:01.00,0:00:02.50",
}
_ASS_TIME = re.compile(rf"(-?)(\d{{1,2}}):(\d{{1,2}}):(\d{{1,2}})[.:]{_MS}", re.ASCII)
_SOME_TIME = re.compile(r"\d{1,2}:\d{1,2}[:.,]\d{1,3}", re.ASCII)
_NEGATIVE = re.compile(r"(^|[\s,>])-\d+:\d")
_NOT_CUES = ("NOTE", "STYLE", "REGION", "X-TIMESTAMP-MAP")
_STYLE_KEPT = 500
"""Styles of an ASS file that are looked at."""
_ASS_FIELDS = ("start", "end", "style", "text")
_MAX_ASS_CHARS = 20_000
"""Of one line's text with its overrides: karaoke and drawings have thousands."""


@dataclass
class Checked:
    """A file that is whole, in its plainest form: `text` with `cues` cues that begin at `lines`."""

    out: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.out) + "\n"

    @property
    def cues(self) -> int:
        return len(self.lines)

    def begin(self, line: int, *head: str) -> None:
        """A cue that begins at `line`."""
        self.lines.append(line)
        if self.cues > MAX_CUES:
            raise BrokenFileError(
                "too_many_cues", line, f"a file may have {MAX_CUES:,} cues, and here is one more"
            )
        self.out += head


def split_lines(text: str) -> list[str]:
    """Lines as these formats have them: characters that Python takes for line ends too stay in them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def check(kind: str, lines: Sequence[str]) -> Checked:
    """Go through a file of one of `srt`, `vtt`, `sbv`, `ass`, `ssa`.

    Raises:
        BrokenFileError: `bad_time`, `negative_time`, `end_before_start`, `no_times`, `cue_too_long`,
            `too_many_cues`, `no_header`, `bad_line`.
        BadInputError: `no_cues`.
    """
    checked = _check_ass(lines, kind) if kind in ("ass", "ssa") else _check_blocks(kind, lines)
    if not checked.cues:
        raise BadInputError("no_cues", "There are no subtitles in the file.")
    return checked


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, lines) of what stands between empty lines."""
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield len(lines) + 1 - len(block), block


def _check_blocks(kind: str, lines: Sequence[str]) -> Checked:
    checked = Checked(["WEBVTT", ""] if kind == "vtt" else [])
    blocks = _blocks(lines)
    if kind == "vtt":
        first, header = next(blocks, (1, [""]))
        if not re.match(r"WEBVTT(\s|$)", header[0]):
            raise BrokenFileError("no_header", first, "a WebVTT file begins with the word WEBVTT")
        rest = [at for at, line in enumerate(header) if "-->" in line]
        if rest:
            # No empty line after the header.
            _check_block(kind, first + rest[0], header[rest[0] :], checked)
    for first, block in blocks:
        if kind == "vtt" and block[0].split()[0].rstrip(":") in _NOT_CUES and not _times_at(kind, block):
            continue
        _check_block(kind, first, block, checked)
    if kind == "srt":
        # pysubs2 takes a number at the end for that of the next cue, also where it is text.
        checked.out.append(str(checked.cues + 1))
    return checked


def _times_at(kind: str, block: Sequence[str]) -> list[int]:
    """Which lines of a block are to be times: several, where empty lines are missing between cues."""
    if kind == "sbv":
        return [at for at, line in enumerate(block) if _TIMES["sbv"].fullmatch(line)]
    return [at for at, line in enumerate(block) if "-->" in line]


def _check_block(kind: str, first: int, block: list[str], checked: Checked) -> None:
    starts = _times_at(kind, block)
    # Above the times there may be a number, in WebVTT any name.
    if not starts or starts[0] > 1 or (starts[0] == 1 and (kind == "sbv" or not _is_name(kind, block[0]))):
        raise _no_times(kind, first + (1 if _is_name("srt", block[0]) and len(block) > 1 else 0), block)
    for at, end in zip(starts, [*starts[1:], len(block)], strict=True):
        line = first + at
        times = _times(kind, line, block[at])
        text = block[at + 1 : end]
        if end < len(block) and text and _is_name("srt", text[-1]):
            text.pop()
        for below, part in enumerate(text, 1):
            if len(_SOME_TIME.findall(part)) >= 2 and _SOME_TIME.match(part):
                raise _no_times(kind, line + below, [part])
        if sum(map(len, text)) > MAX_CUE_CHARS:
            raise BrokenFileError("cue_too_long", line, f"a cue may have {MAX_CUE_CHARS:,} characters")
        number = [str(checked.cues + 1)] if kind == "srt" else []
        checked.begin(line, *number, times, *(text or ([] if kind == "srt" else [" "])), "")


def _is_name(kind: str, line: str) -> bool:
    return "-->" not in line and (kind == "vtt" or line.lstrip("\ufeff#").isdecimal())


def _no_times(kind: str, line: int, block: Sequence[str]) -> BrokenFileError:
    shown = block[-1] if len(block) == 1 else block[0] if not _is_name("srt", block[0]) else block[1]
    if _NEGATIVE.search(shown):
        return _negative(line)
    wrong = "these are no times" if _SOME_TIME.search(shown) else "a cue should begin here with its times"
    return BrokenFileError("no_times", line, f"{wrong}, such as {_EXAMPLES[kind]}")


def _negative(line: int) -> BrokenFileError:
    return BrokenFileError("negative_time", line, "a time is negative")


def _times(kind: str, line: int, text: str) -> str:
    """A line of times without what follows them."""
    match = _TIMES[kind].fullmatch(text)
    if not match:
        if _NEGATIVE.search(text):
            raise _negative(line)
        raise BrokenFileError("bad_time", line, f"these are no times, such as {_EXAMPLES[kind]}")
    groups = match.groups()
    times = [
        [*(int(value or 0) for value in part[:3]), _thousandths(part[3])] for part in (groups[:4], groups[4:])
    ]
    _check_times(line, *times)
    start, end = (f"{h:02d}:{m:02d}:{s:02d}.{ms:03d}" for h, m, s, ms in times)
    return f"{start},{end}" if kind == "sbv" else f"{start} --> {end}"


def _check_times(line: int, start: Sequence[int], end: Sequence[int]) -> None:
    if any(value > 59 for value in (*start[1:3], *end[1:3])):
        raise BrokenFileError("bad_time", line, "minutes and seconds end at 59")
    if tuple(end) < tuple(start):
        raise BrokenFileError("end_before_start", line, "the cue ends before it starts")


# --- ASS and SSA ------------------------------------------------------------------------------------


def _check_ass(lines: Sequence[str], kind: str) -> Checked:
    """Fonts, pictures and comments are left out; fields are put into the order that pysubs2 expects."""
    styles: list[str] = []
    checked = Checked()
    section, names = (
        "",
        ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"],
    )
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        key, _, rest = line.partition(":")
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip().lower()
        elif section.endswith("styles") and key == "Style" and len(styles) < _STYLE_KEPT:
            styles.append(line)
        elif section == "events" and key == "Format":
            names = [name.strip().lower() for name in rest.split(",")]
            if not set(_ASS_FIELDS) <= set(names) or names[-1] != "text":
                raise BrokenFileError("bad_line", number, "events need Start, End, Style and, last, Text")
        elif section == "events" and key == "Dialogue":
            _dialogue(number, rest, names, checked)
    first = ["[Script Info]", "", "[V4+ Styles]" if kind == "ass" else "[V4 Styles]", *styles, "", "[Events]"]
    checked.out[:0] = first
    return checked


def _dialogue(number: int, rest: str, names: Sequence[str], checked: Checked) -> None:
    values = rest.strip().split(",", len(names) - 1)
    if len(values) < len(names):
        raise BrokenFileError(
            "bad_line", number, f"a dialogue has {len(names)} fields, and here are {len(values)}"
        )
    found = dict(zip(names, values, strict=True))
    matches = [_ASS_TIME.fullmatch(found[name].strip()) for name in ("start", "end")]
    start, end = matches
    if not start or not end:
        raise BrokenFileError("bad_time", number, f"these are no times, such as {_EXAMPLES['ass']}")
    if start[1] or end[1]:
        raise _negative(number)
    times = [
        [int(value) for value in match.groups()[1:4]] + [_thousandths(match[5])] for match in (start, end)
    ]
    _check_times(number, *times)
    if len(found["text"]) > _MAX_ASS_CHARS:
        raise BrokenFileError("cue_too_long", number, f"a line may have {_MAX_ASS_CHARS:,} characters")
    stamps = ",".join(f"{h:02d}:{m:02d}:{s:02d}.{ms:03d}" for h, m, s, ms in times)
    style = found["style"].strip().lstrip("*")
    checked.begin(number, f"Dialogue: 0,{stamps},{style},,0,0,0,,{found['text']}")


def _thousandths(fraction: str) -> int:
    return int(fraction.ljust(3, "0"))
