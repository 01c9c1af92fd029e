"""What becomes of the names people give: titles are cleaned, file names only lend their extension."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from videosite.errors import BadInputError
from videosite.media.languages import canonical

MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 5000
MAX_TAGS = 20
MAX_TAG_CHARS = 50
TITLE_KEY_CHARS = 64

CATEGORIES = (
    "animals", "arts", "comedy", "education", "entertainment", "film", "food", "gaming", "howto", "kids",
    "music", "news", "people", "politics", "science", "sports", "technology", "travel", "vehicles", "other",
)  # fmt: skip
"""What a video may be about; clients have their names in their language files."""

CONTENT_TYPES = {
    "3gp": "video/3gpp",
    "asf": "video/x-ms-asf",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "m2ts": "video/mp2t",
    "m4v": "video/x-m4v",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "mxf": "application/mxf",
    "ogv": "video/ogg",
    "ts": "video/mp2t",
    "webm": "video/webm",
    "wmv": "video/x-ms-wmv",
}
"""Extensions an object key may carry → media type it is stored with."""

OTHER_EXTENSION = "bin"
"""What any other file is stored as. Its content decides about it, like everyone else's: a video with an
odd name is transcoded, anything else is refused by the probe with the reason."""

_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
"""Unicode categories that show nothing or change how their neighbours show (controls, direction marks)."""
_JOINER = "\u200d"
"""Also Cf, but part of emoji and of several scripts."""


def clean_title(title: str) -> str:
    """A title as it is stored: NFC, one line, no invisible characters, at most 200 characters.

    Raises:
        BadInputError: `bad_title`, nothing is left.
    """
    cleaned = _one_line(title)[:MAX_TITLE_CHARS].strip()
    if not cleaned.replace(_JOINER, ""):
        raise BadInputError("bad_title", "The title is empty.")
    return cleaned


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", _shown(text)).strip()


def _shown(text: str) -> str:
    """NFC, without what shows nothing; tabs and ends of lines stay."""
    kept = (
        char
        for char in text
        if char in "\t\r\n" or char == _JOINER or unicodedata.category(char) not in _HIDDEN
    )
    return unicodedata.normalize("NFC", "".join(kept))


def title_key(title: str) -> str:
    """What titles are sorted by: without the difference of cases, of half and full width, and of accents'
    encodings.

    >>> title_key("Ｖideo ÄB")
    'video äb'
    """
    return unicodedata.normalize("NFKC", title).casefold()[:TITLE_KEY_CHARS] or " "


def clean_description(description: str) -> str:
    """A description as it is stored: as a title, but of several lines, and it may be empty.

    Raises:
        BadInputError: `bad_description`, it is too long.
    """
    text = _shown(description).replace("\r\n", "\n").replace("\r", "\n")
    cleaned = re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]+", " ", text)).strip()
    if len(cleaned) > MAX_DESCRIPTION_CHARS:
        raise BadInputError(
            "bad_description", f"A description has at most {MAX_DESCRIPTION_CHARS} characters."
        )
    return cleaned


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are stored: in lower case, one line each, each once, in order. What is empty is left out.

    Raises:
        BadInputError: `bad_tags`, there are too many, or one is too long.
    """
    cleaned = (unicodedata.normalize("NFC", _one_line(tag).casefold()).strip("# ") for tag in tags)
    found = sorted({tag for tag in cleaned if tag.replace(_JOINER, "")})
    if len(found) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in found):
        raise BadInputError(
            "bad_tags", f"A video has at most {MAX_TAGS} tags of at most {MAX_TAG_CHARS} characters."
        )
    return found


def check_category(category: str) -> str:
    """A category, if it is one of `CATEGORIES`.

    Raises:
        BadInputError: `bad_category`.
    """
    if category not in CATEGORIES:
        raise BadInputError("bad_category", f"A category is one of {', '.join(CATEGORIES)}.")
    return category


_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*",
    re.ASCII | re.IGNORECASE,
)
"""RFC 5646 section 2.1, without extended languages, extensions and private use."""


def clean_language(language: str) -> str:
    """A language tag (BCP 47) with the case that RFC 5646 section 2.1.1 gives its parts.

    >>> clean_language("ZH-hans-cn"), clean_language("de")
    ('zh-Hans-CN', 'de')

    Raises:
        BadInputError: `bad_language`.
    """
    tag = language.strip()
    if not _LANGUAGE.fullmatch(tag):
        raise BadInputError("bad_language", "A language is a BCP 47 tag: de, pt-BR, zh-Hans.")
    return canonical(tag)


def attachment(title: str, extension: str) -> str:
    """A Content-Disposition that saves a file under a title (RFC 6266): plain letters for old clients, all of
    them for others. Nothing of a title can end the header or name a folder.

    >>> attachment('Das "Meer"/1', "mp4")
    'attachment; filename="Das Meer 1.mp4"; filename*=UTF-8\'\'Das%20Meer%201.mp4'
    """
    name = re.sub(r"\s+", " ", re.sub(r'[\\/:*?"<>|;%\x00-\x1f\x7f]', " ", title)).strip(" .") or "video"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]+", "_", unicodedata.normalize("NFKD", name))
    full = quote(f"{name}.{extension}", safe="")
    return f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{full}"


def title_from(filename: str) -> str:
    """A title made of a file's name, for uploads that bring none."""
    name = re.split(r"[/\\]", filename)[-1]
    stem = name.rpartition(".")[0] or name
    try:
        return clean_title(stem.replace("_", " "))
    except BadInputError:
        return "Untitled"


def extension_of(filename: str) -> str:
    """The extension an upload's key gets: one of `CONTENT_TYPES`, or `OTHER_EXTENSION`."""
    extension = filename.rpartition(".")[2].lower()
    return extension if extension in CONTENT_TYPES else OTHER_EXTENSION


def content_type_of(extension: str) -> str:
    """The media type an upload is stored with."""
    return CONTENT_TYPES.get(extension, "application/octet-stream")
