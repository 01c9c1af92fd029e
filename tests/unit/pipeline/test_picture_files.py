"""Pictures that people upload: what comes out of the child process, and what is refused."""

import io
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from videosite.errors import BadInputError
from videosite.pipeline import picture_files
from videosite.pipeline.picture_files import MAX_BYTES, make_square, make_stills

RED, GREEN, BLUE = (250, 5, 5), (5, 250, 5), (5, 5, 250)


def halves(
    width: int = 400, height: int = 200, left: tuple[int, ...] = RED, mode: str = "RGB"
) -> Image.Image:
    """A picture that is red on the left and blue on the right."""
    image = Image.new(mode, (width, height), left)
    fill = BLUE if mode == "RGB" else (*BLUE, 255)
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill=fill)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return image


def close_to(image: Image.Image, place: tuple[int, int], colour: tuple[int, ...], by: int = 25) -> bool:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, colour, strict=True))


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = "where I live"
    return tags.tobytes()


PATIENCE_S = 120
"""Wall clock where it is not what is tested."""


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that says it is so large, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


GIF = saved(
    halves().quantize(8), "GIF", save_all=True, append_images=[Image.new("P", (400, 200), 7)], duration=50
)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PICTURES = {
    "JPEG": saved(halves(), "JPEG", quality=95),
    "PNG": saved(halves(), "PNG"),
    "WebP": saved(halves(), "WEBP", lossless=True),
    "AVIF": saved(halves(), "AVIF"),
    "animated GIF": GIF,
    "animated WebP": saved(halves(), "WEBP", save_all=True, append_images=[Image.new("RGB", (400, 200))]),
    "palette": saved(halves().quantize(8), "PNG"),
    "CMYK": saved(halves().convert("CMYK"), "JPEG", quality=95),
    "profile": saved(halves(), "PNG", icc_profile=PROFILE),
    "broken profile": saved(halves(), "PNG", icc_profile=b"x" * 300),
    "progressive": saved(halves(), "JPEG", progressive=True, quality=95),
    "polyglot": saved(halves(), "JPEG", quality=95) + b"<html><script>alert(1)</script>PK\x03\x04",
    "comment": saved(halves(), "JPEG", comment=b"<?php evil(); ?>", quality=95),
    "rotated": saved(halves().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif(6), quality=95),
    "rotated PNG": saved(halves().transpose(Image.Transpose.ROTATE_180), "PNG", exif=exif(3)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_what_comes_out(name: str) -> None:
    made = make_square(PICTURES[name], 64) if name == "comment" else make_stills(PICTURES[name])["poster"]
    image = opened(made)
    assert image.size == ((64, 64) if name == "comment" else (400, 200))
    assert close_to(image, (20, 30), RED)
    assert close_to(image, (image.width - 20, 30), BLUE)
    for trace in (b"Exif", b"ICC_PROFILE", b"script", b"php", b"where I live", b"PK\x03\x04"):
        assert trace not in made


def test_sizes() -> None:
    made = make_stills(saved(halves(3000, 1500), "JPEG"))
    assert {name: opened(data).size for name, data in made.items()} == {
        "poster": (1280, 640), "large": (960, 480), "medium": (640, 320), "small": (320, 160),
    }  # fmt: skip
    small = make_stills(saved(halves(30, 20), "PNG"))
    assert {opened(data).size for data in small.values()} == {(30, 20)}
    strip = make_stills(saved(halves(4000, 2), "PNG"))
    assert opened(strip["small"]).size == (320, 1)


def test_an_avatar_is_the_middle() -> None:
    image = Image.new("RGB", (900, 300), RED)
    ImageDraw.Draw(image).rectangle((300, 0, 599, 300), fill=GREEN)
    square = opened(make_square(saved(image, "PNG"), 256))
    assert square.size == (256, 256)
    assert close_to(square, (6, 128), GREEN)
    assert close_to(square, (250, 128), GREEN)


def test_transparency_becomes_white() -> None:
    with_alpha = saved(halves(left=(0, 0, 0, 0), mode="RGBA"), "PNG")
    palette = halves(left=(255, 0, 255)).quantize(8)
    clear = palette.getpixel((0, 0))
    for data in (
        with_alpha,
        saved(palette, "PNG", transparency=clear),
        saved(palette, "GIF", transparency=clear),
    ):
        image = opened(make_stills(data)["poster"])
        assert close_to(image, (20, 30), (255, 255, 255))
        assert close_to(image, (380, 30), BLUE)


def test_sixteen_bits_keep_their_greys() -> None:
    grey = Image.new("I;16", (100, 100), 32_768)
    image = opened(make_stills(saved(grey, "PNG"))["poster"])
    assert close_to(image, (50, 50), (128, 128, 128), by=3)


REFUSED = {
    "empty": (b"", "not_a_picture"),
    "text": (b"no picture at all" * 50, "not_a_picture"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "not_a_picture"),
    "TIFF": (saved(halves(), "TIFF"), "not_a_picture"),
    "BMP": (saved(halves(), "BMP"), "not_a_picture"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not_a_picture"),
    "HTML with a JPEG behind": (b"<html>" + saved(halves(), "JPEG"), "not_a_picture"),
    "a bomb": (png_bomb(60_000, 60_000), "too_many_pixels"),
    "a bomb that fits": (png_bomb(7_000, 7_000), "broken_picture"),
    "half a JPEG": (saved(halves(), "JPEG")[:900], "broken_picture"),
    "half a PNG": (saved(halves(), "PNG", compress_level=0)[:5000], "broken_picture"),
    "half a WebP": (
        saved(Image.effect_noise((300, 300), 90).convert("RGB"), "WEBP")[:4000],
        "broken_picture",
    ),
    "too many bytes": (b"\xff\xd8\xff" + bytes(MAX_BYTES), "too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    started_s = time.monotonic()
    with pytest.raises(BadInputError) as caught:
        make_stills(data)
    assert (caught.value.code == code) or name.startswith("half a WebP"), caught.value
    assert caught.value.message.endswith(".")
    assert time.monotonic() - started_s < 10


def test_a_real_bomb_stays_within_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """49 million pixels in 150 kB are what the child's limit was made for."""
    monkeypatch.setattr(picture_files, "CHILD_S", PATIENCE_S)
    data = saved(Image.new("RGB", (7_000, 7_000)), "PNG", compress_level=9)
    assert len(data) < 200_000
    assert opened(make_stills(data)["poster"]).size == (1280, 1280)


@pytest.fixture
def open_files() -> Iterator[None]:
    """As many files are open afterwards as before."""
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))
    yield
    assert len(list(files.iterdir())) == before


@pytest.mark.usefixtures("open_files")
@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os; os.kill(os.getpid(), 11)", "broken_picture"),
        ("import os; os.write(int(__import__('sys').argv[3]), b'\\0\\0\\0\\4<htm')", "broken_picture"),
        ("while True: pass", "picture_timeout"),
        ("x = bytearray(2 << 30)", "broken_picture"),
        ("print('not_a_picture')", "not_a_picture"),
    ],
    ids=["crash", "no JPEG", "endless", "all the memory", "a word"],
)
def test_a_decoder_that_was_taken_over_gets_nothing_stored(
    program: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "program.py"
    file.write_text(program)
    monkeypatch.setattr(picture_files, "_PROGRAM", file)
    # The others end by themselves, on a busy machine too.
    monkeypatch.setattr(picture_files, "CHILD_S", 1.0 if code == "picture_timeout" else PATIENCE_S)
    with pytest.raises(BadInputError) as caught:
        make_stills(PICTURES["PNG"])
    assert caught.value.code == code


def test_the_child_has_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os\n"
        "print(sorted(set(os.environ) - {'LC_CTYPE', 'PWD'}), len(os.listdir('/proc/self/fd')) <= 6)\n"
    )
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setattr(picture_files, "_PROGRAM", program)
    said, _ = picture_files._run(b"", ["poster:10"])
    assert said == "['LD_LIBRARY_PATH'] True"
