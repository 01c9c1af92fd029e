"""What FFmpeg and ffprobe say when storage fails, and when it is the file."""

import pytest

from videosite.errors import BadInputError, UnavailableError
from videosite.pipeline.faults import check_storage


@pytest.mark.parametrize(
    "words",
    [
        "[http @ 0x5] HTTP error 503 Service Unavailable",
        "[http @ 0x5] HTTP error 307 Temporary Redirect",
        "[http @ 0x5] Error reading HTTP response: End of file",
        "[http @ 0x5] Stream ends prematurely at 1, should be 2",
        "(address): I/O error",
        "(address): Server returned 5XX Server Error reply",
        "[in#0 @ 0x5] Error opening input: Input/output error",
        "[in#0 @ 0x5] Error opening input: A word nobody knows",
    ],
)
def test_faults_of_storage(words: str) -> None:
    with pytest.raises(UnavailableError):
        check_storage(f"Something before\n{words}\n")


@pytest.mark.parametrize(
    "words",
    [
        "[in#0 @ 0x5] Error opening input: Invalid data found when processing input",
        "[in#0 @ 0x5] Error opening input: Cannot allocate memory",
        "[http @ 0x5] HTTP error 416 Range Not Satisfiable",
        "    title           : HTTP error 503",
        "    title           : HTTP error 404",
    ],
)
def test_what_is_the_files_own(words: str) -> None:
    check_storage(f"Something before\n{words}\n")


def test_a_source_that_is_gone() -> None:
    with pytest.raises(BadInputError, match="source_gone"):
        check_storage("[http @ 0x5] HTTP error 412 Precondition Failed\n")
