"""A real network names what real photographs show, as the reference runtime does."""

import io
import json
import re

import case
import numpy
import onnxruntime
from client import Failure, spec
from PIL import Image, ImageOps

# Two resizers, two JPEG decoders and two engines: what the project promises.
SCORE_TOLERANCE = 0.03
# One model and one picture, alone or beside others: f32 sums in another order.
BATCH_TOLERANCE = 1e-4
MEAN_BGR = (104, 117, 123)
CONFIG = """
preprocess {
  shorter_side: 256
  color: BGR
  scale: 1
  mean: [104, 117, 123]
  std: 1
}
"""


def prepared(picture):
    """The recipe of the model by Pillow: [1, 3, 224, 224], blue first."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB")
    width, height = picture.size
    short = min(width, height)
    size = (256 * width // short, 256 * height // short)
    picture = picture.resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    pixels = numpy.asarray(picture.crop((left, top, left + 224, top + 224)), numpy.float32)
    return (pixels[:, :, ::-1] - numpy.float32(MEAN_BGR)).transpose(2, 0, 1)[None]


def as_png(picture):
    out = io.BytesIO()
    ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def scores(result):
    return {category.index: category.score for category in result.categories}


class SqueezenetTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.model = data / "models/squeezenet_fp32/model.onnx"
        cls.labels = data / "labels/imagenet_synset_words.txt"
        store.add("squeezenet", cls.model, config=CONFIG, labels=cls.labels)
        checked = json.loads((data / "models.json").read_text())["squeezenet_fp32"]["checked"]
        # "goldfish.jpg -> 1 goldfish p=0.997; ..."
        cls.pictures = [(name, int(index), (data / "images" / name).read_bytes())
                        for name, index in re.findall(r"(\S+) -> (\d+) ", checked)]

    def test_all_listed_pictures_are_there(self):
        self.assertEqual(16, len(self.pictures))
        self.assertEqual({".jpg", ".jpeg", ".png"}, {name[name.rindex("."):] for name, _, _ in self.pictures})

    def test_pictures_are_named_as_the_reference_names_them(self):
        session = onnxruntime.InferenceSession(self.model, providers=["CPUExecutionProvider"])
        labels = [line.partition(" ")[2] for line in self.labels.read_text().splitlines()]  # "n01440764 tench, ..."
        worst = 0
        for name, index, picture in self.pictures:
            expected = session.run(None, {session.get_inputs()[0].name: prepared(picture)})[0][0]
            for kind, sent in (("as it is", picture), ("as PNG", as_png(picture))):
                with self.subTest(name, kind=kind):
                    reply = self.client.classify("squeezenet", sent, top_k=0)
                    self.assertNotIsInstance(reply, Failure, reply)
                    best = reply.results[0].categories[0]
                    self.assertEqual(index, best.index)
                    self.assertEqual(labels[index], best.label)
                    got = scores(reply.results[0])
                    self.assertEqual(1000, len(got))
                    difference = max(abs(got[i] - score) for i, score in enumerate(expected))
                    self.assertLessEqual(difference, SCORE_TOLERANCE)
                    worst = max(worst, difference)
        self.figure("largest difference of a score", f"{worst:.4f}")

    def test_pictures_of_one_request_are_named_as_alone(self):
        reply = self.client.classify(spec("squeezenet", 1), *(picture for _, _, picture in self.pictures), top_k=1000)
        self.assertNotIsInstance(reply, Failure, reply)
        self.assertEqual((1, 16), (reply.model.version, len(reply.results)))
        for (name, _, picture), together in zip(self.pictures, reply.results, strict=True):
            with self.subTest(name):
                alone = scores(self.client.classify("squeezenet", picture, top_k=0).results[0])
                for index, score in scores(together).items():
                    self.assertAlmostEqual(alone[index], score, delta=BATCH_TOLERANCE)
