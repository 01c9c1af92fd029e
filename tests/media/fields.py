"""H.264 whose fields are pictures of their own (PAFF), as camcorders write it and no encoder here does.

Every macroblock is I_PCM, so a bit writer is all it takes. Clauses are of ITU-T H.264.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.media.runner import ffmpeg

SIDE = 64
KEY_EVERY = 12


class _Bits:
    def __init__(self) -> None:
        self._bits = ""

    def u(self, count: int, value: int) -> None:
        self._bits += f"{value:0{count}b}"

    def ue(self, *values: int) -> None:
        """Exp-Golomb codes (9.1)."""
        for value in values:
            self._bits += "0" * ((value + 1).bit_length() - 1) + f"{value + 1:b}"

    def align(self) -> None:
        self._bits += "0" * (-len(self._bits) % 8)

    def end(self) -> bytes:
        """With the stop bit (7.3.2.11)."""
        self._bits += "1"
        return self.take()

    def take(self) -> bytes:
        self.align()
        data = bytes(int(self._bits[at : at + 8], 2) for at in range(0, len(self._bits), 8))
        self._bits = ""
        return data


def _nal(kind: int, data: bytes, reference: int = 3) -> bytes:
    """With emulation prevention (7.4.1)."""
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = 0 if byte else zeros + 1
    return b"\0\0\0\1" + bytes([reference << 5 | kind]) + bytes(out)


def _parameters(rate: int) -> bytes:
    """SPS (7.3.2.1.1) of Main profile with fields, and PPS (7.3.2.2)."""
    sps = _Bits()
    sps.u(24, 77 << 16 | 30)
    sps.ue(0, 0, 0, 4, 1)  # id, 4 bits of frame_num, POC type 0 of 8 bits, one reference
    sps.u(1, 0)
    sps.ue(SIDE // 16 - 1, SIDE // 32 - 1)
    sps.u(5, 0b00101)  # fields, no MBAFF, direct_8x8, no cropping, VUI
    sps.u(5, 0b00001)  # nothing but its timing
    sps.u(32, 1)
    sps.u(32, 2 * rate)
    sps.u(5, 0b10000)
    pps = _Bits()
    pps.ue(0, 0)
    pps.u(2, 0)  # CAVLC
    pps.ue(0, 0, 0)
    pps.u(3, 0)
    pps.ue(0, 0, 0)
    pps.u(3, 0b100)  # deblocking is told in slices
    return _nal(7, sps.end()) + _nal(8, pps.end())


def _field(frame: int, bottom: int, level: int) -> bytes:
    """One field of one grey, as a slice of its own (7.3.3)."""
    key = frame == 0 and not bottom
    bits = _Bits()
    bits.ue(0, 7, 0)
    bits.u(6, frame % 16 << 2 | 0b10 | bottom)
    if key:
        bits.ue(0)
    bits.u(8, (2 * frame + bottom) % 256)
    bits.u(2 if key else 1, 0)
    bits.ue(0, 1)
    data = b""
    for _ in range(SIDE // 16 * SIDE // 32):
        bits.ue(25)  # I_PCM
        data += bits.take() + bytes([level]) * 256 + bytes([128]) * 128
    return _nal(5 if key else 1, data + bits.end())


def _units(frames: int, rate: int) -> Iterator[bytes]:
    for frame in range(frames):
        for bottom in (0, 1):
            yield _nal(9, b"\xf0", 0)
            if frame % KEY_EVERY == 0 and not bottom:
                yield _parameters(rate)
            yield _field(frame, bottom, level_of(frame))


def level_of(frame: int) -> int:
    """The luma of a frame; neighbours differ."""
    return 20 + 40 * (frame % 5)


def make_fields(path: Path, frames: int, rate: int = 25) -> Path:
    """A clip of so many frames of two fields each."""
    raw = path.with_suffix(".h264")
    raw.write_bytes(b"".join(_units(frames, rate)))
    ffmpeg("-framerate", str(rate), "-i", str(raw), "-c", "copy", str(path))
    return path
