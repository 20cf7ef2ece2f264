"""Every family of detectors, as its exporter writes it, finds what an independent decoding of the reference finds."""

import boxes
import case
import detectors
import families
from client import Failure
from random_scenes import SIZES, scene

THRESHOLD = 0.35
# Of random weights; fewer would show nothing, and of very many only the best are reported.
FEWEST, MOST = 10, 1000


class FamiliesTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        cls.pictures = [scene(*size, seed) for seed, size in enumerate(SIZES)]
        cls.references = {}
        for name, model in families.CASES.items():
            file = model.make()
            store.add(name, file, config=model.config)
            store.add(f"{name}_wrong", file, config=f"detection {{ kind: {model.wrong} {families.BOXES} }}")
            cls.references[name] = families.Family(model, file)
        cls.labels = case.SHAPES_STORE / "shapes/labels.txt"
        store.add("mislabelled", families.CASES["yolo_v8"].make(), labels=cls.labels)
        store.add("with_suppression", families.models.with_suppression(), config="detection { kind: DECODED }")

    def test_families_are_recognised_or_the_kinds_in_question_are_told(self):
        for name, model in families.CASES.items():
            with self.subTest(name):
                version, = self.client.get(name).versions
                self.assertEqual("READY", version.State.Name(version.state), version.reason)
                self.assertEqual(boxes.DETECT, version.task)
                told = "\n".join(version.assumed)
                recognised = f"detection.kind {model.kind}, recognised from the outputs"
                self.assertEqual(not model.config, recognised in told, told)

    def test_boxes_are_those_of_an_independent_decoding(self):
        for name, reference in self.references.items():
            worst, things = 0, 0
            for size, picture in zip(SIZES, self.pictures, strict=True):
                expected = reference.find(picture, THRESHOLD)
                with self.subTest(name, size=size):
                    reply = self.client.detect(name, picture, score_threshold=THRESHOLD, max_detections=1000)
                    self.assertNotIsInstance(reply, Failure, reply)
                    self.assertEqual(size, (reply.results[0].width, reply.results[0].height))
                    worst = max(worst, boxes.match(self, expected, reply.results[0], THRESHOLD))
                    things += len(expected)
            self.figure(f"{name}: {things} things, largest difference of an edge", f"{worst:.3f} pixels")
            self.assertTrue(FEWEST <= things <= MOST, things)

    def test_labels_that_do_not_fit_are_told(self):
        version, = self.client.get("mislabelled").versions
        lines = len(self.labels.read_text().splitlines())
        self.assertIn(f"the labels file has {lines} lines for {families.models.CLASSES} classes: ",
                      "\n".join(version.assumed))
        labelled, = self.client.get("yolo_v8").versions
        self.assertNotIn("labels file", "\n".join(labelled.assumed))

    def test_a_head_of_another_family_fails_the_load_with_what_it_reads(self):
        for name, model in families.CASES.items():
            with self.subTest(name, wrong=model.wrong):
                state, told = self.client.versions(f"{name}_wrong")[1]
                self.assertEqual("UNAVAILABLE", state)
                self.assertIn(f"detection.kind: {model.wrong} ", told)

    def test_a_model_that_ends_in_its_own_suppression_is_refused_by_that_operator(self):
        state, told = self.client.versions("with_suppression")[1]
        self.assertEqual("UNAVAILABLE", state)
        self.assertIn("UNIMPLEMENTED", told)
        self.assertIn("NonMaxSuppression", told)
