"""Bounds on what clients may take: descriptors, compressed messages, connections at once, masks."""

import contextlib
import re
import socket
import time
from concurrent import futures

import case
import families
import grpc
import numpy
import segmenter_models
from client import Client, Failure, Stream, spec
from dnnd.v1 import common_pb2, vision_pb2
from forms import saved
from PIL import Image
from stalling_proxy import StallingProxy
from wait import wait_until

# Fewer than the connections below, enough for the daemon's own files.
DESCRIPTORS = 128
CONNECTIONS = 300
BACK_SECONDS = 30
STALL_SECONDS = 60
MEGABYTE = 1 << 20
# Half a gigabyte of unfinished messages against a quota of 17 MB. The room is for what is on its way while gRPC breaks
# off one stream after the other, which takes the longer the busier the machine is.
STALLED_CLIENTS, STALLED_MEGABYTES = 8, 64
STALLED_GROWTH_MEGABYTES = 128
ITEMS = 4_000_000
# Of what each of them would keep, less than one: what the heap holds back.
IDLE_STREAMS, IDLE_GROWTH_MEGABYTES = 8, 30
# What protobuf itself takes to read an empty one: an object of 40 to 64 bytes and the heap's own, and its pointer.
ITEM_BYTES = 130
# Pictures of one colour: few bytes, many pixels.
MANY_PIXELS, MOST_PIXELS = (2000, 1500), (6000, 4000)
THINGS = 1000
# What the server promises of masks: pixels of a request, and bytes of each beside those of the picture's pixels.
MOST_MASK_PIXELS = 1 << 28
SMALLEST_FILE = 256
# Of a picture's pixels: three bytes decoded, one of files, and a mask and the room for its file at work.
MASKS_GROWTH = 7


def flat(width, height):
    return saved(Image.new("RGB", (width, height), (90, 120, 40)), "PNG")


def address_of(daemon):
    host, _, port = daemon.grpc_address.rpartition(":")
    return host, int(port)


class DescriptorsTest(case.DaemonCase):
    @classmethod
    def start_daemon(cls, cleanup, store, *flags, **named):
        return super().start_daemon(cleanup, store, *flags, prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))

    def test_new_clients_are_served_again_after_descriptors_ran_out(self):
        _, picture = case.shapes_pictures()[0]
        self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)
        with contextlib.ExitStack() as idle:
            for _ in range(CONNECTIONS):
                idle.enter_context(socket.create_connection(address_of(self.daemon)))
            newcomer = Client(self.daemon.grpc_address)
            idle.callback(newcomer.close)
            refused = newcomer.classify("shapes", picture, seconds=1)
            self.assertIsInstance(refused, Failure, "descriptors did not run out")
            # Who was connected before is served on.
            self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)

        def served():
            client = Client(self.daemon.grpc_address)
            try:
                return not isinstance(client.classify("shapes", picture, seconds=2), Failure)
            finally:
                client.close()

        wait_until(served, BACK_SECONDS, "a new connection is served")


class CompressionTest(case.DaemonCase):
    def test_a_compressed_request_is_refused_before_it_is_inflated(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            with self.subTest(compression.name):
                resident = self.daemon.resident_bytes()
                self.daemon.forget_peak()
                failure = self.client.classify("shapes", bytes(200 * MEGABYTE), compression=compression)
                self.assertIsInstance(failure, Failure)
                self.assertEqual("UNIMPLEMENTED", failure.code, failure)
                growth = self.daemon.peak_resident_bytes() - resident
                self.figure("memory that it took (MB)", growth // MEGABYTE)
                self.assertLess(growth, 20 * MEGABYTE)


class MessagesTest(case.DaemonCase):
    flags = ("--max-message-bytes", MEGABYTE, "--max-queued-bytes", 16 * MEGABYTE)

    def test_unfinished_messages_hold_a_bounded_amount_of_memory(self):
        # gRPC takes a message whole before it looks at its size; its quota bounds all of them together.
        _, picture = case.shapes_pictures()[0]
        self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)
        message = bytes(2 * STALLED_MEGABYTES * MEGABYTE)
        resident = self.daemon.resident_bytes()
        self.daemon.forget_peak()
        with contextlib.ExitStack() as opened:
            pool = opened.enter_context(futures.ThreadPoolExecutor(STALLED_CLIENTS))
            proxies = [opened.enter_context(StallingProxy(self.daemon.grpc_address, STALLED_MEGABYTES * MEGABYTE))
                       for _ in range(STALLED_CLIENTS)]
            strangers = [Client(proxy.address) for proxy in proxies]
            for stranger in strangers:
                opened.callback(stranger.close)
            calls = [pool.submit(stranger.classify, "shapes", message) for stranger in strangers]
            wait_until(lambda: all(proxy.stalled.is_set() or call.done() for proxy, call in zip(proxies, calls)),
                       STALL_SECONDS, "every message is stuck or refused")
            growth = self.daemon.peak_resident_bytes() - resident
            self.figure("memory that it took (MB)", growth // MEGABYTE)
            if not case.sanitized():  # which keeps what was freed
                self.assertLess(growth, STALLED_GROWTH_MEGABYTES * MEGABYTE)
            self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)


class ItemsTest(case.DaemonCase):
    """A message of a few bytes for each of millions of empty items."""

    def test_of_millions_of_tasks_or_pictures_few_are_looked_at(self):
        items = b"\x12\x00" * ITEMS  # each an empty message in field 2, as tasks and images are
        for method, what in {"Perceive": "more than 16 tasks", "Classify": "more than 256 pictures"}.items():
            with self.subTest(method):
                call = self.client.channel.unary_unary(f"/dnnd.v1.VisionService/{method}")
                resident = self.daemon.resident_bytes()
                self.daemon.forget_peak()
                model = vision_pb2.ClassifyRequest(model=spec("shapes")).SerializeToString()
                failure = self.client.call(call, items if method == "Perceive" else model + items)
                self.assertIsInstance(failure, Failure)
                self.assertIn(what, failure.message)
                growth = self.daemon.peak_resident_bytes() - resident
                self.figure("memory that it took (bytes an item)", growth // ITEMS)
                if not case.sanitized():
                    self.assertLess(growth, ITEM_BYTES * ITEMS)


class IdleStreamsTest(case.DaemonCase):
    """A stream that is idle keeps nothing of what went over it."""

    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        store.add_shapes("spare")
        store.add("road", case.test_data() / "models/road_segmentation_adas_0001/model.onnx",
                  config="preprocess { scale: 1 color: BGR }")

    def held_bytes(self):
        """Resident memory without what was freed: the allocator gives that back when a model goes."""
        for reply in (self.client.load("spare"), self.client.unload("spare")):
            self.assertNotIsInstance(reply, Failure)
        return self.daemon.resident_bytes()

    def growth(self, method, first, then):
        """Of memory, by idle streams that each had two messages, and one more at once that lays out what is kept."""
        streams = []
        for _ in range(IDLE_STREAMS + 1):
            stream = Stream.of_bytes(self.client, method)
            self.addCleanup(stream.close)
            for message in (first, then):
                self.assertIsInstance(stream.ask(message), bytes)
            streams.append(stream)
            if len(streams) == 1:
                resident = self.held_bytes()
        return self.held_bytes() - resident

    def judge(self, growth):
        self.figure("memory that idle streams hold (MB)", growth // MEGABYTE)
        if not case.sanitized():
            self.assertLess(growth, IDLE_GROWTH_MEGABYTES * MEGABYTE)

    def test_no_message(self):
        # 60 MB in field 127, which nobody knows.
        unknown = b"\xfa\x07\x80\x80\x80\x1e" + bytes(60 * MEGABYTE)
        frame = vision_pb2.Frame(image=common_pb2.Image(encoded=case.shapes_pictures()[0][1]))
        message = vision_pb2.StreamClassifyRequest(model=spec("shapes"), frame=frame).SerializeToString()
        self.judge(self.growth("StreamClassify", message, message + unknown))

    def test_no_answer(self):
        large = saved(Image.new("RGB", (4000, 4000), (90, 120, 60)), "JPEG")
        message = vision_pb2.StreamSegmentRequest(
            model=spec("road"), options={"format": "LABELS", "confidence": True},
            frame=vision_pb2.Frame(image=common_pb2.Image(encoded=large))).SerializeToString()
        self.judge(self.growth("StreamSegment", message, message))


class ConnectionsTest(case.DaemonCase):
    flags = ("--max-connections", "4")

    def test_connections_over_the_bound_are_closed_at_once(self):
        self.assertEqual("SERVING", self.client.health_of())
        with contextlib.ExitStack() as opened:
            sockets = [opened.enter_context(socket.create_connection(address_of(self.daemon))) for _ in range(6)]
            # gRPC speaks first on a connection that it keeps; one that is closed ends without a word.
            for each in sockets:
                each.settimeout(BACK_SECONDS)
            self.assertEqual([True] * 3 + [False] * 3, [len(each.recv(9)) > 0 for each in sockets])
        self.assertEqual("SERVING", self.client.health_of())


class OutputsTest(case.DaemonCase):
    """What a request makes counts too: its outputs, and the reply with their bytes."""

    flags = ("--max-message-bytes", 4 * MEGABYTE, "--max-queued-bytes", 5 * MEGABYTE)

    @classmethod
    def fill_store(cls, store):
        store.add("super_resolution", case.test_data() / "models/super_resolution/model.onnx")

    def test_requests_are_admitted_by_what_they_will_hold_in_all(self):
        # 0.2 MB in, 1.8 MB out: two fit by their inputs, not with what becomes of them.
        picture = numpy.zeros((1, 1, 224, 224), numpy.float32)
        clients = [self.connect(self.addCleanup, self.daemon) for _ in range(8)]
        with futures.ThreadPoolExecutor(len(clients)) as pool:
            replies = list(pool.map(lambda client: client.predict("super_resolution", {"input": picture}), clients))
        refused = [reply for reply in replies if isinstance(reply, Failure)]
        self.assertLess(len(refused), len(replies), "one alone is always let in")
        self.assertEqual({"MEMORY_BUDGET"}, {failure.reason for failure in refused})


class MasksTest(case.DaemonCase):
    """Masks of a large picture: what they hold is let in with the request, and is not more than that."""

    flags = ("--max-message-bytes", 4 * MEGABYTE, "--max-queued-bytes", 4 * MEGABYTE)

    @classmethod
    def fill_store(cls, store):
        store.add("things", families.MASKED["yolo_v8_masks"].make())
        store.add("segments", segmenter_models.classes(96, 64))

    @classmethod
    def everything(cls, **more):
        """Of the model "things": a thousand boxes, most of them large."""
        return {"score_threshold": 0, "iou_threshold": 1, "max_detections": THINGS, **more}

    def bytes_of(self, ask):
        """What a request is let in with, as the refusal of those tells that come while another is in."""
        told = []

        def refused():
            with futures.ThreadPoolExecutor(8) as pool:
                told.extend(reply for reply in pool.map(lambda _: ask(), range(8)) if isinstance(reply, Failure))
            return told

        wait_until(refused, BACK_SECONDS, "a request is refused")
        self.assertEqual({"MEMORY_BUDGET"}, {failure.reason for failure in told}, told)
        asked, = {int(re.search(r"a request of (\d+) bytes", str(failure))[1]) for failure in told}
        return asked

    def test_masks_are_admitted_with_their_request(self):
        picture = flat(*MANY_PIXELS)
        pixels = MANY_PIXELS[0] * MANY_PIXELS[1]
        plain = self.bytes_of(lambda: self.client.detect("things", picture, max_detections=10))
        for name, number in vision_pb2.DetectOptions.MaskFormat.items():
            with self.subTest(name):
                asked = self.bytes_of(lambda: self.client.detect("things", picture, max_detections=10, masks=number))
                self.assertEqual(2 * (pixels + 10 * SMALLEST_FILE) if number else 0, asked - plain)
        mask = self.bytes_of(lambda: self.client.segment("segments", picture))
        both = self.bytes_of(lambda: self.client.segment("segments", picture, confidence=True))
        self.assertEqual(2 * pixels, both - mask)

    def test_masks_of_many_things_hold_a_bounded_amount_of_memory(self):
        picture = flat(*MOST_PIXELS)
        options = self.everything(masks=vision_pb2.DetectOptions.PNG)
        self.assertNotIsInstance(self.client.detect("things", picture, **self.everything()), Failure)
        resident = self.daemon.resident_bytes()
        self.daemon.forget_peak()
        reply = self.client.detect("things", picture, seconds=STALL_SECONDS, **options)
        self.assertNotIsInstance(reply, Failure, reply)
        growth = self.daemon.peak_resident_bytes() - resident
        masked = [thing.mask for thing in reply.results[0].detections if thing.HasField("mask")]
        self.figure("masks", len(masked))
        self.figure("pixels of the masks (millions)", sum(mask.width * mask.height for mask in masked) // 1_000_000)
        self.figure("memory that it took (MB)", growth // MEGABYTE)
        self.assertLess(sum(mask.width * mask.height for mask in masked), MOST_MASK_PIXELS)
        self.assertLess(len(masked), len(reply.results[0].detections), "the bound was not met")
        if not case.sanitized():
            self.assertLess(growth, MASKS_GROWTH * MOST_PIXELS[0] * MOST_PIXELS[1])

    def test_masks_that_nobody_waits_for_are_not_made(self):
        picture = flat(*MOST_PIXELS)
        start = time.monotonic()
        options = self.everything(masks=vision_pb2.DetectOptions.RLE)
        self.assertNotIsInstance(self.client.detect("things", picture, seconds=STALL_SECONDS, **options), Failure)
        whole = time.monotonic() - start
        self.assertIsInstance(self.client.detect("things", picture, seconds=whole / 3, **options), Failure)
        start = time.monotonic()
        wait_until(lambda: self.client.status().memory.queued_bytes == 0, STALL_SECONDS, "nothing is held")
        self.figure("a whole request, and the end of one after its client went (s)",
                    f"{whole:.2f}, {time.monotonic() - start:.2f}")
        self.assertLess(time.monotonic() - start, whole / 3)
