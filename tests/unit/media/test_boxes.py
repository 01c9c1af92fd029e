"""The box parser: any portions in, whole inits and fragments out, nonsense refused."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videosite.media.boxes import (
    MAX_BOX_BYTES,
    BadFragmentError,
    Fragment,
    FragmentParser,
    Init,
    codec_string,
    find,
    timescale,
)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def ints(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def entry_of(kind: bytes, skip: int, *boxes: bytes) -> bytes:
    return box(kind, bytes(skip), *boxes)


AVC = entry_of(b"avc1", 78, box(b"pasp", ints(1, 1)), box(b"avcC", bytes([1, 0x64, 0, 0x1F, 0xFF])))
AV1 = entry_of(b"av01", 78, box(b"av1C", bytes([0x81, 0x05, 0x0C, 0])))
AV1_10_BIT_HIGH = entry_of(b"av01", 78, box(b"av1C", bytes([0x81, 0x2D, 0xCC, 0])))
ESDS = bytes(
    [
        3,
        0x80,
        0x80,
        0x80,
        34,
        0,
        1,
        0,
        4,
        0x80,
        0x80,
        0x80,
        20,
        *bytes(13),
        5,
        0x80,
        0x80,
        0x80,
        2,
        0x11,
        0x90,
    ]
)
AAC = entry_of(b"mp4a", 28, box(b"esds", ints(0), ESDS))


def init_of(entry: bytes, mdhd: bytes | None = None) -> bytes:
    mdhd = mdhd or ints(0, 0, 0, 12_800, 0, 0)
    stsd = box(b"stsd", ints(0, 1), entry)
    mdia = box(b"mdia", box(b"mdhd", mdhd), box(b"minf", box(b"stbl", stsd)))
    return box(b"ftyp", b"iso5", ints(512)) + box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", mdia))


def fragment_of(tfdt: int, samples: int, sequence: int = 1, data: bytes = b"media") -> bytes:
    tfhd = box(b"tfhd", ints(0x020038, 1, 512, 9, 0))
    traf = box(
        b"traf",
        tfhd,
        box(b"tfdt", bytes([1, 0, 0, 0]), struct.pack(">Q", tfdt)),
        box(b"trun", ints(1, samples, 0)),
    )
    return box(b"moof", box(b"mfhd", ints(0, sequence)), traf) + box(b"mdat", data)


INIT = init_of(AVC)
STREAM = INIT + fragment_of(0, 50, 1) + fragment_of(25_600, 7, 2, bytes(500)) + box(b"mfra", bytes(16))


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_portions_do_not_matter(cuts: list[int]) -> None:
    parser = FragmentParser()
    ends = [0, *sorted(cuts), len(STREAM)]
    found = [item for a, b in itertools.pairwise(ends) for item in parser.feed(STREAM[a:b])]
    assert found == [
        Init(INIT),
        Fragment(fragment_of(0, 50, 1), tfdt=0, samples=50, duration=25_600, sequence=1),
        Fragment(fragment_of(25_600, 7, 2, bytes(500)), tfdt=25_600, samples=7, duration=3584, sequence=2),
    ]


def test_nothing_comes_out_before_it_is_whole() -> None:
    parser = FragmentParser()
    assert parser.feed(STREAM[: len(INIT) - 1]) == []
    assert parser.feed(STREAM[len(INIT) - 1 : len(INIT)]) == [Init(INIT)]


def test_each_sample_may_have_its_own_duration() -> None:
    trun = box(b"trun", ints(0x000305, 3, 0, 0), ints(10, 1, 20, 2, 30, 3))
    traf = box(b"traf", box(b"tfhd", ints(0x020000, 1)), box(b"tfdt", ints(0, 77)), trun)
    [found] = FragmentParser().feed(box(b"moof", box(b"mfhd", ints(0, 4)), traf) + box(b"mdat"))
    assert isinstance(found, Fragment)
    assert (found.tfdt, found.samples, found.duration, found.sequence) == (77, 3, 60, 4)


@pytest.mark.parametrize(
    "data",
    [
        box(b"mdat", b"x"),
        box(b"moov", b""),
        box(b"evil", b""),
        ints(4) + b"mdat",
        ints(MAX_BOX_BYTES + 1) + b"mdat",
        ints(1) + b"mdat" + struct.pack(">Q", 1 << 40),
        box(b"moof") + box(b"mdat"),
        box(b"moof", box(b"traf")) + box(b"mdat"),
        box(b"moof", box(b"traf", box(b"tfdt", b""))) + box(b"mdat"),
        box(b"moof", ints(99) + b"traf") + box(b"mdat"),
        fragment_of(0, 5).replace(ints(0x020038), ints(0x02003B), 1).replace(b"mfhd", b"free"),
        box(b"ftyp") + box(b"mdat"),
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(BadFragmentError):
        FragmentParser().feed(data)


def test_a_trun_cannot_have_more_samples_than_bytes() -> None:
    trun = box(b"trun", ints(0x000100, 1 << 30, 1))
    traf = box(b"traf", box(b"tfhd", ints(0x020000, 1)), box(b"tfdt", ints(0, 0)), trun)
    with pytest.raises(BadFragmentError):
        FragmentParser().feed(box(b"moof", box(b"mfhd", ints(0, 1)), traf) + box(b"mdat"))


@given(st.binary(max_size=200), st.integers(0, len(STREAM) - 1), st.integers(1, 20))
def test_damage_is_refused_or_passed_on_never_worse(noise: bytes, at: int, length: int) -> None:
    for data in (noise, STREAM[:at] + noise + STREAM[at + length :]):
        try:
            for item in FragmentParser().feed(data):
                if isinstance(item, Init):
                    codec_string(item.data)
                    timescale(item.data)
        except BadFragmentError:
            pass


@pytest.mark.parametrize(
    ("entry", "codec"),
    [(AVC, "avc1.64001f"), (AV1, "av01.0.05M.08"), (AV1_10_BIT_HIGH, "av01.1.13H.10"), (AAC, "mp4a.40.2")],
)
def test_codec_strings(entry: bytes, codec: str) -> None:
    assert codec_string(init_of(entry)) == codec


@pytest.mark.parametrize(
    "entry",
    [
        entry_of(b"hvc1", 78),
        entry_of(b"avc1", 78),
        entry_of(b"avc1", 78, box(b"avcC", b"\1")),
        entry_of(b"mp4a", 28, box(b"esds", ints(0), b"\7\0\0")),
        entry_of(b"mp4a", 28, box(b"esds", ints(0), b"\3")),
        b"",
    ],
)
def test_unknown_codecs_are_refused(entry: bytes) -> None:
    with pytest.raises(BadFragmentError):
        codec_string(init_of(entry))


def test_timescales_of_both_versions() -> None:
    assert timescale(INIT) == 12_800
    long_dates = bytes([1, 0, 0, 0]) + bytes(16) + ints(48_000)
    assert timescale(init_of(AVC, long_dates)) == 48_000
    with pytest.raises(BadFragmentError):
        timescale(box(b"ftyp"))


def test_find_walks_a_path() -> None:
    assert find(box(b"a   ", box(b"b   ", b"x")), b"a   ", b"b   ") == b"x"
    with pytest.raises(BadFragmentError):
        find(box(b"a   "), b"a   ", b"b   ")
