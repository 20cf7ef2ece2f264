"""Real segmenters say of each pixel of real photographs what the reference runtime says."""

import io
import json
import re

import case
import numpy
import onnxruntime
from client import Failure
from dnnd.v1 import config_pb2, vision_pb2
from PIL import Image, ImageOps

# Of the pixels: what the project promises.
AGREEMENT = 0.995
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


def runs(counts):
    """The run lengths of COCO's compressed string."""
    found, at = [], 0
    while at < len(counts):
        number, shift, more = 0, 0, True
        while more:
            digit = ord(counts[at]) - 48
            at, more = at + 1, bool(digit & 0x20)
            number |= (digit & 0x1f) << shift
            shift += 5
            if not more and digit & 0x10:
                number |= -1 << shift
        found.append(number + found[-2] if len(found) > 2 else number)
    return found


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
            lengths = runs(area.run_lengths)
            present = numpy.repeat(numpy.arange(len(lengths)) % 2, lengths).reshape(mask.shape[::-1]).T
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
