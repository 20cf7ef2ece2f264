#!/usr/bin/python3
"""Draws the pictures of shapes that the built-in model learns and is tested on.

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
    return [(math.cos(a), math.sin(a)) for a in outer] + [(shift + math.cos(a), math.sin(a)) for a in reversed(inner)]


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


def _colour_unlike(rng, others):
    """A colour that stands out against each of `others`."""
    while True:
        colour = _colour(rng)
        if all(math.dist(colour, other) >= MIN_CONTRAST for other in others):
            return colour


def _background(rng, noise, size, colours):
    """A picture from the first colour to the second: a gradient, stripes or speckles."""
    y, x = np.mgrid[0:size, 0:size] / size
    angle = rng.uniform(0, 2 * math.pi)
    along = x * math.cos(angle) + y * math.sin(angle)
    kind = rng.choice(("gradient", "stripes", "speckles"))
    if kind == "gradient":
        mix = (along - along.min()) / (along.max() - along.min())
    elif kind == "stripes":
        mix = 0.5 + 0.5 * np.sin(2 * math.pi * along * rng.uniform(2, 7))
    else:
        coarse = Image.fromarray((noise.random((9, 9)) * 255).astype(np.uint8))
        mix = np.asarray(coarse.resize((size, size), Image.BICUBIC)) / 255
    first, second = (np.array(colour, float) for colour in colours)
    return Image.fromarray((first + (second - first) * mix[..., None]).astype(np.uint8))


def _placed(rng, outline, size):
    """The outline turned, slightly squeezed and slanted, somewhere inside the picture."""
    radius = size * rng.uniform(0.2, 0.42)
    turn = rng.uniform(0, 2 * math.pi)
    squeeze, slant = rng.uniform(0.85, 1.0), rng.uniform(-0.12, 0.12)
    centre = [rng.uniform(radius + 1, size - radius - 1) for _ in range(2)]
    points = []
    for x, y in outline:
        x, y = x + slant * y, y * squeeze
        points.append((centre[0] + radius * (x * math.cos(turn) - y * math.sin(turn)),
                       centre[1] + radius * (x * math.sin(turn) + y * math.cos(turn))))
    return points


def draw(label, rng):
    """One picture (RGB) of the shape that `label` names."""
    noise = np.random.default_rng(rng.getrandbits(64))
    size = rng.randrange(80, 161)
    large = size * SUPERSAMPLING
    base = _colour(rng)
    background = (base, tuple(min(255, max(0, c + rng.randrange(-90, 91))) for c in base))
    picture = _background(rng, noise, large, background)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randrange(4)):
        ends = [rng.uniform(0, large) for _ in range(4)]
        pen.line(ends, fill=_colour(rng), width=rng.randrange(1, 3) * SUPERSAMPLING)
    pen.polygon(_placed(rng, OUTLINES[label](rng), large), fill=_colour_unlike(rng, background))
    picture = picture.resize((size, size), Image.BILINEAR)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    light = np.linspace(rng.uniform(0.7, 1.1), rng.uniform(0.7, 1.1), size)
    if rng.random() < 0.5:
        light = light[:, None]
    pixels = np.asarray(picture, float) * np.broadcast_to(light, (size, size))[..., None]
    pixels += noise.normal(0, rng.uniform(2, 14), pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


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
