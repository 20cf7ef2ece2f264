#!/usr/bin/env python3
"""What scenes.py says of a scene is true of its picture, and the scenes in the tree are its own."""

import json
import pathlib
import sys
import tempfile
import unittest

import numpy
from PIL import Image

MODELS = pathlib.Path(__file__).parents[2] / "deploy/models"
sys.path.insert(0, str(MODELS))

import scenes  # noqa: E402
import shapes  # noqa: E402

SEED = 77
# A pixel belongs to what is at its middle, and Pillow draws an outline as thick as a point of the enlarged drawing.
PIXEL = 0.5 + 1 / shapes.SUPERSAMPLING
# How far the tip of a star or moon is thinner than a pixel, and may miss every middle.
TIP = 4.0


class SceneTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scenes = list(scenes.scenes(SEED, 60))

    def test_the_same_seed_gives_the_same_bytes(self):
        def files(seed):
            with tempfile.TemporaryDirectory() as folder:
                for i, scene in enumerate(scenes.scenes(seed, 3)):
                    scenes.write(scene, pathlib.Path(folder), f"scene_{i}", "png")
                return {file.name: file.read_bytes() for file in pathlib.Path(folder).iterdir()}
        once = files(SEED)
        self.assertEqual({f"scene_{i}{ending}" for i in range(3) for ending in (".png", ".json", ".mask.png")}, set(once))
        self.assertEqual(once, files(SEED))
        self.assertFalse(set(once.values()) & set(files(SEED + 1).values()))

    def test_sizes_and_counts_keep_their_bounds(self):
        for scene in self.scenes:
            shorter, longer = sorted(scene.picture.size)
            self.assertTrue(scenes.LONGER_SIDES[0] <= longer < scenes.LONGER_SIDES[1], longer)
            self.assertGreaterEqual(round(longer * 3 / 4), shorter * 0.75)
            self.assertGreaterEqual(shorter, round(longer * 3 / 4))
            self.assertTrue(1 <= len(scene.things) <= scenes.MOST_SHAPES)
            self.assertEqual(scene.picture.size[::-1], scene.mask.shape)
        self.assertEqual(set(range(len(shapes.LABELS))), {thing.label for scene in self.scenes for thing in scene.things})
        self.assertEqual({1, 2, 3, 4, 5}, {len(scene.things) for scene in self.scenes})

    def test_boxes_hold_the_pixels_of_their_things_and_no_more(self):
        checked = 0
        for scene in self.scenes:
            labels = [thing.label for thing in scene.things]
            for thing in scene.things:
                left, top, right, bottom = thing.box
                self.assertTrue(0 <= left < right <= scene.picture.width and 0 <= top < bottom <= scene.picture.height)
                if labels.count(thing.label) > 1:
                    continue  # which pixels are whose, the mask does not tell
                rows, columns = (scene.mask == thing.label + 1).nonzero()
                seen = numpy.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
                inwards = (seen - thing.box) * (1, 1, -1, -1)
                self.assertGreaterEqual(inwards.min(), -PIXEL)
                if thing is scene.things[-1]:  # which nothing hides
                    self.assertLessEqual(inwards.max(), TIP)
                    checked += 1
        self.assertGreater(checked, len(self.scenes) / 2)

    def test_pixels_of_a_thing_have_its_colour_and_others_have_not(self):
        for scene in self.scenes:
            pixels = numpy.asarray(scene.picture, float)
            for thing in scene.things:
                inside = pixels[scene.mask == thing.label + 1].mean(0)
                around = pixels[scene.mask == 0].mean(0)
                # Half of the contrast that shapes have: light and noise take some of it.
                self.assertGreater(numpy.abs(inside - around).sum(), shapes.MIN_CONTRAST / 2)

    def test_no_thing_is_hidden_by_more_than_is_allowed(self):
        outline = [(0, 0), (29, 0), (29, 9), (0, 9)]
        owners = scenes.Owners((60, 60))
        self.assertTrue(owners.add(outline))
        self.assertFalse(owners.add([(0, 0), (4, 0), (4, 9), (0, 9)]), "5 of 30 columns are more than 15 %")
        self.assertTrue(owners.add([(0, 0), (1, 0), (1, 9), (0, 9)]))
        self.assertFalse(owners.add([(27, 0), (29, 0), (29, 9), (27, 9)]), "two hide more together than each")
        self.assertTrue(owners.add([(29, 0), (40, 0), (40, 9), (29, 9)]))
        self.assertEqual([20, 270, 120], numpy.bincount(owners.numbers.ravel())[[2, 1, 3]].tolist())

    def test_the_description_counts_what_the_mask_shows(self):
        for scene in self.scenes[:10]:
            told = scenes.described(scene)
            self.assertEqual((told["width"], told["height"]), scene.picture.size)
            self.assertEqual([shapes.LABELS[thing.label] for thing in scene.things],
                             [thing["label"] for thing in told["things"]])
            self.assertEqual({label: (scene.mask == i).sum() for i, label in enumerate(scenes.CLASSES)
                              if (scene.mask == i).any()},
                             {area["label"]: area["pixels"] for area in told["areas"]})
            self.assertEqual(scene.mask.size, sum(area["pixels"] for area in told["areas"]))


class ScenesOfTheTreeTest(unittest.TestCase):
    def test_what_is_said_of_them_is_what_the_generator_says(self):
        seed, count = 5, 6  # see deploy/README.md
        for i, scene in enumerate(scenes.scenes(seed, count)):
            with self.subTest(i):
                told = json.loads((MODELS / f"scenes/scene_{i}.json").read_text())
                self.assertEqual(scenes.described(scene), told)
                mask = numpy.asarray(Image.open(MODELS / f"scenes/scene_{i}.mask.png"))
                numpy.testing.assert_array_equal(scene.mask, mask)


if __name__ == "__main__":
    unittest.main()
