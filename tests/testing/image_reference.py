"""Makes pictures of many kinds and says what Pillow makes of them: the reference of tests/server/vision.

    image_reference.py FOLDER

writes files into FOLDER and prints one line a case:

    decode NAME WIDTH HEIGHT                     NAME.file is the picture, NAME.rgb its upright pixels
    resize NAME MODE W H TARGET_W TARGET_H       NAME.rgb [H,W,3] resized (bilinear) is NAME.out; MODE is RGB or L
    crop NAME W H SHORTER CROP_W CROP_H          as torchvision: shorter side to SHORTER, middle cut out
"""

import io
import pathlib
import random
import struct
import sys
import zlib

import numpy
from PIL import Image, ImageOps

FOLDER = pathlib.Path(sys.argv[1])
RANDOM = random.Random(20260401)


def noise(width, height, channels=3):
    """Random bytes: every rounding of a resize shows."""
    pixels = numpy.frombuffer(RANDOM.randbytes(width * height * channels), numpy.uint8)
    return pixels.reshape([height, width, channels] if channels > 1 else [height, width])


def smooth(width, height):
    """A picture that JPEG compresses without surprises."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [127 + 120 * numpy.sin(x / 9 + y / 31), 255 * x / width, 255 * y / height]
    return Image.fromarray(numpy.stack(planes, -1).astype(numpy.uint8))


def decode_case(name, data):
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    rgb = picture.convert("RGB")
    (FOLDER / f"{name}.file").write_bytes(data)
    (FOLDER / f"{name}.rgb").write_bytes(rgb.tobytes())
    print("decode", name, *rgb.size)


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg_cases():
    picture = smooth(61, 43)
    for subsampling in 0, 1, 2:
        for progressive in False, True:
            name = f"jpeg_{subsampling}_{'progressive' if progressive else 'baseline'}"
            decode_case(name, encoded(picture, "JPEG", quality=90, subsampling=subsampling, progressive=progressive))
    decode_case("jpeg_one_pixel", encoded(smooth(1, 1), "JPEG"))
    decode_case("jpeg_grey", encoded(picture.convert("L"), "JPEG"))
    decode_case("jpeg_cmyk", encoded(picture.convert("CMYK"), "JPEG"))
    decode_case("jpeg_restart_markers", encoded(picture, "JPEG", optimize=True))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        decode_case(f"jpeg_orientation_{orientation}", encoded(picture, "JPEG", quality=95, exif=exif.tobytes()))


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(width, height, depth, color, interlace, rows, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows))
            + png_chunk(b"IEND", b""))


def adam7(pixels):
    passes = (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
    rows = b""
    for x, y, step_x, step_y in passes:
        part = pixels[y::step_y, x::step_x]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return rows


def png_cases():
    rgb = Image.fromarray(noise(29, 17))
    decode_case("png_rgb", encoded(rgb, "PNG"))
    decode_case("png_grey", encoded(rgb.convert("L"), "PNG"))
    decode_case("png_one_bit", encoded(rgb.convert("1"), "PNG"))
    decode_case("png_palette", encoded(rgb.quantize(200), "PNG"))
    decode_case("png_palette_two_bits", encoded(rgb.quantize(4), "PNG", bits=2))
    decode_case("png_palette_transparent", encoded(rgb.quantize(16), "PNG", transparency=3))
    decode_case("png_rgb_transparent", encoded(rgb, "PNG", transparency=(1, 2, 3)))
    decode_case("png_rgba", encoded(Image.fromarray(noise(29, 17, 4), "RGBA"), "PNG"))
    decode_case("png_grey_alpha", encoded(Image.fromarray(noise(29, 17, 2), "LA"), "PNG"))
    decode_case("png_gamma_is_not_applied", png_file(2, 1, 8, 0, 0, b"\0\x40\x80", png_chunk(b"gAMA", struct.pack(">I", 100000))))
    rows = b"".join(b"\0" + RANDOM.randbytes(29 * 6) for _ in range(17))
    decode_case("png_rgb_16_bits", png_file(29, 17, 16, 2, 0, rows))
    decode_case("png_interlaced", png_file(29, 17, 8, 2, 1, adam7(noise(29, 17))))
    for bits in 2, 4:
        rows = b"".join(b"\0" + RANDOM.randbytes(8) for _ in range(5))
        decode_case(f"png_grey_{bits}_bits", png_file(64 // bits, 5, bits, 0, 0, rows))
    exif = Image.Exif()
    exif[0x0112] = 6
    decode_case("png_orientation_6", encoded(rgb, "PNG", exif=exif.tobytes()))


def resize_cases():
    sizes = [
        (500, 375, 341, 256), (37, 53, 37, 53), (64, 48, 224, 224), (300, 200, 7, 5), (1, 1, 9, 4), (5, 400, 20, 3),
        (400, 5, 3, 20), (101, 67, 100, 67), (101, 67, 101, 66), (17, 19, 255, 254), (640, 480, 32, 32), (3, 2, 1, 1)]
    for width, height, target_width, target_height in sizes:
        for mode in "RGB", "L":
            name = f"resize_{mode}_{width}x{height}_{target_width}x{target_height}"
            pixels = noise(width, height)
            picture = Image.fromarray(pixels).convert(mode).resize((target_width, target_height), Image.BILINEAR)
            (FOLDER / f"{name}.rgb").write_bytes(pixels.tobytes())
            (FOLDER / f"{name}.out").write_bytes(picture.tobytes())
            print("resize", name, mode, width, height, target_width, target_height)


def crop_cases():
    """torchvision.transforms.Resize and CenterCrop on a PIL picture, by their documented rules."""
    for width, height, shorter, crop_width, crop_height in [
            (500, 375, 256, 224, 224), (375, 500, 256, 224, 224), (333, 500, 256, 227, 227), (200, 201, 37, 30, 31),
            (64, 64, 64, 64, 64), (31, 97, 32, 32, 17), (100, 30, 45, 44, 45)]:
        name = f"crop_{width}x{height}_{shorter}_{crop_width}x{crop_height}"
        pixels = noise(width, height)
        if width <= height:
            resized = shorter, int(shorter * height / width)
        else:
            resized = int(shorter * width / height), shorter
        left = int(round((resized[0] - crop_width) / 2.0))
        top = int(round((resized[1] - crop_height) / 2.0))
        picture = Image.fromarray(pixels).resize(resized, Image.BILINEAR)
        picture = picture.crop((left, top, left + crop_width, top + crop_height))
        (FOLDER / f"{name}.rgb").write_bytes(pixels.tobytes())
        (FOLDER / f"{name}.out").write_bytes(picture.tobytes())
        print("crop", name, width, height, shorter, crop_width, crop_height)


jpeg_cases()
png_cases()
resize_cases()
crop_cases()
