"""Faults of storage, told from damage of the source.

FFmpeg goes on after a read error as after the end of the file, and ends with exit code 0: sound then
becomes silence and the last picture stays, with the right counts. Its words tell (`check_storage`); they
are of one build, and some damage makes it say the same. So before anybody is told that a file is damaged, or
waits for storage, storage is asked (`settle`).
"""

import re

from videosite.errors import BadInputError, RetryableError, UnavailableError, VideoSiteError
from videosite.store.presigned import read_range, unreadable

_STORAGE_FAULT = re.compile(
    r"^\S.*(HTTP error (3\d\d|5\d\d|403|408|429)|Server returned (5XX|403)|Error reading HTTP response"
    r"|Connection (refused|reset|timed out)|Failed to resolve|Input/output error|I/O error"
    r"|Stream ends prematurely|Operation timed out"
    r"|Error opening input: (?!Invalid data|Cannot allocate memory))",
    re.MULTILINE,
)
"""Words of FFmpeg 9.0.2 and ffprobe 8.1.2. A range after the end of a cut file gives 416, which is damage.
Ingest has opened the very object a worker opens: what is neither its data nor memory is storage's. Lines
that begin with a space are the upload's own metadata."""


GONE = "source_gone"
_GONE = re.compile(r"^\S.*HTTP error (404|412)", re.MULTILINE)
"""Reads name the ETag they are for."""


def check_storage(stderr: str) -> None:
    """Whether the source could be read to where it was wanted.

    Raises:
        UnavailableError: `storage_unreadable`.
        BadInputError: `source_gone`.
    """
    if _GONE.search(stderr):
        raise _gone()
    if _STORAGE_FAULT.search(stderr):
        raise unreadable()


def settle(error: VideoSiteError, url: str, headers: str) -> VideoSiteError:
    """What an error is that may be storage's fault, or the file's. The one place where that is decided.

    `UnavailableError` or `source_gone` if storage does not give the source now, whatever the error was.
    Else what FFmpeg's words called storage's fault is a plain `RetryableError`: it may have been away and be
    back, or the file is damaged in a way that looks alike, which must not be waited for, and which the
    code of the last attempt is to tell (`source_damaged`). Other errors stay.
    """
    try:
        read_ends(url, headers)
    except (UnavailableError, BadInputError) as found:
        return found
    return _not_storage() if isinstance(error, UnavailableError) else error


def read_ends(url: str, headers: str, count: int = 1) -> tuple[bytes, bytes]:
    """The first and the last `count` bytes of a source, which overlap in a small one.

    Raises:
        UnavailableError: `storage_unreadable`.
        BadInputError: `source_gone`.
    """
    begin, size_bytes = _read(url, headers, 0, count)
    end, _ = _read(url, headers, max(0, size_bytes - count), count)
    return begin, end


def _read(url: str, headers: str, first: int, count: int) -> tuple[bytes, int]:
    fields = dict(line.split(": ", 1) for line in headers.splitlines())
    status, data, size_bytes = read_range(url, fields, first, first + count - 1)
    if status in (404, 412):
        raise _gone()
    if status != 206 or not data:
        raise unreadable()
    return data, size_bytes


def _gone() -> BadInputError:
    return BadInputError(GONE, "The upload was removed or replaced while it was needed.")


def _not_storage() -> RetryableError:
    return RetryableError("source_damaged", "The video could not be read to its end, though storage has it.")
