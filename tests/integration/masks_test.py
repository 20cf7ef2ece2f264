"""Things come with the pixels that an independent decoding of the reference gives them."""

import io
import json
import pathlib
import tempfile

import boxes
import case
import families
import numpy
import suppressing
from client import Failure
from coco import pixels_of
from dnnd.v1 import vision_pb2
from overlays import class_color, is_color
from PIL import Image
from random_scenes import SIZES, scene

THRESHOLD = 0.35
# Of the pixels of each mask's box: what the project promises of masks.
AGREEMENT = 0.995
CASES = {**families.MASKED, **suppressing.MASKED}
# Heads of each number of outputs, none of them a mask.
WITHOUT_MASKS = ("yolo_v8", "decoded_rows", "decoded_yolov7", "decoded_mmdeploy")
PNG, RLE = (vision_pb2.DetectOptions.MaskFormat.Value(name) for name in ("PNG", "RLE"))


def found_box(found, size):
    return numpy.clip(found[2], 0, [*size, *size])


class InstanceMasksTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        cls.pictures = [scene(*size, seed) for seed, size in enumerate(SIZES)]
        cls.references = {}
        for name, model in CASES.items():
            file = model.make()
            store.add(name, file, config=model.config)
            cls.references[name] = families.Masked(model, file)
        for name in WITHOUT_MASKS:
            store.add(name, families.CASES[name].make(), config=families.CASES[name].config)

    def detect(self, model, picture, **options):
        reply = self.client.detect(model, picture, score_threshold=THRESHOLD, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        return reply.results[0]

    def test_heads_with_masks_are_recognised(self):
        for name, model in CASES.items():
            with self.subTest(name):
                version, = self.client.get(name).versions
                self.assertEqual("READY", version.State.Name(version.state), version.reason)
                told = "\n".join(version.assumed)
                self.assertEqual(not model.config, f"detection.kind {model.kind}, recognised" in told, told)

    def test_masks_are_those_of_an_independent_decoding(self):
        for name, reference in self.references.items():
            worst, things = 1, 0
            for size, picture in zip(SIZES, self.pictures, strict=True):
                expected = reference.find_masks(picture, THRESHOLD)
                result = self.detect(name, picture, masks=RLE)
                self.assertTrue(result.detections)
                for got in result.detections:
                    with self.subTest(name, size=size, got=got.category.index):
                        twin = min((one for one in expected if one[0] == got.category.index),
                                   key=lambda one: numpy.abs(found_box(one, size) - boxes.box_of(got)).max())
                        self.assertLessEqual(numpy.abs(found_box(twin, size) - boxes.box_of(got)).max(), boxes.PIXELS)
                        mask = pixels_of(got.mask.run_lengths, result.width, result.height)
                        part = (slice(got.mask.y, got.mask.y + got.mask.height),
                                slice(got.mask.x, got.mask.x + got.mask.width))
                        self.assertEqual(mask.sum(), got.mask.pixels)
                        self.assertEqual(mask.sum(), mask[part].sum(), "outside of its box")
                        self.assertEqual(twin[3].sum(), twin[3][part].sum(), "the reference's is outside")
                        agreement = (mask[part] == twin[3][part]).mean() if mask[part].size else 1
                        self.assertGreaterEqual(agreement, AGREEMENT)
                        worst, things = min(worst, agreement), things + 1
            self.figure(f"{name}: {things} masks, least agreement", f"{worst:.4f}")

    def test_masks_are_neither_empty_nor_full(self):
        for name in self.references:
            with self.subTest(name):
                masks = [got.mask for got in self.detect(name, self.pictures[0], masks=RLE).detections]
                self.assertTrue(any(0.05 < mask.pixels / (mask.width * mask.height) < 0.95 for mask in masks), masks)

    def test_every_format_says_the_same_and_none_is_the_default(self):
        for name in self.references:
            with self.subTest(name):
                runs = self.detect(name, self.pictures[0], masks=RLE)
                files = self.detect(name, self.pictures[0], masks=PNG)
                for run, file in zip(runs.detections, files.detections, strict=True):
                    self.assertEqual("", file.mask.run_lengths)
                    self.assertEqual(b"", run.mask.png)
                    if file.mask.png:
                        part = numpy.asarray(Image.open(io.BytesIO(file.mask.png)))
                        whole = pixels_of(run.mask.run_lengths, runs.width, runs.height)
                        corner = (file.mask.x, file.mask.y)
                        self.assertEqual((file.mask.height, file.mask.width), part.shape)
                        numpy.testing.assert_array_equal(
                            part, 255 * whole[corner[1]:corner[1] + len(part), corner[0]:corner[0] + part.shape[1]])
                for plain in self.detect(name, self.pictures[0]).detections:
                    self.assertFalse(plain.HasField("mask"))

    def test_a_model_without_masks_answers_without(self):
        for name in WITHOUT_MASKS:
            with self.subTest(name):
                result = self.detect(name, self.pictures[0], masks=RLE)
                self.assertTrue(result.detections)
                self.assertFalse(any(got.HasField("mask") for got in result.detections))

    def test_overlays_show_masks_under_their_boxes(self):
        with tempfile.TemporaryDirectory(prefix="dnnd-masks-") as folder:
            picture, saved = pathlib.Path(folder, "scene.png"), pathlib.Path(folder, "overlay.png")
            picture.write_bytes(self.pictures[0])
            reply = json.loads(self.daemon.dnnctl("detect", "yolo_v8_masks", str(picture), "-s", "0.35", "-n", "1",
                                                  "--save", str(saved)))
            thing, = reply["results"][0]["detections"]
            color = class_color(thing["category"]["index"])
            overlay = numpy.asarray(Image.open(saved).convert("RGB")).astype(int)
            original = numpy.asarray(Image.open(picture)).astype(int)
            mask = pixels_of(thing["mask"]["run_lengths"], *SIZES[0]).astype(bool)
            # Half transparent inside, opaque along the outlines, of boxes and labels too.
            mixed = (original * 127 + color * 128) / 255
            tinted = (numpy.abs(overlay - mixed).max(-1) <= 1) | is_color(overlay, color)
            self.assertGreater(tinted[mask].mean(), 0.9)
            untouched = (overlay == original).all(-1)
            self.assertGreater(untouched[~mask].mean(), 0.9)
