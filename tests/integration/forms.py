"""One picture in every form that files have."""

import io
import struct
import zlib

import numpy
from PIL import Image


def saved(picture, kind, **named):
    out = io.BytesIO()
    picture.save(out, kind, **named)
    return out.getvalue()


def sideways(picture):
    """Stored lying on its side, with the EXIF orientation that turns it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(picture.rotate(90, expand=True), "JPEG", quality=95, exif=exif)


def deep(picture):
    """Sixteen bits a channel, of brightness only: Pillow writes no deeper colours."""
    return saved(Image.fromarray(numpy.asarray(picture.convert("L")).astype(numpy.uint16) * 257), "PNG")


def transparent(picture):
    alpha = Image.linear_gradient("L").resize(picture.size)
    return saved(Image.merge("RGBA", (*picture.split(), alpha)), "PNG")


FORMS = {
    "a greyscale JPEG": lambda picture: saved(picture.convert("L"), "JPEG", quality=95),
    "a greyscale PNG with alpha": lambda picture: saved(picture.convert("LA"), "PNG"),
    "a CMYK JPEG": lambda picture: saved(picture.convert("CMYK"), "JPEG", quality=95),
    "a PNG of 16 bits": deep,
    "a PNG with alpha": transparent,
    "a PNG with a palette": lambda picture: saved(picture.quantize(256), "PNG"),
    "a progressive JPEG": lambda picture: saved(picture, "JPEG", quality=95, progressive=True),
    "a JPEG that EXIF turns": sideways,
}


def empty_png():
    """A header that claims a width of 0."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 0, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
