"""Faults of storage, told from damage of the source by what FFmpeg says.

FFmpeg goes on after a read error as after the end of the file, and ends with exit code 0: sound then
becomes silence and the last picture stays, with the right counts.
"""

import re

from videosite.errors import BadInputError, RetryableError

_STORAGE_FAULT = re.compile(
    r"HTTP error (5\d\d|403|408|429)|Server returned (5XX|403)|Connection (refused|reset|timed out)"
    r"|Failed to resolve|Input/output error|Stream ends prematurely|Operation timed out"
)
"""Words of FFmpeg 9.0.2 and ffprobe 8.1.2. A range after the end of a cut file gives 416, which is damage."""


_GONE = re.compile(r"HTTP error (404|412)")
"""Reads name the ETag they are for."""


def check_storage(stderr: str) -> None:
    """Whether the source could be read to where it was wanted.

    Raises:
        RetryableError: `storage_unreadable`.
        BadInputError: `source_gone`.
    """
    if _GONE.search(stderr):
        raise BadInputError("source_gone", "The upload was removed or replaced while it was needed.")
    if _STORAGE_FAULT.search(stderr):
        raise RetryableError("storage_unreadable", "The upload could not be fetched from storage.")
