"""In which encoding a text file is. Subtitles rarely say it, and are often older than UTF-8's success.

In this order: the encoding that was named, a byte order mark, UTF-16 by its zero bytes, UTF-8, the East
Asian encodings by how common the characters are, the usual encoding of the file's language, and last what
charset-normalizer thinks. That library alone takes short Big5 for GB18030 and most of short Cyrillic for
something else (measured; docs/decisions.md), so it is asked where nothing better is known.
"""

import codecs
import unicodedata
from collections.abc import Iterable

from videosite.errors import BadInputError, BrokenFileError

CODECS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "gb18030": "gb18030",
    # The superset with Hong Kong's characters, and Microsoft's of the others.
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
    "windows-874": "cp874",
    "koi8-r": "koi8_r",
    "iso-8859-1": "iso8859-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-15": "iso8859-15",
}
"""Name → Python's codec. An allow-list: Python knows codecs that are none of text."""

_ALIASES = {
    "utf8": "utf-8", "utf-16": "utf-16le", "gbk": "gb18030", "gb2312": "gb18030", "gb-18030": "gb18030",
    "big5-hkscs": "big5", "cp950": "big5", "cp949": "euc-kr",
    "sjis": "shift_jis", "shift-jis": "shift_jis", "cp932": "shift_jis",
    "latin1": "iso-8859-1", "latin-1": "iso-8859-1",
    **{f"cp{number}": f"windows-{number}" for number in (*range(1250, 1259), 874)},
}  # fmt: skip

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_SAMPLE_BYTES = 16_384
_COMMON_ENOUGH = 0.8
"""Share of common characters: texts have above 0.93 in their own encoding, below 0.7 in another one."""

_EAST_ASIAN: dict[str, tuple[tuple[int, int], ...]] = {
    "euc-kr": ((0xB0A1, 0xC8FE),),
    "euc-jp": ((0xA4A1, 0xA5F6), (0xB0A1, 0xCFD3)),
    "shift_jis": ((0x829F, 0x8396), (0x889F, 0x9872)),
    "big5": ((0xA440, 0xC67E),),
    "gb18030": ((0xB0A1, 0xD7F9),),
}
"""Encoding → two-byte codes of what texts are made of: Hangul, kana, and the kanji and hanzi of the first
level (KS X 1001, JIS X 0208, Big5, GB 2312). Narrow ones first: Hangul is common in GB 18030 too."""

_BY_LANGUAGE = {
    "windows-1251": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "mn"),
    "koi8-r": ("ru",),
    "windows-1253": ("el",),
    "windows-1254": ("tr", "az"),
    "windows-1255": ("he", "yi"),
    "windows-1256": ("ar", "fa", "ur"),
    "windows-1257": ("et", "lv", "lt"),
    "windows-1258": ("vi",),
    "windows-874": ("th",),
    "windows-1250": ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq", "bs"),
    "windows-1252": ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "no", "fi", "is", "ca"),
}
_SCRIPTS = {
    "windows-1251": "CYRILLIC", "koi8-r": "CYRILLIC", "windows-1253": "GREEK", "windows-1255": "HEBREW",
    "windows-1256": "ARABIC", "windows-874": "THAI",
}  # fmt: skip
_EAST_ASIAN_OF = {
    "zh": ("big5", "gb18030"),
    "ja": ("shift_jis", "euc-jp"),
    "ko": ("euc-kr",),
}


def decode(data: bytes, named: str | None = None, language: str = "und") -> tuple[str, str]:
    """(text, name of its encoding); byte order marks are taken off.

    `named`: what somebody says it is. `language`: RFC 5646, a hint.

    Raises:
        BadInputError: `unknown_encoding`, `not_text`.
        BrokenFileError: `bad_encoding`, it is not in the encoding that was named or that its mark says.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding), encoding
    if named is not None:
        encoding = canonical_name(named)
        return _strictly(data, encoding), encoding
    if wide := _utf16_by_zeros(data):
        return _strictly(data, wide), wide
    if b"\0" in data:
        raise BadInputError("not_text", "The file is not a text file.")
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        encoding = _guess(data, language)
    return _strictly(data, encoding), encoding


def canonical_name(name: str) -> str:
    """The key of `CODECS` that a name stands for.

    Raises:
        BadInputError: `unknown_encoding`.
    """
    wanted = name.strip().lower()
    for candidate in (wanted, wanted.replace("_", "-"), _ALIASES.get(wanted.replace("_", "-"), "")):
        if candidate in CODECS:
            return candidate
    raise BadInputError("unknown_encoding", f"The encoding should be one of {', '.join(CODECS)}.")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(CODECS[encoding])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenFileError(
            "bad_encoding", line, f"this is not {encoding}; name the file's encoding"
        ) from None


def _utf16_by_zeros(data: bytes) -> str | None:
    """Times are ASCII, so every other byte of a good part of the file is zero."""
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(data) % 2 or max(even, odd) * 10 < len(head) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16le" if odd > even else "utf-16be"


def _guess(data: bytes, language: str) -> str:
    sample = _sample(data)
    primary = language.partition("-")[0].lower()
    expected = _EAST_ASIAN_OF.get(primary, ())
    if found := _most_common(sample, expected or _EAST_ASIAN, 0.5 if expected else _COMMON_ENOUGH):
        return found
    usual = [name for name, languages in _BY_LANGUAGE.items() if primary in languages]
    scores = {name: _in_script(text, name) for name in usual if (text := _text(sample, name)) is not None}
    if scores and max(scores.values()) > 0.5:
        return max(scores, key=lambda name: scores[name])
    return _ask_library(sample)


def _sample(data: bytes) -> bytes:
    """The beginning of those lines that are not plain ASCII."""
    found, size = [], 0
    for line in data.splitlines():
        if not line.isascii():
            found.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(found)[:_SAMPLE_BYTES]


def _text(sample: bytes, encoding: str) -> str | None:
    """A sample's text, or None if it is none in this encoding. The end of a full one may be cut."""
    whole = len(sample) < _SAMPLE_BYTES
    try:
        return codecs.getincrementaldecoder(CODECS[encoding])().decode(sample, whole)
    except UnicodeDecodeError:
        return None


def _most_common(sample: bytes, candidates: Iterable[str], least: float) -> str | None:
    """The East Asian encoding in which most of the text is common characters, if it is enough of it."""
    scores: dict[str, float] = {}
    for encoding in _EAST_ASIAN:
        text = _text(sample, encoding) if encoding in candidates else None
        if text is not None:
            letters = [char for char in text if not char.isascii() and char.isalpha()]
            common = sum(_is_common(char, encoding) for char in letters)
            scores[encoding] = common / max(1, len(letters))
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best and scores[best] >= least else None


def _is_common(char: str, encoding: str) -> bool:
    code = int.from_bytes(char.encode(CODECS[encoding]))
    return any(first <= code <= last for first, last in _EAST_ASIAN[encoding])


def _in_script(text: str, encoding: str) -> float:
    """Share of the non-ASCII characters that are letters of the encoding's script; capitals count half, since
    KOI8-R read as Windows-1251 is a text of capitals."""
    script = _SCRIPTS.get(encoding, "LATIN")
    wide = [char for char in text if not char.isascii()]
    letters = [char for char in wide if unicodedata.name(char, "").startswith(script)]
    return sum(0.5 if char.isupper() else 1 for char in letters) / max(1, len(wide))


def _ask_library(sample: bytes) -> str:
    # 70 ms and 0.7 MB that only such files need.
    from charset_normalizer import from_bytes

    single = ("cp125", "cp874", "koi")
    names = {codec: name for name, codec in CODECS.items() if codec.startswith(single)}
    best = from_bytes(sample, cp_isolation=list(names), enable_fallback=False).best()
    if best is not None and best.encoding in names:
        return names[best.encoding]
    if _text(sample, "windows-1252") is not None:
        return "windows-1252"
    raise BadInputError("unknown_encoding", "The file's encoding cannot be told; name it.")
