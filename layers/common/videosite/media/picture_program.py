"""Decodes one hostile picture and writes JPEGs of it. A program: `picture_files` runs it in a child process
with nothing to steal and little to waste, so it imports nothing of ours.

    python -I picture_program.py FOLDER_OF_PILLOW IN OUT NAME:SIDE… [NAME:SIDE:square…]

Reads the picture from file descriptor IN; writes to OUT, for each name in order, its length in four bytes
(big endian) and its JPEG. What it cannot do it says in one word on stdout: `not_a_picture`,
`too_many_pixels`, `broken_picture`.
"""

import io
import os
import struct
import sys
from typing import Any

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
MAX_PIXELS = 50_000_000
"""What phones take. 200 MB as RGBA."""
QUALITY = 85


def run(folder: str, source: int, sink: int, wanted: list[str]) -> str:
    """Returns the word for what went wrong, or ""."""
    sys.path.insert(0, folder)
    from PIL import Image, UnidentifiedImageError

    with os.fdopen(source, "rb") as pipe:
        data = pipe.read()
    Image.MAX_IMAGE_PIXELS = None  # it would warn only; the header is looked at below
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return "not_a_picture"
    if image.width * image.height > MAX_PIXELS:
        return "too_many_pixels"
    sizes = [entry.split(":") for entry in wanted]
    try:
        picture = plain(image, max(int(side) for _, side, *_ in sizes))
    except MemoryError:
        return "too_many_pixels"
    except Exception:  # decoders raise whatever they like
        return "broken_picture"
    with os.fdopen(sink, "wb") as pipe:
        for _, side, *shape in sizes:
            jpeg = encode(picture, int(side), bool(shape))
            pipe.write(struct.pack(">I", len(jpeg)) + jpeg)
    return ""


def plain(image: Any, side: int) -> Any:
    """The first frame as RGB, upright, sRGB, on white, no larger than needed for `side`."""
    from PIL import Image, ImageOps

    upright = image.getexif().get(0x0112, 1)
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        # 16 bits: Pillow would cut off what is above 255.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    # Twice as large: a square is cut out of it. Here already, so that what follows is cheap.
    image.thumbnail((side * 2, side * 2), Image.Resampling.LANCZOS)
    image.getexif()[0x0112] = upright
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile:
        image = to_srgb(image, profile)
    # Its pixels alone: Pillow would write comments on.
    bare = Image.new("RGB", image.size)
    bare.paste(image.convert("RGB"))
    return bare


def to_srgb(image: Any, profile: bytes) -> Any:
    """Colours as browsers expect them; with a profile that is broken or of other colours, as they are."""
    from PIL import ImageCms

    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, found, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def encode(picture: Any, side: int, square: bool) -> bytes:
    """A JPEG without any metadata: `square` of exactly `side`, else fitted into it and never enlarged."""
    from PIL import Image, ImageOps

    if square:
        picture = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    else:
        picture = picture.copy()
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))  # noqa: T201
