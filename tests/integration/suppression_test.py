"""Detectors that suppress overlaps themselves find what the reference finds, and nothing where there is nothing."""

import detectors
import family_case
import forms
import numpy
import suppressing
from client import Failure, Stream, frame, spec, task
from dnnd.v1 import vision_pb2
from PIL import Image
from random_scenes import SIZES

# Of an output's largest value: two engines add in another order.
TOLERANCE = 1e-4
OPTIONS = {"score_threshold": family_case.THRESHOLD, "max_detections": 1000}


def black(width, height):
    return forms.saved(Image.new("RGB", (width, height)), "PNG")


class SuppressionTest(family_case.FamilyCase):
    table = suppressing.CASES

    def detect(self, model, *pictures, **options):
        reply = self.client.detect(model, *pictures, **OPTIONS, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        return reply.results

    def test_each_is_loaded_as_a_detector(self):
        self.check_states()

    def test_what_is_taken_for_granted_is_told(self):
        for name, model in self.table.items():
            with self.subTest(name):
                told = "\n".join(self.client.get(name).versions[0].assumed)
                self.assertEqual(model.suppresses, "overlaps are left as the model resolved them" in told)
                self.assertEqual("box_format" not in model.config, "box_format CORNERS, in pixels" in told)

    def test_boxes_are_those_of_an_independent_decoding(self):
        self.check_boxes()

    def test_a_head_of_another_family_fails_the_load_with_what_it_reads(self):
        self.check_wrong_heads()

    def test_a_picture_of_nothing_has_no_boxes(self):
        for name, reference in self.references.items():
            height, width = (extent if isinstance(extent, int) else 160
                             for extent in reference.session.get_inputs()[0].shape[-2:])
            with self.subTest(name):
                self.assertEqual([], reference.find(black(width, height), family_case.THRESHOLD))
                result, = self.detect(name, black(width, height))
                self.assertEqual(0, len(result.detections))
                self.assertEqual((width, height), (result.width, result.height))

    def test_many_pictures_of_one_request_are_answered_each_by_its_own_run(self):
        size = (320, 320)
        pictures = [self.pictures[SIZES.index(size)], black(*size), *self.pictures[:2], black(*size)] * 2
        for name in self.references:
            with self.subTest(name):
                alone = [self.detect(name, picture)[0] for picture in pictures[:5]]
                together = self.detect(name, *pictures)
                self.assertEqual([*alone, *alone], list(together))

    def test_models_share_a_picture_and_the_frames_of_a_stream(self):
        """Each answer is the one of the model alone, whatever the others hold, and nothing is held when all is over."""
        tasks = [task(name, detect=OPTIONS) for name in ("yolov7", "yolov10", "paddle", "yolov7")]
        stream = Stream(self.client.vision.StreamPerceive)
        self.addCleanup(stream.close)
        for number, picture in enumerate([*self.pictures, black(320, 320)]):
            alone = [self.detect(asked.model.name, picture)[0] for asked in tasks]
            together = self.client.perceive(picture, *tasks)
            streamed = stream.ask(vision_pb2.StreamPerceiveRequest(tasks=tasks, frame=frame(number, picture)))
            for reply in (together, streamed):
                self.assertNotIsInstance(reply, Failure, reply)
            for results in (together.results, streamed.result.results):
                self.assertEqual(alone, [result.detections for result in results])
        stream.close()
        self.assertIsNone(stream.reply())
        self.assertEqual(0, self.client.status().memory.queued_bytes)

    def test_frames_of_a_stream_are_answered_as_the_same_picture_alone(self):
        for name in self.references:
            stream = Stream(self.client.vision.StreamDetect)
            self.addCleanup(stream.close)
            for number, picture in enumerate((*self.pictures[:2], black(320, 320))):
                reply = stream.ask(vision_pb2.StreamDetectRequest(model=spec(name), options=OPTIONS,
                                                                  frame=frame(number, picture)))
                with self.subTest(name):
                    self.assertNotIsInstance(reply, Failure, reply)
                    self.assertEqual(self.detect(name, picture)[0], reply.result)
            stream.close()

    def test_overlaps_that_the_model_left_are_left(self):
        """Nothing is suppressed once more, however strict the request is."""
        for name, model in self.table.items():
            if model.suppresses:
                with self.subTest(name):
                    self.assertEqual(self.detect(name, self.pictures[1]),
                                     self.detect(name, self.pictures[1], iou_threshold=0.01))

    def test_tensors_have_the_extents_that_their_own_run_gave_them(self):
        for name, reference in self.references.items():
            if name == "yolov10":
                continue  # of its 300 best the last ones are alike, and stand in any order
            for picture in (self.pictures[0], self.pictures[1], black(160, 160)):
                feeds = reference.feeds(reference.prepare(detectors.upright(picture))[0])
                reply = self.client.predict(name, feeds)
                with self.subTest(name):
                    self.assertNotIsInstance(reply, Failure, reply)
                    for output in reference.session.get_outputs():
                        expected, = reference.session.run([output.name], feeds)
                        got = reply.outputs[output.name]
                        self.assertEqual(expected.shape, tuple(got.shape))
                        values = numpy.frombuffer(got.contents, expected.dtype).reshape(expected.shape)
                        largest = numpy.abs(expected).max(initial=0)
                        numpy.testing.assert_allclose(values, expected, 0, TOLERANCE * largest)
