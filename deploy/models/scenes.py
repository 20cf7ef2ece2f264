#!/usr/bin/python3
"""Draws scenes of several shapes, with what is in them: for detectors and segmenters.

usage: scenes.py --output DIR [--count N] [--seed S] [--format png|jpeg]
       writes DIR/scene_<n>.png or .jpeg, and what is true of it: DIR/scene_<n>.json and DIR/scene_<n>.mask.png;
       the same bytes for the same seed.

A scene holds one to five of the shapes that shapes.py draws, on its backgrounds and with its disturbances. Shapes may cover
each other in part. Scene i of seed s depends on (s, i) alone. The JSON of a scene is one line:

  width, height   of the picture
  things          of each shape its label and its box, in pixels from the picture's left upper corner
  areas           of each label, and of the background, the pixels that the mask gives it

The mask has the index of a class for each pixel: 0 for the background, 1 for the first label.
"""

import argparse
import json
import pathlib
import random
import typing

import numpy as np
from PIL import Image, ImageDraw

import shapes

# Classes of a mask.
CLASSES = ("background", *shapes.LABELS)
MOST_SHAPES = 5
# Sides of a scene. It is never longer than 4:3, so that a stretch to a square leaves the shapes their form.
LONGER_SIDES = (150, 240)
LEAST_ASPECT = 0.75
# The radius of a shape, in parts of the shorter side: at 128 pixels it is then still larger than one pixel's blur hides.
RADII = (0.12, 0.26)
# A shape of which others cover more could be another one.
MOST_HIDDEN = 0.15
# Places that are tried for one shape. A scene that is full stays with what it has.
TRIES = 20


class Thing(typing.NamedTuple):
    """A shape in a scene."""
    label: int  # index in shapes.LABELS
    box: tuple  # x_min, y_min, x_max, y_max of the whole shape, covered or not, inside the picture; pixels


class Scene(typing.NamedTuple):
    picture: Image.Image  # RGB
    things: list
    mask: np.ndarray  # [height, width] uint8, index in CLASSES of what is at the middle of the pixel


class Owners:
    """Which thing each point of the enlarged drawing belongs to."""

    def __init__(self, size):
        self.numbers = np.zeros(size[::-1], np.uint8)  # 0: none; 1: the first thing
        self._areas = []

    def add(self, outline):
        """Puts a shape on top of the others; false, with nothing changed, if that would hide too much of one."""
        stencil = Image.new("L", self.numbers.shape[::-1])
        ImageDraw.Draw(stencil).polygon(outline, fill=1)
        covered = np.asarray(stencil, bool)
        seen = np.bincount(self.numbers[~covered], minlength=len(self._areas) + 1)[1:]
        if any(left < (1 - MOST_HIDDEN) * area for left, area in zip(seen, self._areas)):
            return False
        self._areas.append(int(covered.sum()))
        self.numbers[covered] = len(self._areas)
        return True


def _box(outline, size):
    """The box of an outline in the enlarged drawing, in pixels of the picture of this size."""
    low = [max(0.0, min(point[i] for point in outline) / shapes.SUPERSAMPLING) for i in range(2)]
    high = [min(size[i], max(point[i] for point in outline) / shapes.SUPERSAMPLING) for i in range(2)]
    return (*low, *high)


def draw(rng):
    """One scene."""
    noise = np.random.default_rng(rng.getrandbits(64))
    longer = rng.randrange(*LONGER_SIDES)
    size = [longer, round(longer * rng.uniform(LEAST_ASPECT, 1))]
    rng.shuffle(size)
    picture, background = shapes.canvas(rng, noise, size)
    colours = list(background)
    owners = Owners(picture.size)
    things = []
    for _ in range(rng.randint(1, MOST_SHAPES)):
        label = rng.randrange(len(shapes.LABELS))
        for _ in range(TRIES):
            outline = shapes.placed(rng, shapes.LABELS[label], picture.size, RADII)
            if owners.add(outline):
                colours.append(shapes.colour_unlike(rng, colours))
                ImageDraw.Draw(picture).polygon(outline, fill=colours[-1])
                things.append(Thing(label, _box(outline, size)))
                break
    middle = shapes.SUPERSAMPLING // 2
    numbers = owners.numbers[middle::shapes.SUPERSAMPLING, middle::shapes.SUPERSAMPLING]
    classes = np.array([0] + [thing.label + 1 for thing in things], np.uint8)
    return Scene(shapes.taken(rng, noise, picture), things, classes[numbers])


def scenes(seed, count):
    """Yields `count` scenes."""
    for i in range(count):
        yield draw(random.Random(f"scenes/{seed}/{i}"))


def described(scene):
    """What is true of a scene, as plain values for JSON."""
    pixels = np.bincount(scene.mask.ravel(), minlength=len(CLASSES))
    return {
        "width": scene.picture.width,
        "height": scene.picture.height,
        "things": [{"label": shapes.LABELS[thing.label],
                    "box": dict(zip(("x_min", "y_min", "x_max", "y_max"), (round(x, 2) for x in thing.box)))}
                   for thing in scene.things],
        "areas": [{"label": label, "pixels": int(count)} for label, count in zip(CLASSES, pixels) if count > 0],
    }


def _palette():
    """A colour for each class, so that a mask is a picture too."""
    colours = [(0, 0, 0)] + [(85 * (i // 4 % 2 + 1), 255 * (i // 2 % 2), 255 * (i % 2)) for i in range(1, len(CLASSES))]
    return [value for colour in colours for value in colour]


def write(scene, folder, name, picture_format):
    scene.picture.save(folder / f"{name}.{picture_format}", quality=92)
    (folder / f"{name}.json").write_text(json.dumps(described(scene)) + "\n")
    mask = Image.fromarray(scene.mask, "P")
    mask.putpalette(_palette())
    mask.save(folder / f"{name}.mask.png", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder, made if it does not exist")
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("png", "jpeg"), default="png")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for i, scene in enumerate(scenes(options.seed, options.count)):
        write(scene, options.output, f"scene_{i}", options.format)


if __name__ == "__main__":
    main()
