"""Real detectors find in real photographs what the reference runtime finds, in the picture's own pixels."""

import json
import re

import case
import detectors
import forms
import numpy
from boxes import DETECT, box_of, clipped, match
from client import Failure, spec
from dnnd.v1 import common_pb2, vision_pb2

THRESHOLD = 0.35
# The lists of the test data were made with other resizers, and other ways to round.
LISTED_SCORE = 0.12
LISTED_OVERLAP = 0.8

MODELS = {
    "yolox_nano": (detectors.Yolox, "coco80.txt", "YOLOX", "LETTERBOX TOP_LEFT padded with 114, BGR"),
    "nanodet_m_320": (detectors.Nanodet, "coco80.txt", "NANODET", "STRETCH, BGR"),
    "yunet_n_320_320": (detectors.Yunet, None, "YUNET", "STRETCH, BGR"),
    "yunet_n_dynamic": (detectors.OpenYunet, None, "YUNET", "runs at each picture's own size"),
    "ultraface_slim_320_raw": (detectors.RawUltraface, None, "ULTRAFACE_RAW", "STRETCH, RGB"),
}
THINGS = ("test_object_detection_0.jpg", "persons.jpg", "coco.jpg", "dog-human.jpg", "zebra.jpeg", "kitten.jpg")
FACES = ("people1.jpeg", "people2.jpeg", "astronaut.png")


class DetectorsTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.images = data / "images"
        cls.checked = {name: model["checked"] for name, model in json.loads((data / "models.json").read_text()).items()}
        cls.references = {}
        for name, (reference, labels, _, _) in MODELS.items():
            file = data / "models" / name / "model.onnx"
            store.add(name, file, labels=data / "labels" / labels if labels else None)
            cls.references[name] = reference(file)

    def picture(self, name):
        return (self.images / name).read_bytes()

    def detect(self, model, *pictures, **options):
        reply = self.client.detect(model, *pictures, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        self.assertEqual(len(pictures), len(reply.results))
        return reply

    def test_heads_are_recognised_and_what_was_guessed_is_told(self):
        for name, (_, _, kind, words) in MODELS.items():
            with self.subTest(name):
                version, = self.client.get(name).versions
                self.assertEqual(DETECT, version.task)
                told = "\n".join(version.assumed)
                self.assertIn(f"detection.kind {kind}, recognised from the outputs", told)
                self.assertIn(words, told)

    def test_boxes_are_those_of_an_independent_decoding(self):
        for name, reference in self.references.items():
            worst, things = 0, 0
            for picture_name in THINGS + FACES:
                picture = self.picture(picture_name)
                expected = reference.find(picture, THRESHOLD)
                with self.subTest(name, picture=picture_name):
                    result = self.detect(name, picture, score_threshold=THRESHOLD).results[0]
                    self.assertEqual(detectors.upright(picture).size, (result.width, result.height))
                    worst = max(worst, match(self, expected, result, THRESHOLD))
                    things += len(expected)
            self.figure(f"{name}: {things} things, largest difference of an edge", f"{worst:.3f} pixels")
            self.assertGreater(things, 10)

    def test_what_the_test_data_list_is_found(self):
        for name in ("yolox_nano", "nanodet_m_320"):
            # "coco.jpg: dog 0.88 [32,174,263,551] | ..."
            for listed in self.checked[name].split(" | "):
                picture, _, things = listed.partition(": ")
                found = self.detect(name, self.picture(picture), score_threshold=0.3).results[0]
                for label, score, box in re.findall(r"([a-z ]+) ([\d.]+) \[([-\d,]+)\]", things):
                    with self.subTest(name, picture=picture, thing=label):
                        box = clipped(numpy.array([float(edge) for edge in box.split(",")]), found)
                        self.assertTrue(any(got.category.label == label.strip()
                                            and abs(got.category.score - float(score)) <= LISTED_SCORE
                                            and detectors.overlap(box_of(got), box) >= LISTED_OVERLAP
                                            for got in found.detections), found)

    def test_the_faces_of_the_test_data_are_counted(self):
        for name in ("yunet_n_320_320", "yunet_n_dynamic"):
            for picture, count in re.findall(r"(\S+): (\d+) faces", self.checked[name]):
                with self.subTest(name, picture=picture):
                    found = self.detect(name, self.picture(picture), score_threshold=0.6).results[0]
                    self.assertEqual(int(count), len(found.detections))

    def test_pictures_of_one_request_are_answered_as_alone(self):
        pictures = [self.picture(name) for name in THINGS + FACES]
        for name in MODELS:  # one row a run, and every size its own
            with self.subTest(name):
                together = self.detect(name, *pictures)
                for picture, result in zip(pictures, together.results, strict=True):
                    alone = self.detect(name, picture).results[0]
                    self.assertEqual(len(alone.detections), len(result.detections))
                    for one, other in zip(alone.detections, result.detections, strict=True):
                        self.assertEqual(one.category.index, other.category.index)
                        self.assertLessEqual(numpy.abs(box_of(one) - box_of(other)).max(), 0.01)

    def test_options_choose_what_is_reported(self):
        street = self.picture("test_object_detection_0.jpg")
        every = self.detect("yolox_nano", street).results[0].detections
        scores = [one.category.score for one in every]
        self.assertEqual(sorted(scores, reverse=True), scores)

        def count(**options):
            return len(self.detect("yolox_nano", street, **options).results[0].detections)

        self.assertEqual(sum(score >= 0.8 for score in scores), count(score_threshold=0.8))
        self.assertEqual(2, count(max_detections=2))
        self.assertEqual(sum(one.category.label == "dog" for one in every), count(classes=[16]))
        self.assertEqual(0, count(classes=[79]))
        large = [one for one in every if min(one.box.x_max - one.box.x_min, one.box.y_max - one.box.y_min) >= 120]
        self.assertEqual(len(large), count(min_size_pixels=120))
        self.assertGreater(count(iou_threshold=1), len(every))
        self.assertLessEqual(count(class_agnostic=True), len(every))
        # What overlaps loses score and does not go at once; what overlaps nothing keeps its own.
        soft = self.detect("yolox_nano", street, soft_nms=True, score_threshold=0.01).results[0].detections
        self.assertGreater(len(soft), count(score_threshold=0.01))
        self.assertEqual(every[0].box, soft[0].box)

    def test_an_empty_picture_has_an_empty_list(self):
        for name in MODELS:
            with self.subTest(name):
                result = self.detect(name, self.picture("rocket.jpg"), score_threshold=0.9).results[0]
                self.assertEqual((640, 427, 0), (result.width, result.height, len(result.detections)))

    def test_options_out_of_range_are_named(self):
        picture = self.picture("zebra.jpeg")
        for option, value in (("score_threshold", 1.5), ("score_threshold", -0.1), ("score_threshold", float("nan")),
                              ("iou_threshold", 2), ("max_detections", 0), ("max_detections", 1001),
                              ("min_size_pixels", -1), ("min_size_pixels", float("inf")), ("classes", [80]),
                              ("classes", [-1])):
            with self.subTest(option, value=value):
                reply = self.client.detect("yolox_nano", picture, **{option: value})
                self.assertIsInstance(reply, Failure)
                self.assertEqual(("INVALID_ARGUMENT", "INVALID_REQUEST", f"options.{option}"),
                                 (reply.code, reply.reason, reply.field))


class StrangePicturesTest(case.DaemonCase):
    """Whatever form a picture has: the right boxes, or an error that says why."""

    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        models = data / "models"
        cls.picture = detectors.upright((data / "images/coco.jpg").read_bytes())
        store.add_shapes()
        store.add("yolox", models / "yolox_nano/model.onnx", labels=data / "labels/coco80.txt")
        store.add("yunet", models / "yunet_n_dynamic/model.onnx")
        store.add("wrong", models / "yolox_nano/model.onnx", config="detection { kind: YUNET }")
        store.add("bare", models / "ultraface_slim_320_raw/model.onnx", config="detection { kind: SSD }")
        store.add("bounded", models / "yunet_n_dynamic/model.onnx",
                  config="preprocess { max_side: 320 } detection { score_threshold: 0.6 max_detections: 3 }")
        cls.people = (data / "images/people1.jpeg").read_bytes()

    def best(self, picture):
        reply = self.client.detect("yolox", picture)
        self.assertNotIsInstance(reply, Failure, reply)
        return reply.results[0], reply.results[0].detections[0]

    def test_a_dog_is_a_dog_in_every_form(self):
        _, dog = self.best(forms.saved(self.picture, "PNG"))
        self.assertEqual("dog", dog.category.label)
        for form, make in forms.FORMS.items():
            with self.subTest(form):
                result, found = self.best(make(self.picture))
                self.assertEqual(self.picture.size, (result.width, result.height))
                self.assertEqual("dog", found.category.label)
                self.assertGreaterEqual(detectors.overlap(box_of(dog), box_of(found)), 0.85)

    def test_pictures_of_absurd_sides_are_answered(self):
        for size in forms.ABSURD_SIZES:
            for model in ("yolox", "yunet"):
                with self.subTest(model, size=size):
                    reply = self.client.detect(model, forms.plain(size))
                    self.assertNotIsInstance(reply, Failure, reply)
                    self.assertEqual(size, (reply.results[0].width, reply.results[0].height))

    def test_what_is_no_picture_is_refused_by_its_place(self):
        good = forms.saved(self.picture, "JPEG")
        for what, bad in forms.no_pictures(good).items():
            for model in ("yolox", "yunet"):
                with self.subTest(model, what=what):
                    reply = self.client.detect(model, good, bad)
                    self.assertIsInstance(reply, Failure)
                    self.assertEqual(("INVALID_ARGUMENT", "images[1]"), (reply.code, reply.field))
        raw = common_pb2.Image(raw=common_pb2.RawImage(width=0, height=4, pixels=b""))
        reply = self.client.call(self.client.vision.Detect,
                                 vision_pb2.DetectRequest(model=spec("yolox"), images=[raw]))
        self.assertEqual(("INVALID_ARGUMENT", "images[0]"), (reply.code, reply.field))

    def test_a_head_that_is_not_the_models_fails_its_load_with_the_reason(self):
        for name, reason in (("wrong", "detection.kind: YUNET reads"), ("bare", "SSD needs detection.levels")):
            with self.subTest(name):
                state, told = self.client.versions(name)[1]
                self.assertEqual("UNAVAILABLE", state)
                self.assertIn(reason, told)

    def test_methods_of_other_tasks_are_refused(self):
        picture = forms.saved(self.picture, "PNG")
        for reply in (self.client.detect("shapes", picture), self.client.classify("yolox", picture)):
            self.assertIsInstance(reply, Failure)
            self.assertEqual(("FAILED_PRECONDITION", "TASK_MISMATCH"), (reply.code, reply.reason))

    def test_a_configuration_bounds_size_and_count(self):
        every = self.client.detect("yunet", self.people, score_threshold=0.6).results[0]
        few = self.client.detect("bounded", self.people).results[0]
        self.assertEqual((10, 3), (len(every.detections), len(few.detections)))
        for one in few.detections:
            shared = max(detectors.overlap(box_of(one), box_of(other)) for other in every.detections)
            self.assertGreaterEqual(shared, 0.6)
