"""What tests of tables of detectors do with each: see families.CASES."""

import boxes
import case
import families
from client import Failure
from random_scenes import SIZES, scene

THRESHOLD = 0.35
# Of random weights; fewer would show nothing, and of very many only the best are reported.
FEWEST, MOST = 10, 1000


class FamilyCase(case.DaemonCase):
    """A store of each model of `table`, by its own name and, as a head that it is not, as NAME_wrong."""

    table = {}

    @classmethod
    def fill_store(cls, store):
        cls.pictures = [scene(*size, seed) for seed, size in enumerate(SIZES)]
        cls.references = {}
        for name, model in cls.table.items():
            file = model.make()
            store.add(name, file, config=model.config)
            store.add(f"{name}_wrong", file, config=f"detection {{ kind: {model.wrong} {families.BOXES} }}")
            cls.references[name] = families.Family(model, file)

    def check_states(self):
        """Each is READY as a detector, and says so where its kind was recognised."""
        for name, model in self.table.items():
            with self.subTest(name):
                version, = self.client.get(name).versions
                self.assertEqual("READY", version.State.Name(version.state), version.reason)
                self.assertEqual(boxes.DETECT, version.task)
                told = "\n".join(version.assumed)
                recognised = f"detection.kind {model.kind}, recognised from the outputs"
                self.assertEqual(not model.config, recognised in told, told)

    def check_boxes(self):
        """Each finds what an independent decoding of the reference finds, in every picture."""
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

    def check_wrong_heads(self):
        for name, model in self.table.items():
            with self.subTest(name, wrong=model.wrong):
                state, told = self.client.versions(f"{name}_wrong")[1]
                self.assertEqual("UNAVAILABLE", state)
                self.assertIn(f"detection.kind: {model.wrong} ", told)
