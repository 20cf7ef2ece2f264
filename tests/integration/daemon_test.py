"""The program: its command line, its ready file, what it holds alone, and coming back after a crash."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import case
from client import Client, Failure
from daemon import Daemon

# Deep enough to overflow the stack of a parser that recurses without a limit.
DEEP = 200_000


def run(*arguments, **named):
    # The daemon warns of variables that it does not know: the tests' own are none of its.
    named.setdefault("env", {name: value for name, value in os.environ.items() if not name.startswith("DNND_")})
    return subprocess.run([case.BIN_DIR / "dnnd", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, **named)


def shapes_alone(test):
    """A store with one small model, which loads fast; it goes with the test."""
    store = case.Store()
    test.addCleanup(store.close)
    store.add_shapes()
    return store.path


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check_config(self, text, *flags, **named):
        file = self.folder / "dnnd.textproto"
        file.write_text(text)
        return run("--config", file, "--check-config", *flags, **named)

    def places(self):
        return f'model_store: "{case.SHAPES_STORE}" state_dir: "{self.folder}/state"\n'

    def test_help_names_the_flags_and_gives_examples(self):
        done = run("--help")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        for word in ("--model-store", "--state-dir", "--ready-file", "--check-config", "Examples:", "DNND_"):
            self.assertIn(word, done.stdout)

    def test_version(self):
        done = run("--version")
        self.assertEqual(0, done.returncode)
        self.assertRegex(done.stdout, r"^dnnd \d+\.\d+\.\d+\n$")

    def test_check_config_prints_what_would_be_in_force(self):
        done = self.check_config(self.places() + "limits { max_image_pixels: 1000 } drain_seconds: 3", "--drain-seconds",
                                 "4", env={"DNND_DRAIN_SECONDS": "5", "DNND_LOG_LEVEL": "debug"})
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        for line in ("max_image_pixels: 1000", "drain_seconds: 4", "level: DEBUG", "max_connections: 1024"):
            self.assertIn(line, done.stdout)
        self.assertFalse((self.folder / "state").exists())

    def test_check_config_reads_the_models_configurations_too(self):
        store = case.Store()
        self.addCleanup(store.close)
        store.add_shapes("good")
        store.add_shapes("typo", config="task: CLASSIFY\nwidht: 3")
        store.add_shapes("ranges", config="preprocess {\n  width: -1\n}\nbatching { max_batch_size: 0 }")
        store.add_shapes("latin-1")
        (store.path / "latin-1/labels.txt").write_bytes("Hund\nK\u00e4fer\n".encode("latin-1"))
        done = self.check_config(f'model_store: "{store.path}" state_dir: "{self.folder}/state"')
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("model_store:", done.stdout)
        faults = sorted(done.stderr.splitlines())
        for place, fault in zip(("latin-1/labels.txt:2: ", "ranges/config.textproto:2:3: preprocess.width",
                                 "ranges/config.textproto:4:12: batching.max_batch_size", "typo/config.textproto:2:"),
                                faults, strict=True):
            self.assertTrue(fault.startswith(f"{store.path}/{place}"), fault)

    def test_check_config_counts_models_and_warns_of_what_has_no_effect(self):
        (self.folder / "store/empty").mkdir(parents=True)
        done = self.check_config(f'model_store: "{self.folder}/store" state_dir: "{self.folder}/state"',
                                 env={"DNND_MODEL_STOR": "m"})
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(done.stdout.endswith("\n# 1 model, 0 faults\n"), done.stdout)
        warnings = done.stderr.splitlines()
        self.assertEqual(["warning: DNND_MODEL_STOR: no setting has this variable",
                          f"warning: {self.folder}/store/empty: no version in it"], warnings)

    def test_check_config_knows_the_cpus(self):
        done = self.check_config(self.places(), "--lanes", "1000")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, r"^lanes.count: got 1000, want at most \d+")

    def test_wrong_command_lines_and_files_are_usage_errors(self):
        cases = {
            "an unknown flag": (run("--no-such-flag"), "--no-such-flag"),
            "no model store": (run("--state-dir", self.folder), "model_store"),
            "an unknown field": (self.check_config(self.places() + "colour: 3"), "colour"),
            "a value out of its range": (self.check_config(self.places() + "drain_seconds: -1"), "drain_seconds"),
            "a flag out of its range": (self.check_config(self.places(), "--lanes", "100000"), "lanes"),
            "a file that is not there": (run("--config", self.folder / "nothing", "--check-config"), "nothing"),
            "a file nested too deep": (self.check_config(self.places() + "limits { " * DEEP), "dnnd.textproto"),
            "an unknown block nested too deep": (self.check_config(self.places() + "x { " * DEEP), "dnnd.textproto"),
        }
        for name, (done, word) in cases.items():
            with self.subTest(name):
                self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual(1, len(done.stderr.strip().splitlines()), done.stderr[:500])

    def test_it_does_not_listen_for_everyone_unless_told_so(self):
        done = run("--model-store", case.SHAPES_STORE, "--state-dir", self.folder / "state", "--grpc-address", "0.0.0.0:0",
                   "--http-address", "127.0.0.1:0")
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn("allow", done.stderr)


class OneDaemonTest(case.DaemonCase):
    def second(self, state_dir, grpc="127.0.0.1:0", http="127.0.0.1:0"):
        return run("--model-store", case.SHAPES_STORE, "--state-dir", state_dir, "--grpc-address", grpc, "--http-address",
                   http, "--ready-file", pathlib.Path(state_dir).with_suffix(".ready"))

    def test_the_ready_file_tells_where_it_is(self):
        self.assertEqual({"grpc_address", "http_address", "pid"}, set(self.daemon.ready))
        self.assertEqual(self.daemon.pid, self.daemon.ready["pid"])
        self.assertEqual("SERVING", self.client.health_of())
        self.daemon.http("/livez")
        self.daemon.http("/readyz")
        status = self.client.status()
        self.assertEqual((self.daemon.pid, self.daemon.grpc_address, self.daemon.http_address, True, 1),
                         (status.pid, status.grpc_address, status.http_address, status.ready, status.models.ready))

    def test_a_second_daemon_on_the_state_folder_is_refused(self):
        done = self.second(self.daemon.state_dir)
        self.assertEqual(1, done.returncode)
        self.assertIn(f"process {self.daemon.pid}", done.stderr)
        self.assertIn("--state-dir", done.stderr)
        self.assertEqual("SERVING", self.client.health_of())

    def test_a_second_daemon_on_a_port_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, addresses in {"gRPC": {"grpc": self.daemon.grpc_address},
                                    "HTTP": {"http": self.daemon.http_address}}.items():
                with self.subTest(name):
                    left = pathlib.Path(folder, name).with_suffix(".ready")
                    left.write_text("of a daemon that was killed")
                    done = self.second(pathlib.Path(folder, name), **addresses)
                    self.assertEqual(1, done.returncode, done.stderr)
                    self.assertIn("cannot listen on " + next(iter(addresses.values())), done.stderr)
                    self.assertFalse(left.exists(), "nobody is ready")
        self.assertEqual("SERVING", self.client.health_of())

    def test_more_lanes_than_cpus_are_refused(self):
        done = run("--model-store", case.SHAPES_STORE, "--state-dir", self.daemon.folder / "other", "--lanes", "1000")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, r"lanes.count: got 1000, want at most \d+")

    def test_metrics_tell_what_was_built(self):
        build = next(line for line in self.daemon.http("/metrics").splitlines() if line.startswith("dnnd_build_info{"))
        for label in ("version", "onednn", "isa", "compiler", "build_type"):
            self.assertRegex(build, rf'{label}="[^"]+"')


class ReadyFileTest(unittest.TestCase):
    def test_it_goes_with_the_daemon(self):
        with Daemon(case.BIN_DIR, shapes_alone(self)) as daemon:
            self.assertTrue(daemon.ready_file.exists())
            self.assertEqual(0, daemon.stop())
            self.assertFalse(daemon.ready_file.exists())


class NothingServedTest(unittest.TestCase):
    def test_a_daemon_without_a_model_is_ready_and_says_what_it_lacks(self):
        with tempfile.TemporaryDirectory() as store:
            with Daemon(case.BIN_DIR, store) as daemon:
                self.assertRegex(daemon.log(), "WARNING no model in the store .*path=")
            broken = pathlib.Path(store, "broken/1/model.onnx")
            broken.parent.mkdir(parents=True)
            broken.write_bytes(b"this is no model")
            with Daemon(case.BIN_DIR, store) as daemon:
                self.assertRegex(daemon.log(), "WARNING no model is ready failed=1")


class CrashTest(unittest.TestCase):
    def test_it_comes_back_on_the_same_port_and_state_after_kill_9(self):
        label, picture = case.shapes_pictures()[0]
        with Daemon(case.BIN_DIR, shapes_alone(self)) as daemon:
            address, http = daemon.grpc_address, daemon.http_address
            for _ in range(3):
                daemon.kill()
                daemon.start("--grpc-address", address, "--http-address", http)
                client = Client(address)
                self.addCleanup(client.close)
                reply = client.classify("shapes", picture)
                self.assertNotIsInstance(reply, Failure, reply)
                self.assertEqual(label, reply.results[0].categories[0].label)
            self.assertEqual(daemon.pid, json.loads(daemon.ready_file.read_text())["pid"])
