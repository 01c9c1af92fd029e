"""Pictures that people upload → JPEGs of ours, decoded by Pillow in a child process.

Decoders of pictures have had holes, and the API's process holds keys. So the child has an empty
environment, no files but two pipes, and limits on memory and time (see `child`); it costs 0.2 s.
"""

import os
import signal
import struct
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from videosite.errors import BadInputError, TooLargeError
from videosite.log import logger
from videosite.media import images
from videosite.pipeline.child import Child

MAX_BYTES = 4 << 20
"""API Gateway hands a body to a function in base64, and Lambda takes 6 MB."""
CHILD_MEMORY_BYTES = 640 << 20
"""50 million pixels as RGBA, twice, and libraries."""
CHILD_CPU_S = 12
CHILD_S = 15.0
MAX_MADE_BYTES = 8 << 20
_PROGRAM = Path(images.__file__).with_name("picture_program.py")

_REFUSALS = {
    "not_a_picture": "The file is not a JPEG, PNG, WebP, GIF or AVIF picture.",
    "too_many_pixels": "The picture has more than 50 million pixels.",
    "broken_picture": "The picture is damaged or incomplete.",
    "picture_timeout": "The picture could not be read in reasonable time.",
}


def make_stills(data: bytes) -> dict[str, bytes]:
    """JPEGs of a picture in the sizes of `images.STILLS`, by name; metadata is gone, a rotation applied.

    Raises:
        TooLargeError: `too_large`.
        BadInputError: `not_a_picture`, `too_many_pixels`, `broken_picture`, `picture_timeout`.
    """
    return _make(data, [f"{name}:{side}" for name, side in images.STILLS.items()])


def make_square(data: bytes, side: int) -> bytes:
    """A JPEG of a picture's middle, exactly `side` pixels a side.

    Raises:
        BadInputError: as `make_stills`.
    """
    return _make(data, [f"square:{side}:square"])["square"]


def _make(data: bytes, wanted: Sequence[str]) -> dict[str, bytes]:
    if len(data) > MAX_BYTES:
        raise TooLargeError("too_large", f"A picture may have {MAX_BYTES >> 20} MiB.")
    said, output = _run(data, wanted)
    if said in _REFUSALS:
        raise BadInputError(said, _REFUSALS[said])
    pictures = _unpack(output, [entry.partition(":")[0] for entry in wanted])
    if len(pictures) < len(wanted):
        # It ran out of memory, or crashed.
        raise BadInputError("broken_picture", _REFUSALS["broken_picture"])
    return pictures


def _run(data: bytes, wanted: Sequence[str]) -> tuple[str, bytes]:
    """What the child said, and what it wrote."""
    source, sink = os.pipe(), os.pipe()
    said: list[str] = []
    output = bytearray()
    argv = [
        sys.executable, "-I", str(_PROGRAM), _folder_of_pillow(), str(source[0]), str(sink[1]), *wanted,
    ]  # fmt: skip
    try:
        child = Child(
            argv,
            said.append,
            pass_fds=(source[0], sink[1]),
            memory_bytes=CHILD_MEMORY_BYTES,
            cpu_s=CHILD_CPU_S,
            env=_environment(),
        )
    except BaseException:
        os.close(source[1])
        os.close(sink[0])
        raise
    finally:
        os.close(source[0])
        os.close(sink[1])
    threads = [
        threading.Thread(target=_pour, args=(data, source[1]), daemon=True),
        threading.Thread(target=_drain, args=(output, sink[0]), daemon=True),
    ]
    with child:
        for thread in threads:
            thread.start()
        finished = child.wait(CHILD_S)
    for thread in threads:
        thread.join(timeout=5)
    if not finished or child.exit_code == -signal.SIGKILL:
        # Its time was over, on the clock or of CPU. It may be a picture all the same, on a busy machine.
        logger.warning("picture", extra={"exit_code": child.exit_code, "cpu_s": child.cpu_s})
        return "picture_timeout", b""
    if child.exit_code:
        logger.warning("picture", extra={"exit_code": child.exit_code, "stderr": child.stderr_tail[-300:]})
        return "", b""
    return (said[0] if said else ""), bytes(output)


def _folder_of_pillow() -> str:
    """What the child needs on its path."""
    spec = find_spec("PIL")
    if spec is None or not spec.origin:
        raise ModuleNotFoundError("Pillow is not installed")
    return str(Path(spec.origin).parents[1])


def _environment() -> Mapping[str, str]:
    """Lambda's own Python finds its library by this alone."""
    return {"LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"}


def _pour(data: bytes, fd: int) -> None:
    try:
        with os.fdopen(fd, "wb") as pipe:
            pipe.write(data)
    except BrokenPipeError:
        return  # it said why


def _drain(output: bytearray, fd: int) -> None:
    with os.fdopen(fd, "rb") as pipe:
        output += pipe.read(MAX_MADE_BYTES)


def _unpack(output: bytes, names: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    position = 0
    for name in names:
        if position + 4 > len(output):
            break
        (length,) = struct.unpack_from(">I", output, position)
        position += 4
        data = output[position : position + length]
        position += length
        # A child that was taken over must not store anything but pictures.
        if len(data) != length or not data.startswith(b"\xff\xd8\xff"):
            break
        found[name] = data
    return found
