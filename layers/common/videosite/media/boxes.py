"""ISO base media boxes (ISO/IEC 14496-12), as FFmpeg writes fragmented MP4 to a pipe. I/O-free.

On the pipe come ftyp + moov (the init segment), then moof + mdat per fragment, then mfra, which is
dropped. Feed bytes in any portions; whole inits and fragments come out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from videosite.errors import RetryableError

MAX_BOX_BYTES = 256 << 20
"""Larger than any segment: a length beyond it is nonsense, not data to wait for."""


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

    `tfdt`: base decode time in the track's timescale; `samples`: frames in it.
    """

    data: bytes
    tfdt: int
    samples: int


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
    (base,) = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)
    samples = sum(struct.unpack_from(">I", body, 4)[0] for kind, body in children(traf) if kind == b"trun")
    return Fragment(moof + mdat, base, samples)


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


def _sample_entry(init: bytes) -> tuple[bytes, bytes]:
    for kind, body in children(init):
        if kind == b"moov":
            stsd = find(body, b"trak", b"mdia", b"minf", b"stbl", b"stsd")
            return next(children(stsd, 8))
    raise BadFragmentError("no moov box")


def timescale(init: bytes) -> int:
    """Ticks per second of the init segment's (first) track."""
    for kind, body in children(init):
        if kind == b"moov":
            mdhd = find(body, b"trak", b"mdia", b"mdhd")
            (ticks,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
            return int(ticks)
    raise BadFragmentError("no moov box")


def codec_string(init: bytes) -> str:
    """The exact CODECS value of an init segment (RFC 6381; AV1 codec ISO media file format binding 5).

    >>> # "avc1.64001f", "av01.0.05M.08", "mp4a.40.2"
    """
    kind, entry = _sample_entry(init)
    if kind == b"avc1":
        # VisualSampleEntry is 78 bytes before its boxes.
        config = dict(children(entry, 78))[b"avcC"]
        return f"avc1.{config[1:4].hex()}"
    if kind == b"av01":
        config = dict(children(entry, 78))[b"av1C"]
        profile, level = config[1] >> 5, config[1] & 31
        tier = "H" if config[2] & 0x80 else "M"
        depth = 8 if not config[2] & 0x40 else 12 if config[2] & 0x20 else 10
        return f"av01.{profile}.{level:02d}{tier}.{depth:02d}"
    if kind == b"mp4a":
        # AudioSampleEntry is 28 bytes before its boxes.
        return f"mp4a.40.{_audio_object_type(dict(children(entry, 28))[b'esds'])}"
    raise BadFragmentError(f"unknown sample entry {kind!r}")


def _audio_object_type(esds: bytes) -> int:
    """First five bits of the AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1), behind descriptor tag 5."""
    position = 4
    while position < len(esds):
        tag = esds[position]
        position += 1
        while esds[position] & 0x80:
            position += 1
        position += 1
        if tag == 3:
            position += 3
        elif tag == 4:
            position += 13
        elif tag == 5:
            return esds[position] >> 3
        else:
            break
    raise BadFragmentError("no AudioSpecificConfig")
