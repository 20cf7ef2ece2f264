"""What the daemon makes of changes in the model store, by polling and by request."""

import threading

import case
import grpc
from client import Failure
from dnnd.v1 import common_pb2
from grpc_health.v1 import health_pb2
from wait import wait_until

LOAD_SECONDS = 60


class StoreTest(case.DaemonCase):
    poll_ms = 100

    def setUp(self):
        self.label, self.picture = case.shapes_pictures()[0]

    def served_version(self, name):
        reply = self.client.classify(name, self.picture)
        return None if isinstance(reply, Failure) else reply.model.version

    def await_version(self, name, version):
        wait_until(lambda: self.served_version(name) == version, LOAD_SECONDS, f"{name} version {version} serves")

    def await_state(self, name, version, state):
        wait_until(lambda: self.client.versions(name).get(version, ("", ""))[0] == state, LOAD_SECONDS,
                   f"{name} version {version} is {state}")

    def await_polls(self, count):
        """That many scans of the store, each seen by its effect."""
        for i in range(count):
            name = f"marker-{self._testMethodName}-{i}"
            self.store.add_shapes(name)
            self.await_version(name, 1)

    def test_a_version_that_fails_leaves_the_older_one_serving(self):
        whole = case.shapes_model().read_bytes()
        self.store.add_shapes("failing")
        self.await_version("failing", 1)
        self.store.add("failing", whole[:len(whole) // 2], version=2)
        self.await_state("failing", 2, "UNAVAILABLE")
        states = self.client.versions("failing")
        self.assertEqual("READY", states[1][0])
        self.assertGreater(len(states[2][1]), 10)
        self.assertEqual(1, self.served_version("failing"))
        self.assertEqual("SERVING", self.client.health_of("failing"))
        self.store.add("failing", whole, version=3)
        self.await_version("failing", 3)
        self.await_state("failing", 1, "UNAVAILABLE")

    def test_a_reload_of_a_broken_file_leaves_what_serves(self):
        file = self.store.add_shapes("rotting")
        self.await_version("rotting", 1)
        whole = file.read_bytes()
        broken = file.with_suffix(".new")
        broken.write_bytes(whole[:1000])
        broken.rename(file)
        failure = self.client.reload("rotting")
        self.assertIsInstance(failure, Failure)
        self.assertEqual("dnnd", failure.domain, failure)
        self.assertEqual(1, self.served_version("rotting"))

    def test_unloaded_stays_unloaded_whatever_polling_sees(self):
        self.store.add_shapes("resting")
        self.await_version("resting", 1)
        reply = self.client.unload("resting")
        self.assertNotIsInstance(reply, Failure, reply)
        self.store.add_shapes("resting", version=2)
        self.await_polls(3)
        self.assertEqual({"UNAVAILABLE"}, {state for state, _ in self.client.versions("resting").values()})
        self.assertEqual("NOT_SERVING", self.client.health_of("resting"))
        failure = self.client.classify("resting", self.picture)
        self.assertEqual(("FAILED_PRECONDITION", "MODEL_NOT_LOADED"), (failure.code, failure.reason), failure)
        self.assertIn("unloaded by request", failure.message)
        self.assertEqual("dnnctl models load resting", failure.metadata["hint"])
        self.assertNotIsInstance(self.client.load("resting"), Failure)
        self.assertEqual(2, self.served_version("resting"))

    def test_a_model_that_was_not_there_is_not_found_and_names_no_series(self):
        for refusal in (self.client.classify("nobody", self.picture), self.client.load("nobody"), self.client.get("nobody")):
            self.assertEqual(("NOT_FOUND", "MODEL_NOT_FOUND"), (refusal.code, refusal.reason), refusal)
        self.assertNotIn("nobody", self.daemon.http("/metrics"))

    def test_a_model_whose_first_load_is_under_way_asks_to_come_back(self):
        # It is checked, read, planned and measured: many calls fit in between.
        self.store.add_zoo("resnet18", "slow")
        wait_until(lambda: self.client.versions("slow"), LOAD_SECONDS, "it was seen")
        failure = self.client.classify("slow", self.picture)
        self.assertEqual(("UNAVAILABLE", "MODEL_LOADING"), (failure.code, failure.reason), failure)
        self.assertGreater(failure.retry_seconds, 0)

    def test_a_model_that_leaves_the_store_leaves_the_metrics(self):
        file = self.store.add_shapes("leaving")
        self.await_version("leaving", 1)
        self.assertIn("leaving", self.metrics().models())
        file.parents[1].rename(self.store.path / ".gone")
        wait_until(lambda: self.served_version("leaving") is None, LOAD_SECONDS, "it serves no more")
        wait_until(lambda: "leaving" not in self.metrics().models(), LOAD_SECONDS, "its series are gone")

    def test_several_versions_serve_where_the_configuration_says_so(self):
        config = (case.SHAPES_STORE / "shapes/config.textproto").read_text() + "versions { latest { count: 2 } }"
        for version in (3, 5, 8):
            self.store.add_shapes("several", version=version, config=config)
        self.await_version("several", 8)
        self.await_state("several", 5, "READY")
        self.assertEqual({3: "UNAVAILABLE", 5: "READY", 8: "READY"},
                         {version: state for version, (state, _) in self.client.versions("several").items()})

    def test_labels_name_versions_keep_them_loaded_and_survive_a_crash(self):
        def answering(label):
            reply = self.client.classify(common_pb2.ModelSpec(name="labelled", version_label=label), self.picture)
            return reply.code if isinstance(reply, Failure) else reply.model.version

        self.store.add_shapes("labelled")
        self.await_version("labelled", 1)
        self.assertEqual("NOT_FOUND", answering("stable"))
        self.assertEqual({"stable": 1}, dict(self.client.label("labelled", "stable", 1).model.version_labels))
        self.store.add_shapes("labelled", version=2)
        self.await_version("labelled", 2)
        self.await_polls(2)
        self.assertEqual(1, answering("stable"))  # although the policy names the latest only
        self.client.label("labelled", "canary", 2)
        self.daemon.kill()
        self.daemon.start()
        self.client.close()
        type(self).client = self.connect(self.addClassCleanup, self.daemon)
        self.assertEqual((1, 2), (answering("stable"), answering("canary")))
        self.client.label("labelled", "stable", 2)
        self.assertEqual(2, answering("stable"))
        self.await_state("labelled", 1, "UNAVAILABLE")
        self.assertEqual({"stable": 2}, dict(self.client.label("labelled", "canary").model.version_labels))
        self.assertEqual("NOT_FOUND", answering("canary"))

    def test_labels_that_cannot_be_are_refused(self):
        self.store.add_shapes("unlabelled")
        self.await_version("unlabelled", 1)
        cases = {
            "a number": (("unlabelled", "2", 1), "INVALID_ARGUMENT"),
            "no label": (("unlabelled", "", 1), "INVALID_ARGUMENT"),
            "a version that is not there": (("unlabelled", "stable", 7), "NOT_FOUND"),
            "an unknown model": (("nobody", "stable", 1), "NOT_FOUND"),
            "a label to take away that is not there": (("unlabelled", "stable"), "NOT_FOUND"),
        }
        for name, (arguments, code) in cases.items():
            with self.subTest(name):
                failure = self.client.label(*arguments)
                self.assertIsInstance(failure, Failure)
                self.assertEqual((code, "dnnd"), (failure.code, failure.domain), failure)
        self.assertEqual({}, dict(self.client.get("unlabelled").version_labels))

    def test_watching_the_health_of_a_model_tells_every_change(self):
        seen = []
        watch = self.client.health.Watch(health_pb2.HealthCheckRequest(service="watched"))

        def read():
            try:
                for reply in watch:
                    seen.append(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))
            except grpc.RpcError:
                pass  # cancelled below

        thread = threading.Thread(target=read)
        thread.start()
        try:
            wait_until(lambda: seen == ["SERVICE_UNKNOWN"], LOAD_SECONDS, "an unknown name")
            self.store.add_shapes("watched")
            wait_until(lambda: seen[-1] == "SERVING", LOAD_SECONDS, "it serves")
            self.client.unload("watched")
            wait_until(lambda: seen[-1] == "NOT_SERVING", LOAD_SECONDS, "it serves no more")
        finally:
            watch.cancel()
            thread.join()
