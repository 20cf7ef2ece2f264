"""Pictures for networks of random weights: something is everywhere, and no two places look the same."""

import forms
import numpy
from PIL import Image

SIZES = ((500, 375), (240, 333), (320, 320))


def scene(width, height, seed):
    """Bright rectangles on dark noise, in a light that falls from one side."""
    random = numpy.random.default_rng(seed)
    pixels = random.integers(0, 40, (height, width, 3), numpy.uint8)
    for _ in range(14):
        side = random.integers(12, 120, 2)
        x, y = random.integers(0, [width, height])
        pixels[y:y + side[1], x:x + side[0]] = random.integers(30, 256, 3)
    light = numpy.linspace(1, 0.6, width)[None, :, None] * numpy.linspace(0.7, 1, height)[:, None, None]
    return forms.saved(Image.fromarray((pixels * light).astype(numpy.uint8)), "PNG")
