"""Real segmenters say of each pixel of real photographs what the reference runtime says."""

import io
import json
import re

import case
import detectors
import forms
import numpy
import onnxruntime
import segmenter_models as models
from client import Failure
from coco import pixels_of
from dnnd.v1 import config_pb2, vision_pb2
from PIL import Image, ImageOps
from random_scenes import SIZES, scene

# Of the pixels: what the project promises.
AGREEMENT = 0.995
# A greyscale picture is another picture to a network, but not another thing.
FORM_AGREEMENT = 0.9
# Of a pixel's opacity, in 255ths.
OPACITY_TOLERANCE = 2
# The lists of the test data were made at the model's own size: in hundredths of the picture.
LISTED_PERCENT = 2.0

RLE, LABELS = (vision_pb2.SegmentOptions.MaskFormat.Value(name) for name in ("RLE", "LABELS"))
NEAREST = config_pb2.SegmentationHead.NEAREST

# Values of pixels as the networks want them; layout, kind and classes are taken from the models.
MODELS = {
    "deeplabv3_mnv2_dm05_257": ("preprocess { scale: 0.0078431373 mean: 1 }", lambda rgb: rgb / 127.5 - 1),
    "road_segmentation_adas_0001": ("preprocess { scale: 1 color: BGR }", lambda rgb: rgb[:, :, ::-1]),
}
ROAD_LABELS = "background\nroad\ncurb\nmark\n"


def decoded(mask):
    return numpy.asarray(Image.open(io.BytesIO(mask)))


class SegmentersTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.images = data / "images"
        cls.listed = {name: model["checked"] for name, model in json.loads((data / "models.json").read_text()).items()}
        cls.sessions = {}
        for name, (config, _) in MODELS.items():
            file = data / "models" / name / "model.onnx"
            store.add(name, file, config=config, labels=data / "labels/voc21.txt")
            if name.startswith("road"):
                (store.path / name / "labels.txt").write_text(ROAD_LABELS)
            cls.sessions[name] = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

    def pictures(self, model):
        """Names of the pictures and the percentages that are listed for them."""
        for part in re.split(r"\s*[|;]\s*", self.listed[model]):
            name, _, shares = part.partition(": ")
            yield name, {label: float(share) for label, share in re.findall(r"(\w+) ([\d.]+)%", shares)}

    def segment(self, model, *pictures, **options):
        reply = self.client.segment(model, *pictures, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        return reply

    def scores(self, model, picture):
        """The reference's scores for each place, [rows, columns, classes]."""
        session = self.sessions[model]
        feed = session.get_inputs()[0]
        resized = picture.resize(feed.shape[2:0:-1], Image.Resampling.BILINEAR)
        pixels = MODELS[model][1](numpy.asarray(resized, numpy.float32))
        return session.run(None, {feed.name: pixels[None].astype(numpy.float32)})[0][0]

    def test_masks_are_those_of_the_reference_runtime(self):
        for model in MODELS:
            for name, listed in self.pictures(model):
                with self.subTest(model=model, picture=name):
                    file = (self.images / name).read_bytes()
                    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")
                    scores = self.scores(model, picture)
                    planes = [Image.fromarray(numpy.ascontiguousarray(scores[:, :, c])) for c in range(scores.shape[2])]
                    bilinear = numpy.argmax([numpy.asarray(plane.resize(picture.size, Image.Resampling.BILINEAR))
                                             for plane in planes], axis=0)
                    nearest = numpy.asarray(Image.fromarray(scores.argmax(-1).astype(numpy.uint8))
                                            .resize(picture.size, Image.Resampling.NEAREST))
                    result = self.segment(model, file).results[0]
                    self.assertEqual(picture.size, (result.width, result.height))
                    smooth = (decoded(result.mask) == bilinear).mean()
                    blocky = (decoded(self.segment(model, file, mask_resize=NEAREST).results[0].mask) == nearest).mean()
                    self.figure(f"{model}, {name}: agreement, bilinear and nearest", f"{smooth:.4f}, {blocky:.4f}")
                    self.assertGreaterEqual(min(smooth, blocky), AGREEMENT)
                    shares = {area.category.label: 100 * area.category.score for area in result.areas}
                    for label, percent in listed.items():
                        self.assertAlmostEqual(percent, shares.get(label, 0), delta=LISTED_PERCENT)

    def test_every_format_says_the_same(self):
        model, file = "deeplabv3_mnv2_dm05_257", (self.images / "persons.jpg").read_bytes()
        picture = self.segment(model, file).results[0]
        mask = decoded(picture.mask)
        raw = self.segment(model, file, format=LABELS).results[0]
        numpy.testing.assert_array_equal(mask, numpy.frombuffer(raw.mask, numpy.uint8).reshape(mask.shape))
        encoded = self.segment(model, file, format=RLE).results[0]
        self.assertEqual(b"", encoded.mask)
        for area in encoded.areas:
            present = pixels_of(area.run_lengths, *mask.shape[::-1])
            numpy.testing.assert_array_equal(mask == area.category.index, present)
            self.assertEqual(area.pixels, present.sum())
        self.assertEqual(mask.size, sum(area.pixels for area in picture.areas))
        self.assertEqual(["background", "person"], [area.category.label for area in picture.areas][:2])

    def test_confidence_is_a_picture_of_the_same_size(self):
        file = (self.images / "kitten.jpg").read_bytes()
        result = self.segment("deeplabv3_mnv2_dm05_257", file, confidence=True).results[0]
        confidence = decoded(result.confidence)
        self.assertEqual((result.height, result.width), confidence.shape)
        # Sure inside of things, unsure along their outlines; the best of 21 is never below 1 / 21.
        self.assertGreater(numpy.median(confidence), 200)
        self.assertGreaterEqual(confidence.min(), 255 // 21)
        self.assertEqual(b"", self.segment("deeplabv3_mnv2_dm05_257", file).results[0].confidence)

    def test_many_pictures_have_masks_of_their_own_sizes(self):
        names = ("astronaut.png", "car.jpg", "airliner.jpeg")
        files = [(self.images / name).read_bytes() for name in names]
        reply = self.segment("deeplabv3_mnv2_dm05_257", *files)
        for name, file, result in zip(names, files, reply.results, strict=True):
            with self.subTest(name):
                alone = self.segment("deeplabv3_mnv2_dm05_257", file).results[0]
                self.assertEqual((alone.width, alone.height), (result.width, result.height))
                numpy.testing.assert_array_equal(decoded(alone.mask), decoded(result.mask))

    def test_what_was_guessed_is_told(self):
        assumed = "; ".join(self.client.get("deeplabv3_mnv2_dm05_257").versions[0].assumed)
        self.assertIn("task SEGMENT", assumed)
        self.assertIn("21 channels NHWC", assumed)
        self.assertIn("softmax", assumed)

    def test_wrong_options_and_models_are_named(self):
        picture = (self.images / "car.jpg").read_bytes()
        for threshold in (1.5, -1, float("nan")):
            failure = self.client.segment("deeplabv3_mnv2_dm05_257", picture, threshold=threshold)
            self.assertEqual(("INVALID_ARGUMENT", "options.threshold"), (failure.code, failure.field), failure)
        failure = self.client.classify("deeplabv3_mnv2_dm05_257", picture)
        self.assertEqual(("FAILED_PRECONDITION", "TASK_MISMATCH"), (failure.code, failure.reason), failure)


class StrangePicturesTest(case.DaemonCase):
    """Whatever form a picture has: the right mask, or an error that says why."""

    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.picture = detectors.upright((data / "images/kitten.jpg").read_bytes())
        config, _ = MODELS["deeplabv3_mnv2_dm05_257"]
        store.add("deeplab", data / "models/deeplabv3_mnv2_dm05_257/model.onnx", config=config)

    def test_a_cat_is_a_cat_in_every_form(self):
        plain = decoded(self.client.segment("deeplab", forms.saved(self.picture, "PNG")).results[0].mask)
        self.assertGreater((plain == 8).mean(), 0.1, "no cat")
        for form, make in forms.FORMS.items():
            with self.subTest(form):
                reply = self.client.segment("deeplab", make(self.picture))
                self.assertNotIsInstance(reply, Failure, reply)
                self.assertEqual(self.picture.size, (reply.results[0].width, reply.results[0].height))
                self.assertGreaterEqual((decoded(reply.results[0].mask) == plain).mean(), FORM_AGREEMENT)


# Its configuration, and how a picture lies in its input.
SMALL = {
    "stretched": (models.classes(160, 96), "task: SEGMENT", detectors.stretched),
    "quarter": (models.classes(96, 160, whole=False), "task: SEGMENT", detectors.stretched),
    "letterboxed": (models.classes(160, 96), "task: SEGMENT preprocess { resize: LETTERBOX pad_value: 90 }",
                    lambda picture, *size: detectors.letterboxed(picture, *size, 90, middle=True)),
    "open": (models.classes(160, 96, open_size=True), "task: SEGMENT preprocess { width: 160 height: 96 }",
             detectors.stretched),
    "matting": (models.matting(160, 96), "task: SEGMENT segmentation { kind: OPACITY }", detectors.stretched),
}


class SmallSegmentersTest(case.DaemonCase):
    """Inputs that are not square, or of open size; opacities."""

    @classmethod
    def fill_store(cls, store):
        cls.pictures = [scene(*size, seed) for seed, size in enumerate(SIZES)]
        cls.sessions = {}
        for name, (file, config, _) in SMALL.items():
            store.add(name, file, config=config)
            cls.sessions[name] = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        store.add("open_unsized", SMALL["open"][0], config="task: SEGMENT")
        store.add("open_unnamed", SMALL["open"][0])
        store.add("unlike", SMALL["stretched"][0], config="task: SEGMENT preprocess { width: 96 height: 96 }")
        store.add("no_map", case.shapes_model(), config="task: SEGMENT")

    def reference(self, name, file):
        """[channels, height, width] of the picture's pixels."""
        picture = detectors.upright(file)
        pixels, factors, *corner = SMALL[name][2](picture, 160, 96) if name != "quarter" else SMALL[name][2](
            picture, 96, 160)
        corner = corner[0] if corner else (0, 0)
        session = self.sessions[name]
        feed = numpy.ascontiguousarray(pixels.transpose(2, 0, 1)[None] / 255, numpy.float32)
        maps = session.run(None, {session.get_inputs()[0].name: feed})[0][0]
        x = ((numpy.arange(picture.width) + 0.5) * factors[0] + corner[0]) * maps.shape[2] / pixels.shape[1]
        y = ((numpy.arange(picture.height) + 0.5) * factors[1] + corner[1]) * maps.shape[1] / pixels.shape[0]
        return numpy.stack([detectors.bilinear(cells, x, y) for cells in maps])

    def segment(self, model, picture, **options):
        reply = self.client.segment(model, picture, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        return reply.results[0]

    def test_masks_are_those_of_the_reference_runtime(self):
        for name in SMALL:
            for size, file in zip(SIZES, self.pictures, strict=True):
                with self.subTest(name, size=size):
                    expected = self.reference(name, file)
                    mask = decoded(self.segment(name, file).mask)
                    self.assertEqual(size[::-1], mask.shape)
                    if name == "matting":
                        far = numpy.abs(mask - 255 * expected[0]) > OPACITY_TOLERANCE
                        self.assertGreater(mask.std(), 20, "the same everywhere")
                    else:
                        far = mask != expected.argmax(0)
                        self.assertGreater(len(numpy.unique(mask)), 2)
                    self.figure(f"{name} {size}: agreement", f"{1 - far.mean():.4f}")
                    self.assertGreaterEqual(1 - far.mean(), AGREEMENT)

    def test_opacities_are_grey_and_their_sum_is_the_area(self):
        result = self.segment("matting", self.pictures[0])
        self.assertEqual("L", Image.open(io.BytesIO(result.mask)).mode)
        area, = result.areas
        self.assertEqual(1, area.category.index)
        self.assertAlmostEqual(decoded(result.mask).sum() / 255, area.pixels, delta=1)
        labels = numpy.frombuffer(self.segment("matting", self.pictures[0], format=LABELS).mask, numpy.uint8)
        numpy.testing.assert_array_equal(decoded(result.mask).ravel(), labels)
        failure = self.client.segment("matting", self.pictures[0], format=RLE)
        self.assertEqual(("INVALID_ARGUMENT", "options.format"), (failure.code, failure.field), failure)

    def test_a_size_that_is_open_or_unlike_the_models_is_told_at_the_load(self):
        for name, words in (("open_unsized", "preprocess.width: got none, want one: the model leaves it open"),
                            ("unlike", "preprocess.width: got 96, want 160, the model's own"),
                            ("no_map", "no output is a map")):
            with self.subTest(name):
                state, told = self.client.versions(name)[1]
                self.assertEqual("UNAVAILABLE", state)
                self.assertIn(words, told)
        version, = self.client.get("open_unnamed").versions
        self.assertEqual(config_pb2.ModelConfig.TENSORS, version.task)

    def test_pictures_of_absurd_sides_are_answered_and_what_is_none_is_refused_by_its_place(self):
        for size in forms.ABSURD_SIZES:
            with self.subTest(size=size):
                self.assertEqual(size[::-1], decoded(self.segment("stretched", forms.plain(size)).mask).shape)
        for what, bad in forms.no_pictures(forms.saved(detectors.upright(self.pictures[0]), "JPEG")).items():
            with self.subTest(what):
                failure = self.client.segment("stretched", self.pictures[0], bad)
                self.assertIsInstance(failure, Failure)
                self.assertEqual(("INVALID_ARGUMENT", "images[1]"), (failure.code, failure.field), failure)

    def test_methods_of_other_tasks_are_refused(self):
        failure = self.client.detect("stretched", self.pictures[0])
        self.assertEqual(("FAILED_PRECONDITION", "TASK_MISMATCH"), (failure.code, failure.reason), failure)
