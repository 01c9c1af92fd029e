"""Runs ffprobe over ranged HTTP and turns its answer, or its refusal, into facts or a reason.

FFmpeg then looks at a few pictures, to see how hard the video is to encode.
"""

import contextlib
import json
import re
from dataclasses import replace
from typing import Any

from videosite.errors import BadInputError, RetryableError, UnavailableError
from videosite.log import logger
from videosite.media.command import packets_argv, probe_argv
from videosite.media.complexity import complexity_argv, fit_ladder, is_worth_a_look, needed_kbps
from videosite.media.fields import items, mapping
from videosite.media.plan import Plan
from videosite.media.probe import TOO_LARGE, Source, parse_probe, read_probe
from videosite.media.rates import ABSURD_RATE
from videosite.media.tracks import begins_late
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import PROBE_MEMORY_BYTES, Child
from videosite.pipeline.faults import GONE, check_storage, read_ends, settle

LOOK_S = 4.0
"""Time for the look at a few pictures; it takes a tenth of that as a rule."""
READ_S = 30.0
"""Time to read a whole file, of those few that do not say where they end, or to find the fragments of one."""
TIMEOUT_S = 8.0
"""Bad input is refused within ten seconds, whatever it makes ffprobe do."""
MAX_ANSWER_BYTES = 1 << 20
UNREADABLE = BadInputError("unreadable", "The file is not a video that can be read.")
TIMEOUT = BadInputError("probe_timeout", "The file could not be understood in reasonable time.")
TOO_FRAGMENTED = BadInputError(
    "probe_timeout",
    "The file is an MP4 of too many fragments, as recorders leave it. Save it as an ordinary MP4 first.",
)
HEAD_BYTES = 1 << 16
FRAGMENTED = b"mvex"
"""In the head of an MP4 that consists of fragments."""
EVEN_LARGER = re.compile(r"Picture size [1-9]\d*x[1-9]\d* (exceeds|is invalid)")
NOT_ALLOWED = re.compile(r"Codec \(([a-z0-9_.]{1,30})\) not on whitelist")


def look(plan: Plan, url: str, size_bytes: int, headers: str = "") -> Plan:
    """The plan with its ladder fitted to how hard the source is to encode.

    As it was if the source cannot be sampled in a bounded time: what can be transcoded is not refused here.

    Raises:
        RetryableError: `storage_unreadable`.
    """
    if not is_worth_a_look(plan, size_bytes):
        return plan
    lines: list[str] = []
    argv = complexity_argv(find_binary("ffmpeg"), plan, url, headers=headers)
    with Child(argv, lines.append, cpu_s=10) as child:
        in_time = child.wait(LOOK_S)
    check_storage(child.stderr_tail)
    kbps = needed_kbps(plan, lines) if in_time else None
    logger.info("looked at", extra={"needed_kbps": kbps, "cpu_s": round(child.cpu_s, 2)})
    return plan if kbps is None else replace(plan, renditions=fit_ladder(plan, kbps))


def probe(url: str, headers: str = "", judge: bool = True) -> Source:
    """Probe the object at a presigned address. `judge`: refuse by its length and rate, too.

    Raises:
        BadInputError: it is not a video this platform takes; code and sentence say why.
        UnavailableError: `storage_unreadable`, the object could not be fetched.
    """
    try:
        document = _ask(url, headers, TIMEOUT_S)
    except (BadInputError, UnavailableError) as error:
        if isinstance(error, BadInputError) and error not in (UNREADABLE, TIMEOUT):
            raise
        document = _ask_fragmented(url, headers) if error is TIMEOUT else _ask_again(error, url, headers)
    if begins_late(mapping(stream) for stream in items(mapping(document).get("streams"))):
        with contextlib.suppress(BadInputError):
            document = _ask(url, headers, TIMEOUT_S, deep=True)
    return parse_probe(document) if judge else read_probe(document)


def _ask_again(error: BadInputError | UnavailableError, url: str, headers: str) -> Any:
    """`_ask`, if storage answers: it may have failed in a way that ffprobe has no known words for, and be
    back."""
    fault = settle(error, url, headers)
    if isinstance(fault, UnavailableError) or fault.code == GONE:
        raise fault
    try:
        return _ask(url, headers, TIMEOUT_S)
    except UnavailableError as same:
        fault = settle(same, url, headers)
        raise UNREADABLE if type(fault) is RetryableError else fault from None


def _ask_fragmented(url: str, headers: str) -> Any:
    """`_ask` of a file whose every fragment ffprobe has to ask storage for."""
    begin, _ = read_ends(url, headers, HEAD_BYTES)
    if FRAGMENTED not in begin:
        raise TIMEOUT
    try:
        return _ask(url, headers, READ_S)
    except BadInputError as error:
        raise TOO_FRAGMENTED if error is TIMEOUT else error from None


def _ask(url: str, headers: str, timeout_s: float, deep: bool = False) -> Any:
    """ffprobe's answer."""
    lines: list[str] = []
    size = 0

    def keep(line: str) -> None:
        nonlocal size
        size += len(line)
        if size <= MAX_ANSWER_BYTES:
            lines.append(line)

    argv = probe_argv(find_binary("ffprobe"), url, headers=headers, deep=deep)
    with Child(argv, keep, memory_bytes=PROBE_MEMORY_BYTES, cpu_s=10) as child:
        in_time = child.wait(timeout_s)
    check_storage(child.stderr_tail)
    if not in_time:
        raise TIMEOUT
    if child.exit_code != 0:
        raise _refusal(child.stderr_tail)
    try:
        return json.loads("\n".join(lines))
    except ValueError:
        raise UNREADABLE from None


def find_end(source: Source, url: str, headers: str = "") -> Source:
    """The source with the length its packets have, and the rate if it does not say that either; as it was if
    that takes too long.

    Raises:
        RetryableError: `storage_unreadable`.
    """
    end_ticks = packets = 0

    def look(line: str) -> None:
        nonlocal end_ticks, packets
        pts, _, duration = line.rstrip(",").partition(",")
        if pts.lstrip("-").isdigit():
            packets += 1
            end_ticks = max(end_ticks, int(pts) + (int(duration) if duration.isdigit() else 0))

    argv = packets_argv(find_binary("ffprobe"), source.video_index, url, headers)
    with Child(argv, look, cpu_s=int(READ_S)) as child:
        in_time = child.wait(READ_S)
    check_storage(child.stderr_tail)
    length_s = (end_ticks - source.start_ticks) * source.time_base
    if not in_time or length_s <= 0:
        return source
    known = 0 < source.average_rate < ABSURD_RATE
    rate = source.average_rate if known else packets / length_s
    return replace(source, duration_s=length_s, duration_is_exact=True, average_rate=rate)


def _refusal(stderr: str) -> BadInputError:
    """Why ffprobe gave up: it does at the first stream whose decoder is not allowed."""
    if codec := NOT_ALLOWED.search(stderr):
        return BadInputError(
            "unsupported_codec", f"A stream of the file is in a format that is not supported: {codec[1]}."
        )
    return TOO_LARGE if EVEN_LARGER.search(stderr) else UNREADABLE
