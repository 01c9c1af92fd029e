"""What becomes of the names people give: titles are cleaned, file names only lend their extension."""

import re
import unicodedata

from videosite.errors import BadInputError

MAX_TITLE_CHARS = 200

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
    shown = (
        " " if char in "\t\r\n" else char
        for char in title
        if char in "\t\r\n" or char == _JOINER or unicodedata.category(char) not in _HIDDEN
    )
    text = unicodedata.normalize("NFC", "".join(shown))
    cleaned = re.sub(r"\s+", " ", text).strip()[:MAX_TITLE_CHARS].strip()
    if not cleaned.replace(_JOINER, ""):
        raise BadInputError("bad_title", "The title is empty.")
    return cleaned


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
