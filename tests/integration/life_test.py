"""Going down, reloading and loading again and again: no request that was admitted is lost, and nothing piles up."""

import json

import case
from client import Failure
from load import Load
from wait import wait_until

RELOADS = 8
CYCLES, SETTLED_CYCLE = 50, 5
LARGEST_GROWTH = 1.05


def ask_shapes(pictures):
    def ask(client, number):
        label, picture = pictures[number % len(pictures)]
        reply = client.classify("shapes", picture, request_id=f"request-{number}")
        if not isinstance(reply, Failure) and reply.results[0].categories[0].label != label:
            return Failure("WRONG", f"{label} taken for {reply.results[0].categories[0].label}")
        return reply
    return ask


class DrainCase(case.DaemonCase):
    flags = ("--log-level", "debug", "--log-format", "json")

    def assert_nothing_admitted_failed(self, load):
        """What the server said of each request, by its id in the log, is what the client heard."""
        self.assertNotIn("cutting off", self.daemon.log())
        said = {}
        for line in self.daemon.log().splitlines():
            fields = json.loads(line)
            if fields["message"] == "request answered" and fields["method"] == "Classify":
                said[fields["request_id"]] = fields["reason"]
        for number, failure in load.failures:
            # CANCELLED: gRPC's own word for a call that reaches a connection which is closing already.
            self.assertIn(failure.code, ("UNAVAILABLE", "CANCELLED"), failure)
            self.assertIn(said.get(f"request-{number}"), (None, "SERVER_DRAINING"), failure)
        answered = {name for name, reason in said.items() if name.startswith("request-") and reason == ""}
        self.assertEqual({f"request-{number}" for number, _ in load.answers}, answered)
        self.figure("answers, refusals", (len(load.answers), dict(load.codes())))


class DrainTest(DrainCase):
    def test_sigterm_fails_no_admitted_request(self):
        with Load(self.daemon.grpc_address, ask_shapes(case.shapes_pictures()), 8, until_failure=True) as load:
            wait_until(lambda: len(load) >= 100, 60, "100 answers")
            self.daemon.signal(15)
            load.join()
        self.assertEqual(0, self.daemon.wait(), self.daemon.log())
        self.assert_nothing_admitted_failed(load)


class LongRequestTest(DrainCase):
    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        store.add_zoo("resnet18", config="task: CLASSIFY")

    def test_sigterm_waits_for_what_computes_and_refuses_what_is_new(self):
        picture = case.shapes_pictures()[0][1]

        def ask(client, number):
            return client.classify("resnet18", *[picture] * 8, request_id=f"request-{number}")

        health = []
        with Load(self.daemon.grpc_address, ask, 4, until_failure=True) as load:
            wait_until(lambda: self.client.status().memory.queued_bytes > 0, 60, "an admitted request")
            health.append(self.client.health_of("resnet18"))
            self.daemon.signal(15)
            refusal = wait_until(lambda: self.refused(picture), 30, "a refusal while it drains")
            health.append(self.client.health_of("resnet18"))
            load.join()
        self.assertEqual(0, self.daemon.wait(), self.daemon.log())
        self.assertEqual(["SERVING", "NOT_SERVING"], health)
        self.assertEqual(("UNAVAILABLE", "SERVER_DRAINING"), (refusal.code, refusal.reason))
        self.assertGreaterEqual(len(load.answers), 1)
        self.assert_nothing_admitted_failed(load)

    def refused(self, picture):
        reply = self.client.classify("shapes", picture)
        return reply if isinstance(reply, Failure) else None


class ReloadTest(case.DaemonCase):
    poll_ms = 100

    def test_reloads_under_load_fail_nothing(self):
        with Load(self.daemon.grpc_address, ask_shapes(case.shapes_pictures())) as load:
            for _ in range(RELOADS):
                asked = len(load)
                reply = self.client.reload("shapes")
                self.assertNotIsInstance(reply, Failure, reply)
                wait_until(lambda: len(load) >= asked + 10, 60, "answers after a reload")
        self.assertEqual({}, dict(load.codes()))

    def test_a_new_version_takes_over_and_fails_nothing(self):
        with Load(self.daemon.grpc_address, ask_shapes(case.shapes_pictures())) as load:
            wait_until(lambda: len(load.answers) >= 20, 60, "answers of the old version")
            self.store.add_shapes(version=2)
            wait_until(lambda: load.answers[-1][1].model.version == 2, 60, "an answer of the new version")
        self.assertEqual({}, dict(load.codes()))
        # One after the other: with one client's answers in order, no answer of the old one follows the new one's.
        versions = [reply.model.version for _, reply in load.answers]
        self.assertEqual({1, 2}, set(versions))


class CyclesTest(case.DaemonCase):
    model = "mobilenetv2"

    @classmethod
    def setUpClass(cls):
        case.skip_if_sanitized("bytes of memory")
        super().setUpClass()

    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        store.add_zoo(cls.model, config="task: CLASSIFY")

    def test_fifty_loads_and_unloads_leave_nothing_behind(self):
        """Memory is read while the model is gone: how much it holds depends on how fast its warm-up went."""
        picture = case.shapes_pictures()[0][1]
        resident = []
        for _ in range(CYCLES):
            self.assertNotIsInstance(self.client.classify(self.model, picture), Failure)
            self.assertNotIsInstance(self.client.unload(self.model), Failure)
            resident.append(self.daemon.resident_bytes())
            self.assertNotIsInstance(self.client.load(self.model), Failure)
        settled, last = resident[SETTLED_CYCLE - 1], resident[-1]
        self.figure("memory after cycles 1, 5, 25, 50 (MB)", [resident[i] >> 20 for i in (0, 4, 24, 49)])
        self.assertLessEqual(last / settled, LARGEST_GROWTH)
