"""What FFmpeg and ffprobe say when storage fails, and when it is the file."""

import pytest

from videosite.errors import BadInputError, RetryableError, UnavailableError
from videosite.pipeline import faults
from videosite.pipeline.faults import check_storage, settle
from videosite.store.presigned import unreadable


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


def test_damage_that_looks_like_storages_fault_is_told_as_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "read_ends", lambda *_: (b"a", b"z"))
    found = settle(unreadable(), "http://127.0.0.1/source", "")
    assert isinstance(found, RetryableError)
    assert not isinstance(found, UnavailableError)
    assert found.code == "source_damaged"


def test_storage_that_is_away_explains_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> tuple[bytes, bytes]:
        raise unreadable()

    monkeypatch.setattr(faults, "read_ends", away)
    found = settle(BadInputError("source_damaged", "No."), "http://127.0.0.1/source", "")
    assert isinstance(found, UnavailableError)
