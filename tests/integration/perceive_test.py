"""One picture for several models at once: every answer is the one that the model gives alone, or there is none."""

import case
from client import Failure, task
from dnnd.v1 import common_pb2, vision_pb2
from forms import FORMS, empty_png, saved
from PIL import Image

SQUEEZENET = "preprocess { color: BGR scale: 1 mean: [104, 117, 123] }"
ROAD = "preprocess { scale: 1 color: BGR }"
MOST_TASKS = 16


class PerceiveCase(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.images = data / "images"
        for name, config, labels in (("yolox_nano", "", "coco80.txt"), ("yunet_n_dynamic", "", None),
                                     ("squeezenet_fp32", SQUEEZENET, "imagenet_synset_words.txt"),
                                     ("road_segmentation_adas_0001", ROAD, None)):
            store.add(name, data / "models" / name / "model.onnx", config=config,
                      labels=data / "labels" / labels if labels else None)
        cls.dog = (cls.images / "dog_ort.jpg").read_bytes()

    def answered(self, reply):
        self.assertNotIsInstance(reply, Failure, reply)
        return reply


class PerceiveTest(PerceiveCase):
    def test_every_answer_is_the_one_that_the_model_gives_alone(self):
        for name in ("dog_ort.jpg", "road1.jpg", "people1.jpeg", "astronaut.png"):
            with self.subTest(name):
                picture = (self.images / name).read_bytes()
                reply = self.answered(self.client.perceive(
                    picture, "yolox_nano", task("squeezenet_fp32", classify={"top_k": 3}),
                    task("road_segmentation_adas_0001", segment={"confidence": True}), "yunet_n_dynamic",
                    task("yolox_nano", detect={"score_threshold": 0.05})))
                boxes = self.client.detect("yolox_nano", picture)
                classes = self.client.classify("squeezenet_fp32", picture, top_k=3)
                mask = self.client.segment("road_segmentation_adas_0001", picture, confidence=True)
                faces = self.client.detect("yunet_n_dynamic", picture)
                more = self.client.detect("yolox_nano", picture, score_threshold=0.05)
                self.assertEqual([boxes.results[0], classes.results[0], mask.results[0], faces.results[0], more.results[0]],
                                 [getattr(result, result.WhichOneof("result")) for result in reply.results])
                self.assertEqual([boxes.model, classes.model, mask.model, faces.model, more.model],
                                 [result.model for result in reply.results])
                self.assertEqual((boxes.results[0].width, boxes.results[0].height), (reply.width, reply.height))

    def test_the_picture_is_decoded_once(self):
        before = self.metrics()
        reply = self.answered(self.client.perceive(self.dog, "squeezenet_fp32", "yolox_nano", "squeezenet_fp32"))
        self.assertGreater(reply.timings.decode_ms, 0)
        self.assertEqual([0, 0, 0], [result.timings.decode_ms for result in reply.results])
        stages = {stage: self.metrics().sum("dnnd_stage_duration_seconds_count", stage=stage) -
                  before.sum("dnnd_stage_duration_seconds_count", stage=stage) for stage in ("decode", "preprocess")}
        self.assertEqual({"decode": 1, "preprocess": 3}, stages)
        for result in reply.results:
            self.assertGreater(result.timings.compute_ms, 0)
            self.assertLessEqual(result.timings.total_ms, reply.timings.total_ms)

    def test_every_task_counts_as_a_request_of_its_model(self):
        def counted(scrape):
            return {model: scrape.sum("dnnd_requests_total", method="Perceive", code="OK", model=model)
                    for model in ("squeezenet_fp32", "yolox_nano")}
        before = counted(self.metrics())
        self.answered(self.client.perceive(self.dog, "squeezenet_fp32", "yolox_nano", "squeezenet_fp32"))
        after = counted(self.metrics())
        self.assertEqual({"squeezenet_fp32": 2, "yolox_nano": 1}, {name: after[name] - before[name] for name in after})

    def test_sixteen_tasks_are_answered(self):
        reply = self.answered(self.client.perceive(self.dog, *["squeezenet_fp32"] * MOST_TASKS))
        self.assertEqual(MOST_TASKS, len(reply.results))
        self.assertEqual(1, len({result.classification.SerializeToString() for result in reply.results}))

    def test_wrong_requests_are_named(self):
        options_of_another = task("squeezenet_fp32", detect={})
        cases = {
            "no task": (self.dog, [], "INVALID_ARGUMENT", "INVALID_REQUEST", "tasks"),
            "17 tasks": (self.dog, ["yolox_nano"] * 17, "INVALID_ARGUMENT", "INVALID_REQUEST", "tasks"),
            "options of another task": (self.dog, ["yolox_nano", options_of_another], "FAILED_PRECONDITION",
                                        "TASK_MISMATCH", "tasks[1]"),
            "an unknown model": (self.dog, ["yolox_nano", "yolox_nano", "nobody"], "NOT_FOUND", "MODEL_NOT_FOUND",
                                 "tasks[2]"),
            "a name that no model has": (self.dog, [""], "INVALID_ARGUMENT", "INVALID_REQUEST", "tasks[0].model.name"),
            "an option out of range": (self.dog, ["yolox_nano", task("squeezenet_fp32", classify={"top_k": -1})],
                                       "INVALID_ARGUMENT", "INVALID_REQUEST", "tasks[1].options.top_k"),
            "a broken picture": (self.dog[:5000], ["yolox_nano", "squeezenet_fp32"], "INVALID_ARGUMENT",
                                 "IMAGE_UNDECODABLE", "image"),
            "no picture at all": (b"", ["yolox_nano"], "INVALID_ARGUMENT", "IMAGE_UNDECODABLE", "image"),
            "a text": (b"not a picture", ["yolox_nano"], "INVALID_ARGUMENT", "IMAGE_UNDECODABLE", "image"),
            "a picture without a side": (empty_png(), ["yolox_nano"], "INVALID_ARGUMENT", "IMAGE_UNDECODABLE", "image"),
        }
        for name, (picture, tasks, code, reason, field) in cases.items():
            with self.subTest(name):
                failure = self.client.perceive(picture, *tasks)
                self.assertIsInstance(failure, Failure)
                self.assertEqual((code, reason, field), (failure.code, failure.reason, failure.field), failure)
                self.assertIn(field.partition(".")[0], failure.message)

    def test_an_image_without_a_source_is_refused(self):
        request = vision_pb2.PerceiveRequest(tasks=[task("yolox_nano")])
        failure = self.client.call(self.client.vision.Perceive, request)
        self.assertEqual(("INVALID_ARGUMENT", "INVALID_REQUEST", "image"), (failure.code, failure.reason, failure.field))

    def test_pictures_of_every_form_are_answered_as_alone(self):
        upright = Image.open(self.images / "dog_ort.jpg").convert("RGB")
        for name, convert in FORMS.items():
            with self.subTest(name):
                picture = convert(upright)
                reply = self.answered(self.client.perceive(picture, "yolox_nano", "squeezenet_fp32"))
                self.assertEqual(upright.size, (reply.width, reply.height))
                self.assertEqual(self.client.detect("yolox_nano", picture).results[0], reply.results[0].detections)
                self.assertEqual(self.client.classify("squeezenet_fp32", picture).results[0],
                                 reply.results[1].classification)

    def test_raw_pixels_are_taken_too(self):
        picture = Image.open(self.images / "dog_ort.jpg").convert("RGB")
        raw = common_pb2.RawImage(width=picture.width, height=picture.height, pixels=picture.tobytes())
        request = vision_pb2.PerceiveRequest(image=common_pb2.Image(raw=raw), tasks=[task("squeezenet_fp32")])
        reply = self.answered(self.client.call(self.client.vision.Perceive, request))
        lossless = self.client.classify("squeezenet_fp32", saved(picture, "PNG"))
        self.assertEqual(lossless.results[0], reply.results[0].classification)

    def test_every_task_is_counted_for_its_own_model(self):
        def counted(**labels):
            return self.metrics().sum("dnnd_requests_total", method="Perceive", **labels)
        for tasks in (["nobody", "yolox_nano"], ["yolox_nano", "nobody"]):
            with self.subTest(tasks):
                before = counted(), counted(code="CANCELLED"), counted(code="CANCELLED", model="yolox_nano")
                self.assertEqual("NOT_FOUND", self.client.perceive(self.dog, *tasks).code)
                after = counted(), counted(code="CANCELLED"), counted(code="CANCELLED", model="yolox_nano")
                self.assertEqual([2, 1, 1], [now - then for now, then in zip(after, before)])

    def test_nothing_of_a_refused_request_stays_behind(self):
        for tasks in (["yolox_nano", "nobody"], ["nobody", "yolox_nano"]):
            self.client.perceive(self.dog, *tasks)
            self.client.perceive(self.dog[:5000], "yolox_nano", "squeezenet_fp32")
        self.assertEqual(0, self.client.status().memory.queued_bytes)
        self.answered(self.client.perceive(self.dog, "yolox_nano", "squeezenet_fp32"))
