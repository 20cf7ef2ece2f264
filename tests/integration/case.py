"""What every integration test builds on: where the programs are, model stores, and a daemon for each class."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import environment
from client import Client
from daemon import Daemon
from metrics import Metrics

# Set by run.py.
BIN_DIR = None
LONG = False

SHAPES_STORE = environment.ROOT / "deploy/models/store"
SHAPES_PICTURES = environment.ROOT / "deploy/models/pictures"


def test_data():
    """The folder of real models and pictures; skips the test without it."""
    folder = os.environ.get("DNND_TEST_DATA")
    if not folder:
        raise unittest.SkipTest("DNND_TEST_DATA is not set")
    return pathlib.Path(folder)


def sanitized():
    """Whether the programs were built with a sanitizer: times and memory then mean nothing."""
    text = subprocess.run(["grep", "-c", "__asan_init\\|__tsan_init", BIN_DIR / "dnnd"], stdout=subprocess.PIPE).stdout
    return int(text) > 0


def skip_if_sanitized(what):
    if sanitized():
        raise unittest.SkipTest(f"{what} say nothing under a sanitizer")


def skip_unless_measuring():
    """For cases that hold rates against each other: other programs on the machine decide them as much as ours does."""
    if not os.environ.get("DNND_MEASURE"):
        raise unittest.SkipTest("rates are held against each other only with DNND_MEASURE=1, on a machine of their own")


class Measured:
    """For classes of cases that hold rates against each other, before their DaemonCase: skips them elsewhere."""

    @classmethod
    def setUpClass(cls):
        skip_if_sanitized("rates")
        skip_unless_measuring()
        super().setUpClass()


class Store:
    """A model store in a temporary folder."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="dnnd-store-")
        self.path = pathlib.Path(self._folder.name)

    def add(self, name, model, version=1, config="", labels=None):
        """Puts a model's file, or its bytes, into the store as one step; returns its path."""
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        if config:
            (folder / "config.textproto").write_text(config)
        if labels:
            shutil.copy(labels, folder / "labels.txt")
        hidden = self.path / f".{name}-{version}"
        hidden.mkdir()
        if isinstance(model, bytes):
            (hidden / "model.onnx").write_bytes(model)
        else:
            shutil.copyfile(model, hidden / "model.onnx")
        return hidden.rename(folder / str(version)) / "model.onnx"

    def add_shapes(self, name="shapes", version=1, config=None, **named):
        """The built-in classifier: small, and right."""
        if config is None:
            config = (SHAPES_STORE / "shapes/config.textproto").read_text()
        return self.add(name, shapes_model(), version, config, SHAPES_STORE / "shapes/labels.txt", **named)

    def add_zoo(self, architecture, name=None, **named):
        """An architecture of dnnbench zoo, with random weights."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "model.onnx")
            subprocess.run([BIN_DIR / "dnnbench", "zoo", architecture, "--output", file], check=True,
                           stdout=subprocess.DEVNULL)
            return self.add(name or architecture, file, **named)

    def close(self):
        self._folder.cleanup()


def shapes_model():
    return SHAPES_STORE / "shapes/1/model.onnx"


def shapes_pictures():
    """(label, bytes) of pictures of the built-in classifier, each of which it knows."""
    return [(path.name.split("_")[0], path.read_bytes()) for path in sorted(SHAPES_PICTURES.iterdir())]


class DaemonCase(unittest.TestCase):
    """A daemon for all cases of a class, on the store that fill_store() fills."""

    flags = ()
    # Polling makes changes come by themselves; tests that want it say so.
    poll_ms = 0

    @classmethod
    def fill_store(cls, store):
        store.add_shapes()

    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.close)
        cls.fill_store(cls.store)
        cls.daemon = cls.start_daemon(cls.addClassCleanup, cls.store)
        cls.client = cls.connect(cls.addClassCleanup, cls.daemon)

    @classmethod
    def start_daemon(cls, cleanup, store, *flags, **named):
        """A daemon that `cleanup` (addCleanup or addClassCleanup) stops."""
        daemon = Daemon(BIN_DIR, store.path, "--model-poll-interval-ms", cls.poll_ms, *cls.flags, *flags, **named)
        daemon.__enter__()
        cleanup(lambda: daemon.__exit__(None))
        return daemon

    @staticmethod
    def connect(cleanup, daemon):
        client = Client(daemon.grpc_address)
        cleanup(client.close)
        return client

    def metrics(self):
        return Metrics(self.daemon.http("/metrics"))

    def figure(self, name, value):
        """Prints a measured figure, so that a log shows how far from its bound it is."""
        sys.stdout.write(f"\n    {name}: {value}")
        sys.stdout.flush()
