#!/usr/bin/python3
"""Draws the pictures of shapes that the built-in classifier learns and is tested on.

usage: shapes.py --output DIR [--count N] [--seed S] [--format png|jpeg]
       writes DIR/<label>_<n>.png, the same bytes for the same seed.

A picture holds one filled shape of a random colour, size, position, rotation and slight distortion, on a background
of gradient, stripes or speckles, with clutter lines, blur, uneven light and sensor noise over it all. Sizes of the
pictures differ, so that resizing is part of the task. Picture i of seed s depends on (s, i) alone.
"""

import argparse
import math
import pathlib
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LABELS = ("circle", "cross", "heart", "hexagon", "moon", "square", "star", "triangle")

# Shapes are drawn this much larger and then reduced, which gives them smooth edges.
SUPERSAMPLING = 3
# Below this distance in RGB (of 441) a shape is hardly seen on its background, even by us.
MIN_CONTRAST = 90
# The radius of the one shape of a picture, in parts of its side.
RADII = (0.2, 0.42)


def _regular(corners, radius=1.0, phase=0.0):
    return [(radius * math.cos(phase + 2 * math.pi * i / corners), radius * math.sin(phase + 2 * math.pi * i / corners))
            for i in range(corners)]


def _cross(rng):
    arm = rng.uniform(0.24, 0.36)
    return [(-arm, -1), (arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm),
            (arm, 1), (-arm, 1), (-arm, arm), (-1, arm), (-1, -arm), (-arm, -arm)]


def _heart(_):
    angles = [2 * math.pi * i / 90 for i in range(90)]
    return [(math.sin(a) ** 3,
             -(13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)) / 16) for a in angles]


def _moon(rng):
    """A crescent: the outer arc of a unit circle, closed by a circle of the same radius moved aside."""
    shift = rng.uniform(0.45, 0.75)
    tip = math.acos(shift / 2)
    outer = [tip + (2 * math.pi - 2 * tip) * i / 60 for i in range(61)]
    inner = [math.pi + tip - 2 * tip * i / 40 for i in range(41)]
    return [(math.cos(a), math.sin(a)) for a in outer] + [(shift + math.cos(a), math.sin(a)) for a in inner]


def _star(rng):
    inner = rng.uniform(0.38, 0.5)
    return [point for pair in zip(_regular(5), _regular(5, inner, math.pi / 5)) for point in pair]


OUTLINES = {
    "circle": lambda rng: _regular(90),
    "cross": _cross,
    "heart": _heart,
    "hexagon": lambda rng: _regular(6),
    "moon": _moon,
    "square": lambda rng: _regular(4),
    "star": _star,
    "triangle": lambda rng: _regular(3),
}


def _colour(rng):
    return tuple(rng.randrange(256) for _ in range(3))


def colour_unlike(rng, others):
    """A colour that stands out against each of `others`, of which there are at most seven.

    There always is one: the corners of the cube of colours are so far apart that each of the others is near one at most.
    """
    while True:
        colour = _colour(rng)
        if all(math.dist(colour, other) >= MIN_CONTRAST for other in others):
            return colour


def _background(rng, noise, size, colours):
    """A picture of size (width, height) from the first colour to the second: a gradient, stripes or speckles."""
    y, x = np.mgrid[0:size[1], 0:size[0]] / max(size)
    angle = rng.uniform(0, 2 * math.pi)
    along = x * math.cos(angle) + y * math.sin(angle)
    kind = rng.choice(("gradient", "stripes", "speckles"))
    if kind == "gradient":
        mix = (along - along.min()) / (along.max() - along.min())
    elif kind == "stripes":
        mix = 0.5 + 0.5 * np.sin(2 * math.pi * along * rng.uniform(2, 7))
    else:
        coarse = Image.fromarray((noise.random((9, 9)) * 255).astype(np.uint8))
        mix = np.asarray(coarse.resize(size, Image.BICUBIC)) / 255
    first, second = (np.array(colour, float) for colour in colours)
    return Image.fromarray((first + (second - first) * mix[..., None]).astype(np.uint8))


def canvas(rng, noise, size):
    """A background with clutter, of size (width, height), SUPERSAMPLING times as large; and its two colours."""
    large = tuple(side * SUPERSAMPLING for side in size)
    base = _colour(rng)
    colours = (base, tuple(min(255, max(0, c + rng.randrange(-90, 91))) for c in base))
    picture = _background(rng, noise, large, colours)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randrange(4)):
        ends = [rng.uniform(0, large[i % 2]) for i in range(4)]
        pen.line(ends, fill=_colour(rng), width=rng.randrange(1, 3) * SUPERSAMPLING)
    return picture, colours


def placed(rng, label, size, radii):
    """The outline of a shape, slightly distorted and turned, somewhere inside of (width, height).

    Its radius is between the two `radii`, parts of the shorter side. Corners may reach over the edge by a little.
    """
    outline = OUTLINES[label](rng)
    radius = min(size) * rng.uniform(*radii)
    turn = rng.uniform(0, 2 * math.pi)
    squeeze, slant = rng.uniform(0.85, 1.0), rng.uniform(-0.12, 0.12)
    centre = [rng.uniform(radius + 1, side - radius - 1) for side in size]
    points = []
    for x, y in outline:
        x, y = x + slant * y, y * squeeze
        points.append((centre[0] + radius * (x * math.cos(turn) - y * math.sin(turn)),
                       centre[1] + radius * (x * math.sin(turn) + y * math.cos(turn))))
    return points


def taken(rng, noise, picture):
    """The drawn picture as a camera takes it: its own size, blur, uneven light and the noise of a sensor."""
    size = tuple(side // SUPERSAMPLING for side in picture.size)
    picture = picture.resize(size, Image.BILINEAR)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    ends = rng.uniform(0.7, 1.1), rng.uniform(0.7, 1.1)
    light = np.linspace(*ends, size[1])[:, None] if rng.random() < 0.5 else np.linspace(*ends, size[0])
    pixels = np.asarray(picture, float) * np.broadcast_to(light, size[::-1])[..., None]
    pixels += noise.normal(0, rng.uniform(2, 14), pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def draw(label, rng):
    """One picture (RGB) of the shape that `label` names."""
    noise = np.random.default_rng(rng.getrandbits(64))
    side = rng.randrange(80, 161)
    picture, background = canvas(rng, noise, (side, side))
    outline = placed(rng, label, picture.size, RADII)
    ImageDraw.Draw(picture).polygon(outline, fill=colour_unlike(rng, background))
    return taken(rng, noise, picture)


def pictures(seed, count):
    """Yields `count` pairs (label index, picture), every label as often as the others."""
    for i in range(count):
        label = i % len(LABELS)
        # A text seed is hashed by its content, the same on every machine and run.
        yield label, draw(LABELS[label], random.Random(f"shapes/{seed}/{i}"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder, made if it does not exist")
    parser.add_argument("--count", type=int, default=len(LABELS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("png", "jpeg"), default="png")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for i, (label, picture) in enumerate(pictures(options.seed, options.count)):
        name = f"{LABELS[label]}_{i // len(LABELS)}.{options.format}"
        picture.save(options.output / name, quality=92)


if __name__ == "__main__":
    main()
