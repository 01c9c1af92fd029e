"""Runs ffprobe over ranged HTTP and turns its answer, or its refusal, into facts or a reason."""

import json

from videosite.errors import BadInputError
from videosite.media.command import probe_argv
from videosite.media.probe import Source, parse_probe
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import PROBE_MEMORY_BYTES, Child
from videosite.pipeline.faults import check_storage

TIMEOUT_S = 8.0
"""Bad input is refused within ten seconds, whatever it makes ffprobe do."""
MAX_ANSWER_BYTES = 1 << 20


def probe(url: str, headers: str = "") -> Source:
    """Probe the object at a presigned address.

    Raises:
        BadInputError: it is not a video this platform takes; code and sentence say why.
        RetryableError: `storage_unreadable`, the object could not be fetched.
    """
    lines: list[str] = []
    size = 0

    def keep(line: str) -> None:
        nonlocal size
        size += len(line)
        if size <= MAX_ANSWER_BYTES:
            lines.append(line)

    argv = probe_argv(find_binary("ffprobe"), url, headers=headers)
    with Child(argv, keep, memory_bytes=PROBE_MEMORY_BYTES, cpu_s=10) as child:
        if not child.wait(TIMEOUT_S):
            raise BadInputError("probe_timeout", "The file could not be understood in reasonable time.")
    check_storage(child.stderr_tail)
    if child.exit_code != 0:
        raise BadInputError("unreadable", "The file is not a video that can be read.")
    try:
        document = json.loads("\n".join(lines))
    except ValueError:
        raise BadInputError("unreadable", "The file is not a video that can be read.") from None
    return parse_probe(document)
