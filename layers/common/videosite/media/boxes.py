"""ISO base media boxes (ISO/IEC 14496-12), as FFmpeg writes fragmented MP4 to a pipe. I/O-free.

On the pipe come ftyp + moov (the init segment), then moof + mdat per fragment, then mfra, which is
dropped. Feed bytes in any portions; whole inits and fragments come out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from videosite.errors import RetryableError

MAX_BOX_BYTES = 64 << 20
"""Ten times a segment of 6 s at 7.5 Mbit/s: a length beyond it is nonsense, not data to wait for."""


class BadFragmentError(RetryableError):
    """The stream is not the fragmented MP4 it must be."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_fragment", message)


@dataclass(frozen=True)
class Init:
    """An init segment: ftyp and moov."""

    data: bytes


@dataclass(frozen=True)
class Fragment:
    """One moof and its mdat.

    `tfdt`: decode time of its first frame, `duration`: of all its frames, both in the track's timescale;
    `samples`: frames in it; `sequence`: its number in mfhd, from 1.
    """

    data: bytes
    tfdt: int
    samples: int
    duration: int
    sequence: int


class FragmentParser:
    """Push parser for one output of FFmpeg."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._pending = b""

    def feed(self, data: bytes) -> list[Init | Fragment]:
        """Take bytes; return what became whole.

        Raises:
            BadFragmentError: a box that cannot be, or boxes in an order they cannot have.
        """
        self._buffer += data
        found: list[Init | Fragment] = []
        while (box := self._next_box()) is not None:
            kind, raw = box
            if kind in (b"ftyp", b"moof"):
                self._pending = raw
            elif kind == b"moov":
                if self._pending[4:8] != b"ftyp":
                    raise BadFragmentError("moov without ftyp")
                found.append(Init(self._pending + raw))
                self._pending = b""
            elif kind == b"mdat":
                found.append(_fragment(self._pending, raw))
                self._pending = b""
            elif kind not in (b"mfra", b"styp", b"sidx", b"free"):
                raise BadFragmentError(f"unexpected box {kind!r}")
        return found

    def _next_box(self) -> tuple[bytes, bytes] | None:
        if len(self._buffer) < 8:
            return None
        size, kind = struct.unpack_from(">I4s", self._buffer)
        if size == 1:
            if len(self._buffer) < 16:
                return None
            (size,) = struct.unpack_from(">Q", self._buffer, 8)
        if not 8 <= size <= MAX_BOX_BYTES:
            raise BadFragmentError(f"box {kind!r} says it is {size} bytes long")
        if len(self._buffer) < size:
            return None
        raw = bytes(self._buffer[:size])
        del self._buffer[:size]
        return kind, raw


def _fragment(moof: bytes, mdat: bytes) -> Fragment:
    if moof[4:8] != b"moof":
        raise BadFragmentError("mdat without moof")
    traf = find(moof, b"traf")
    tfdt = find(traf, b"tfdt")
    base = _number(tfdt, 4, ">Q" if tfdt[:1] == b"\1" else ">I")
    default = _default_duration(find(traf, b"tfhd"))
    runs = [_run(body, default) for kind, body in children(traf) if kind == b"trun"]
    return Fragment(
        data=moof + mdat,
        tfdt=base,
        samples=sum(samples for samples, _ in runs),
        duration=sum(duration for _, duration in runs),
        sequence=_number(find(moof, b"mfhd"), 4),
    )


def _default_duration(tfhd: bytes) -> int:
    """Of each sample, if tfhd says (FFmpeg always does)."""
    flags = _number(tfhd, 0)
    if not flags & 0x08:
        return 0
    return _number(tfhd, 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0))


def _run(trun: bytes, default: int) -> tuple[int, int]:
    """(samples, their duration) of a trun (ISO/IEC 14496-12, 8.8.8)."""
    flags, count = _number(trun, 0), _number(trun, 4)
    if not flags & 0x100:
        return count, count * default
    start = 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
    step = 4 * (flags >> 8 & 0xF).bit_count()
    if start + count * step > len(trun):
        raise BadFragmentError("trun is shorter than its samples")
    return count, sum(_number(trun, start + index * step) for index in range(count))


def _number(body: bytes, offset: int, layout: str = ">I") -> int:
    try:
        (value,) = struct.unpack_from(layout, body, offset)
    except struct.error:
        raise BadFragmentError("a box is too short for its fields") from None
    return int(value)


def children(body: bytes, offset: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """(type, body without header) of each box in a container's body."""
    while offset + 8 <= len(body):
        size, kind = struct.unpack_from(">I4s", body, offset)
        if size < 8 or offset + size > len(body):
            raise BadFragmentError(f"box {kind!r} does not fit its parent")
        yield kind, body[offset + 8 : offset + size]
        offset += size


def find(container: bytes, *path: bytes) -> bytes:
    """Body of the first box along a path. `container` may begin with its own header (moof, moov).

    Raises:
        BadFragmentError: there is none.
    """
    body = container[8:] if container[4:8] in (b"moof", b"moov") else container
    for wanted in path:
        for kind, inner in children(body):
            if kind == wanted:
                body = inner
                break
        else:
            raise BadFragmentError(f"no {wanted!r} box")
    return body


def _track(init: bytes) -> bytes:
    """Body of the first track's mdia box."""
    for kind, body in children(init):
        if kind == b"moov":
            return find(body, b"trak", b"mdia")
    raise BadFragmentError("no moov box")


def timescale(init: bytes) -> int:
    """Ticks per second of the init segment's (first) track."""
    mdhd = find(_track(init), b"mdhd")
    return _number(mdhd, 20 if mdhd[:1] == b"\1" else 12)


def codec_string(init: bytes) -> str:
    """The exact CODECS value of an init segment (RFC 6381; AV1 in ISOBMFF, section 5).

    For example avc1.64001f, av01.0.05M.08, mp4a.40.2.

    Raises:
        BadFragmentError: it has no sample entry, or not one of these.
    """
    stsd = find(_track(init), b"minf", b"stbl", b"stsd")
    kind, entry = next(children(stsd, 8), (b"", b""))
    try:
        return _CODEC_STRINGS[kind](entry)
    except (KeyError, IndexError):
        raise BadFragmentError(f"unknown sample entry {kind!r}") from None


def _avc(entry: bytes) -> str:
    # A VisualSampleEntry has 78 bytes before its boxes.
    config = find(entry[78:], b"avcC")
    return f"avc1.{config[1]:02x}{config[2]:02x}{config[3]:02x}"


def _av1(entry: bytes) -> str:
    config = find(entry[78:], b"av1C")
    tier = "H" if config[2] & 0x80 else "M"
    depth = 8 if not config[2] & 0x40 else 12 if config[2] & 0x20 else 10
    return f"av01.{config[1] >> 5}.{config[1] & 31:02d}{tier}.{depth:02d}"


def _aac(entry: bytes) -> str:
    # An AudioSampleEntry has 28 bytes before its boxes.
    return f"mp4a.40.{_audio_object_type(find(entry[28:], b'esds'))}"


_CODEC_STRINGS = {b"avc1": _avc, b"av01": _av1, b"mp4a": _aac}

_DESCRIPTOR_FIELDS = {3: 3, 4: 13}
"""MPEG-4 descriptors that hold others: tag → bytes of own fields before them."""


def _audio_object_type(esds: bytes) -> int:
    """First five bits of the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), in descriptor 5."""
    position = 4
    while True:
        tag = esds[position]
        position += 1
        while esds[position] & 0x80:
            position += 1
        position += 1
        if tag == 5:
            return esds[position] >> 3
        position += _DESCRIPTOR_FIELDS[tag]
