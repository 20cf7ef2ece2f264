"""One picture in every form that files have it in, and files that are no pictures."""

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


def no_pictures(good):
    """What is no picture, or the beginning of one."""
    return {"nothing": b"", "text": b"a dog", "a width of 0": empty_png(), "a cut file": good[:999]}


# Some with a side of one pixel.
ABSURD_SIZES = ((1, 1), (2, 4000), (4000, 1), (33, 31))


def plain(size):
    return saved(Image.new("RGB", size, (90, 120, 60)), "PNG")
