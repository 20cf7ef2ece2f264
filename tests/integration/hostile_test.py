"""Whatever strangers send gets a clear error, and the neighbours' answers stay right."""

import random
import struct
import zlib

import case
import numpy
from client import Client, Failure, encoded, spec, tensor
from dnnd.v1 import common_pb2, predict_pb2, vision_pb2
from load import Load

RAW = common_pb2.RawImage
MUTATIONS = 300
MUTATION_SEED = 11
MEGABYTE = 1 << 20


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width, height):
    """A PNG that promises pixels and ends."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def raw(width, height, pixels, kind=RAW.RGB):
    return common_pb2.Image(raw=RAW(width=width, height=height, format=kind, pixels=pixels))


class HostileTest(case.DaemonCase):
    """A good client asks all the while: it never sees a failure or a wrong label."""

    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        whole = case.shapes_model().read_bytes()
        store.add("truncated", whole[:len(whole) // 2])
        store.add("garbage", b"\x08\x07\x3a" + bytes(range(256)) * 64)
        store.add("empty", b"")
        store.add_shapes("nested", config="preprocess { " * 200_000)
        store.add_shapes("unknown-field", config="colour: 3")
        store.add_shapes("out-of-range", config="preprocess {\n  width: -1\n}")
        store.add_shapes("latin-1", config="task: CLASSIFY")
        (store.path / "latin-1/labels.txt").write_bytes("Hund\nK\u00e4fer\n".encode("latin-1"))
        store.add_shapes("no-labels", config='labels_file: "none.txt"')
        renamed = whole.replace(b"Conv", b"C\xffnv")
        assert renamed != whole
        store.add("odd-operator", renamed)
        cls.pictures = case.shapes_pictures()
        cls.jpeg = next(picture for _, picture in cls.pictures if picture.startswith(b"\xff\xd8"))
        cls.png = next(picture for _, picture in cls.pictures if picture.startswith(b"\x89PNG"))

    def setUp(self):
        model = self.client.get("shapes")
        self.input = model.versions[0].signature.inputs[0]
        self.load = Load(self.daemon.grpc_address, self.ask_rightly, clients=2)
        self.load.__enter__()

    def tearDown(self):
        # A neighbour that began before ends after what the case sent.
        self.load.__exit__(None)
        self.assertEqual({}, dict(self.load.codes()))
        self.assertGreater(len(self.load.answers), 0)
        self.assertTrue(self.daemon.running(), self.daemon.log())

    def ask_rightly(self, client, number):
        label, picture = self.pictures[number % len(self.pictures)]
        reply = client.classify("shapes", picture)
        if not isinstance(reply, Failure) and reply.results[0].categories[0].label != label:
            return Failure("WRONG", f"{label} taken for {reply.results[0].categories[0].label}")
        return reply

    def assert_refused(self, reply, code, reason, field=""):
        self.assertIsInstance(reply, Failure, reply)
        self.assertEqual((code, reason, "dnnd"), (reply.code, reply.reason, reply.domain), reply)
        self.assertIn(field, reply.field, reply)
        self.assertGreater(len(reply.message), 10)
        self.assertTrue(reply.request_id)

    def test_bad_pictures(self):
        undecodable, pixels = "IMAGE_UNDECODABLE", "IMAGE_TOO_MANY_PIXELS"
        cases = {
            "half a JPEG's header": (encoded(self.jpeg[:100]), undecodable),
            "a JPEG's first bytes": (encoded(b"\xff\xd8\xff\xe0"), undecodable),
            "text": (encoded(b"no picture at all"), undecodable),
            "a PNG of 30000 x 30000": (encoded(png_header(30000, 30000)), pixels),
            "a PNG without pixels": (encoded(png_header(64, 64)), undecodable),
            "a PNG of width 0": (encoded(png_header(0, 64)), undecodable),
            "half a PNG": (encoded(self.png[:len(self.png) // 2]), undecodable),
            "raw pixels of 2^31 x 2^31": ([raw(2**31 - 1, 2**31 - 1, b"123")], pixels),
        }
        for name, (images, reason) in cases.items():
            with self.subTest(name):
                request = vision_pb2.ClassifyRequest(model=spec("shapes"), images=encoded(self.png) + images)
                reply = self.client.call(self.client.vision.Classify, request)
                self.assert_refused(reply, "INVALID_ARGUMENT", reason, "images[1]")

    def test_bad_requests(self):
        def classify(model=None, images=encoded(self.png), **options):
            return self.client.call(self.client.vision.Classify, vision_pb2.ClassifyRequest(
                model=model or spec("shapes"), images=images, options=vision_pb2.ClassifyOptions(**options)))

        invalid, missing = "INVALID_ARGUMENT", "NOT_FOUND"
        cases = {
            "no picture": (classify(images=[]), invalid, "INVALID_REQUEST"),
            "an empty picture": (classify(images=[common_pb2.Image()]), invalid, "INVALID_REQUEST"),
            "no bytes": (classify(images=encoded(b"")), invalid, None),
            "too many pictures": (classify(images=encoded(*[b"x"] * 300)), invalid, "TOO_MANY_IMAGES"),
            "raw pixels that are too few": (classify(images=[raw(64, 64, b"123")]), invalid, None),
            "raw pixels of no size": (classify(images=[raw(0, 64, b"")]), invalid, None),
            "negative top_k": (classify(top_k=-1), invalid, "INVALID_REQUEST"),
            "an unknown model": (classify(spec("nobody")), missing, "MODEL_NOT_FOUND"),
            "an unknown version": (classify(spec("shapes", 7)), missing, "MODEL_NOT_FOUND"),
            "an unknown label": (classify(common_pb2.ModelSpec(name="shapes", version_label="x")), missing,
                                 "MODEL_NOT_FOUND"),
            "version 0": (classify(spec("shapes", 0)), invalid, "INVALID_REQUEST"),
            "a path": (classify(spec("../shapes")), invalid, "INVALID_REQUEST"),
            "no model": (classify(common_pb2.ModelSpec()), invalid, "INVALID_REQUEST"),
        }
        for name, (reply, code, reason) in cases.items():
            with self.subTest(name):
                self.assertIsInstance(reply, Failure)
                self.assert_refused(reply, code, reason or reply.reason)

    def test_models_that_cannot_be_loaded(self):
        words = {"truncated": "1/model.onnx", "garbage": "1/model.onnx", "empty": "1/model.onnx",
                 "nested": "config.textproto:", "unknown-field": "config.textproto:1:", "latin-1": "labels.txt:2:",
                 "out-of-range": "config.textproto:2:3: preprocess.width: got -1", "no-labels": "none.txt",
                 "odd-operator": "C\ufffdnv"}
        for name, word in words.items():
            with self.subTest(name):
                (state, reason), = self.client.versions(name).values()
                self.assertEqual("UNAVAILABLE", state)
                self.assertIn(word, reason)
                refusal = self.client.classify(name, self.png)
                self.assert_refused(refusal, "FAILED_PRECONDITION", "MODEL_NOT_LOADED")
                self.assertIn(reason, refusal.message)
                failure = self.client.load(name)
                self.assertIsInstance(failure, Failure)
                self.assertEqual("dnnd", failure.domain, failure)
                self.assertNotIn(failure.code, ("INTERNAL", "UNKNOWN", "UNAVAILABLE"), failure)
                # Where the store lies on the server is nobody's business.
                for text in (reason, refusal.message, failure.message):
                    self.assertNotIn(str(self.store.path), text)

    def test_bad_tensors(self):
        name, size = self.input.name, [1, *(axis.size for axis in self.input.shape[1:])]
        good = numpy.zeros(size, numpy.float32)
        unmatched, overflowing = tensor(good), tensor(good)
        unmatched.contents = unmatched.contents[:-4]
        overflowing.shape[:] = [2**62, 2**62, 4, 4]
        negative = tensor(good)
        negative.shape[0] = -1
        mismatch = "TENSOR_SHAPE_MISMATCH"
        cases = {
            "another shape": ({name: good[:, :, 1:]}, mismatch),
            "another rank": ({name: good[0]}, mismatch),
            "fewer bytes than the shape says": ({name: unmatched}, mismatch),
            "a shape that overflows": ({name: overflowing}, mismatch),
            "a negative extent": ({name: negative}, mismatch),
            "another type": ({name: good.astype(numpy.float64)}, "TENSOR_TYPE_MISMATCH"),
            "no type": ({name: common_pb2.Tensor(shape=size, contents=good.tobytes())}, "TENSOR_TYPE_MISMATCH"),
            "an unknown input": ({name: good, "stranger": good}, "TENSOR_UNKNOWN"),
            "no input": ({}, "TENSOR_UNKNOWN"),
        }
        for what, (inputs, reason) in cases.items():
            with self.subTest(what):
                self.assert_refused(self.client.predict("shapes", inputs), "INVALID_ARGUMENT", reason)
        request = predict_pb2.PredictRequest(model=spec("shapes"), outputs=["stranger"])
        request.inputs[name].CopyFrom(tensor(good))
        self.assert_refused(self.client.call(self.client.predictor.Predict, request), "INVALID_ARGUMENT",
                            "TENSOR_UNKNOWN")

    def test_messages_that_are_too_large(self):
        client = Client(self.daemon.grpc_address)
        self.addCleanup(client.close)
        self.daemon.forget_peak()
        resident = self.daemon.resident_bytes()
        for _ in range(3):
            reply = client.classify("shapes", bytes(300 * MEGABYTE))
            self.assertIsInstance(reply, Failure)
            self.assertEqual("RESOURCE_EXHAUSTED", reply.code, reply)
            self.assertIn("larger than max", reply.message)
        # gRPC takes a message whole before it looks at its size; it must not pile up.
        peak = self.daemon.peak_resident_bytes() - resident
        self.figure("memory that it took (MB)", peak // MEGABYTE)
        if not case.sanitized():  # which keeps what was freed
            self.assertLess(peak, 2 * 300 * MEGABYTE)

    def test_damaged_pictures_are_answered_or_refused(self):
        chance = random.Random(MUTATION_SEED)
        codes = set()
        for _ in range(MUTATIONS):
            damaged = bytearray(chance.choice(self.pictures)[1])
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            reply = self.client.classify("shapes", bytes(damaged[:chance.randint(len(damaged) // 2, len(damaged))]))
            codes.add(reply.code if isinstance(reply, Failure) else "OK")
        self.assertLessEqual(codes, {"OK", "INVALID_ARGUMENT"})

    def test_names_of_strangers_become_no_label(self):
        for i in range(20):
            self.client.classify(f"stranger-{i}", self.png)
        self.assertLessEqual(self.metrics().models(), {folder.name for folder in self.store.path.iterdir()} | {"", "_unknown"})
