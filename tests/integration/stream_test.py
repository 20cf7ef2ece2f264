"""Streams of frames: the newest is answered, what it overtakes is counted, and nobody but the stream itself waits."""

import threading
import time

import case
import grpc
from client import Client, Failure, Stream, frame, spec, task
from dnnd.v1 import vision_pb2
from forms import saved
from PIL import Image
from wait import wait_until

FLOOD = 60
GONE_SECONDS = 20
# For one answer of the smallest model on a machine that others use, or under a sanitizer.
DEADLINE_SECONDS = 5
# The daemon's own bound on draining is 25 s; a stream must not need it.
STOP_SECONDS = 10
# Of a client that does not read: replies of 4 MB fill what lies between it and the daemon after a few.
LARGE_SIDE = 2000
FRAMES_OF_A_WHILE = 200
LARGEST_GROWTH = 1.05


def classify(number=None, picture=b"", model=None, **named):
    return vision_pb2.StreamClassifyRequest(model=spec(model) if model else None,
                                            frame=None if number is None else frame(number, picture), **named)


class StreamCase(case.DaemonCase):
    def open(self, method="StreamClassify", **named):
        stream = Stream(getattr(self.client.vision, method), **named)
        self.addCleanup(stream.close)
        return stream

    def wait_until_closed(self):
        wait_until(lambda: self.metrics().sum("dnnd_streams") == 0, GONE_SECONDS, "no stream is open")

    def assert_adds_up(self, sent, replies, stream):
        """Each frame was answered or dropped, in order, and the reports add up to what the trailer says."""
        self.assertFalse([reply for reply in replies if isinstance(reply, Failure)])
        ids = [reply.frame.id for reply in replies]
        self.assertEqual(sorted(set(ids)), ids)
        self.assertEqual(sent, len(replies) + stream.dropped())
        total = 0
        for reply in replies:
            total += reply.frame.dropped
            self.assertEqual(total, reply.frame.dropped_total)
            self.assertGreater(reply.frame.delay_ms, 0)
        return ids


class StreamTest(StreamCase):
    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        store.add_zoo("resnet18", config="task: CLASSIFY")
        cls.pictures = case.shapes_pictures()
        cls.picture = cls.pictures[0][1]

    def test_each_frame_is_answered_as_the_same_picture_alone(self):
        stream = self.open()
        for number, (label, picture) in enumerate(self.pictures):
            reply = stream.ask(classify(1000 - number, picture, "shapes"))
            self.assertEqual(1000 - number, reply.frame.id)
            self.assertEqual(0, reply.frame.dropped_total)
            self.assertEqual(label, reply.result.categories[0].label)
            self.assertEqual(self.client.classify("shapes", picture).results[0], reply.result)
            self.assertGreaterEqual(reply.frame.delay_ms, reply.timings.total_ms)
        stream.close()
        self.assertIsNone(stream.reply())
        self.assertEqual((grpc.StatusCode.OK, 0), (stream.call.code(), stream.dropped()))

    def test_of_a_flood_the_newest_are_answered_and_the_rest_is_counted(self):
        def counted():
            return {reason: self.metrics().sum("dnnd_stream_frames_dropped_total", model="resnet18", reason=reason)
                    for reason in ("newer", "age", "end")}
        before, requests = counted(), self.metrics().sum("dnnd_requests_total", method="StreamClassify", code="OK")
        stream = self.open()
        for number in range(FLOOD):
            stream.send(classify(number, self.picture, "resnet18"))
        stream.close()
        replies = stream.replies()
        ids = self.assert_adds_up(FLOOD, replies, stream)
        self.assertEqual(FLOOD - 1, ids[-1], "the newest is answered")
        after = counted()
        self.assertEqual({"newer": stream.dropped(), "age": 0, "end": 0}, {key: after[key] - before[key] for key in after})
        self.assertGreater(stream.dropped(), 0)
        self.assertEqual(len(replies),
                         self.metrics().sum("dnnd_requests_total", method="StreamClassify", code="OK") - requests)
        self.assertGreaterEqual(self.metrics().sum("dnnd_stream_frame_delay_seconds_count", model="resnet18"), len(replies))
        self.wait_until_closed()

    def test_frames_that_waited_too_long_are_dropped_by_their_age(self):
        before = self.metrics().sum("dnnd_stream_frames_dropped_total", reason="age")
        stream = self.open()
        stream.send(classify(model="resnet18", stream=vision_pb2.StreamOptions(max_age_ms=1)))
        sent = 0

        def dropped():
            nonlocal sent
            for _ in range(3):  # one is in work, so that another waits longer than a millisecond
                stream.send(classify(sent, self.picture))
                sent += 1
            return self.metrics().sum("dnnd_stream_frames_dropped_total", reason="age") > before

        wait_until(dropped, GONE_SECONDS, "a frame was too old")
        stream.close()
        self.assert_adds_up(sent, stream.replies(), stream)

    def test_a_bad_frame_is_an_answer_and_the_stream_goes_on(self):
        stream = self.open()
        self.assertEqual(0, stream.ask(classify(1, self.picture, "shapes")).frame.error.code)
        for number, bad in enumerate((b"no picture", self.picture[:100], b"")):
            reply = stream.ask(classify(number, bad))
            self.assertEqual((number, grpc.StatusCode.INVALID_ARGUMENT.value[0]), (reply.frame.id, reply.frame.error.code))
            self.assertIn("images[0]", reply.frame.error.message)
            self.assertFalse(reply.HasField("result"))
        reply = stream.ask(vision_pb2.StreamClassifyRequest(frame=vision_pb2.Frame(id=9)))
        self.assertIn("got no picture", reply.frame.error.message)
        self.assertEqual(self.pictures[0][0], stream.ask(classify(4, self.picture)).result.categories[0].label)

    def test_what_a_message_sets_holds_until_it_is_set_anew(self):
        stream = self.open()
        stream.send(classify(model="shapes", options=vision_pb2.ClassifyOptions(top_k=2)))
        self.assertEqual(2, len(stream.ask(classify(1, self.picture)).result.categories))
        self.assertEqual(2, len(stream.ask(classify(2, self.picture)).result.categories))
        reply = stream.ask(classify(3, self.picture, "nobody"))
        self.assertEqual((grpc.StatusCode.NOT_FOUND.value[0], 3), (reply.frame.error.code, reply.frame.id))
        reply = stream.ask(classify(4, self.picture, "resnet18"))
        self.assertEqual(("resnet18", 2), (reply.model.name, len(reply.result.categories)))
        self.assertEqual(5, len(stream.ask(classify(5, self.picture, "shapes",
                                                    options=vision_pb2.ClassifyOptions())).result.categories))
        reply = stream.ask(classify(6, self.picture, options=vision_pb2.ClassifyOptions(top_k=-1)))
        self.assertIn("options.top_k", reply.frame.error.message)

    def test_what_no_stream_can_go_on_with_ends_it(self):
        long_name = "x" * 70_000
        cases = {
            "no model": (classify(1, self.picture), "without a model"),
            "an empty message": (classify(), "without a model"),
            "an age of 0": (classify(1, self.picture, "shapes", stream=vision_pb2.StreamOptions(max_age_ms=0)),
                            "stream.max_age_ms"),
            "too much beside the frame": (classify(1, self.picture, long_name), "want at most 65536"),
        }
        for name, (message, said) in cases.items():
            with self.subTest(name):
                stream = self.open()
                failure = stream.ask(message)
                self.assertIsInstance(failure, Failure)
                self.assertEqual(("INVALID_ARGUMENT", "INVALID_REQUEST"), (failure.code, failure.reason))
                self.assertIn(said, failure.message)
        stream = self.open("StreamPerceive")
        self.assertIn("without a model or a task", stream.ask(vision_pb2.StreamPerceiveRequest()).message)
        self.wait_until_closed()

    def test_bytes_that_are_no_message_end_it_with_an_error(self):
        stream = Stream.of_bytes(self.client, "StreamClassify")
        self.addCleanup(stream.close)
        self.assertIsInstance(stream.ask(classify(1, self.picture, "shapes").SerializeToString()), bytes)
        failure = stream.ask(b"\xff\xff\xff")
        self.assertIsInstance(failure, Failure)
        self.assertEqual(("INVALID_ARGUMENT", "INVALID_REQUEST"), (failure.code, failure.reason))
        self.assertIn("StreamClassifyRequest", failure.message)
        self.wait_until_closed()

    def test_a_stream_ends_when_its_client_has_had_enough(self):
        ends = {
            "cancel": lambda stream, client: stream.call.cancel(),
            "the client goes": lambda stream, client: client.close(),
            "half-close": lambda stream, client: stream.close(),
        }
        for name, end in ends.items():
            for busy in (False, True):
                with self.subTest(name, busy=busy):
                    client = Client(self.daemon.grpc_address)
                    stream = Stream(client.vision.StreamClassify)
                    self.assertEqual(1, stream.ask(classify(1, self.picture, "resnet18")).frame.id)
                    self.assertEqual(1, self.metrics().sum("dnnd_streams"))
                    for number in range(20 if busy else 0):
                        stream.send(classify(number, self.picture))
                    end(stream, client)
                    stream.replies()
                    self.wait_until_closed()
                    client.close()
        wait_until(lambda: self.client.status().memory.queued_bytes == 0, GONE_SECONDS, "nothing is held")

    def test_the_deadline_is_that_of_the_whole_stream(self):
        stream = self.open(seconds=DEADLINE_SECONDS)
        self.assertEqual(1, stream.ask(classify(1, self.picture, "shapes")).frame.id)
        self.assertEqual("DEADLINE_EXCEEDED", stream.reply().code)
        self.wait_until_closed()

    def test_streams_beside_each_other_are_all_answered(self):
        streams = [self.open() for _ in range(8)]
        for stream in streams:
            for number in range(10):
                stream.send(classify(number, self.picture, "resnet18"))
            stream.close()
        for stream in streams:
            self.assert_adds_up(10, stream.replies(), stream)


class StreamLimitTest(StreamCase):
    flags = ("--max-open-streams", 2)

    def test_no_more_streams_are_open_than_may_be(self):
        label, picture = case.shapes_pictures()[0]
        streams = [self.open(), self.open("StreamPerceive")]
        streams[0].ask(classify(1, picture, "shapes"))
        streams[1].ask(vision_pb2.StreamPerceiveRequest(tasks=[task("shapes")], frame=frame(1, picture)))
        refused = self.open("StreamDetect").reply()
        self.assertEqual(("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS"), (refused.code, refused.reason))
        self.assertGreater(refused.retry_seconds, 0)
        # Requests are not streams.
        self.assertEqual(label, self.client.classify("shapes", picture).results[0].categories[0].label)
        streams[0].close()
        wait_until(lambda: self.metrics().sum("dnnd_streams") == 1, GONE_SECONDS, "the first has ended")
        self.assertEqual(1, self.open().ask(classify(1, picture, "shapes")).frame.id)


class StreamDrainTest(StreamCase):
    @classmethod
    def fill_store(cls, store):
        store.add_shapes()
        store.add_zoo("resnet18", config="task: CLASSIFY")

    def test_sigterm_answers_what_is_in_work_and_ends_idle_streams_at_once(self):
        picture = case.shapes_pictures()[0][1]
        idle, busy = self.open(), self.open()
        for stream in (idle, busy):
            stream.ask(classify(1, picture, "resnet18"))
        over = threading.Event()

        def film():
            number = 2
            while not over.is_set():
                busy.send(classify(number, picture))
                number += 1
                over.wait(0.002)
        camera = threading.Thread(target=film)
        camera.start()
        self.addCleanup(camera.join)
        self.addCleanup(over.set)
        self.assertGreater(busy.reply().frame.id, 1)
        start = time.monotonic()
        self.daemon.signal(15)
        ended = idle.reply()
        self.assertEqual(("UNAVAILABLE", "SERVER_DRAINING"), (ended.code, ended.reason))
        replies = busy.replies()
        over.set()
        self.assertEqual(("UNAVAILABLE", "SERVER_DRAINING"), (replies[-1].code, replies[-1].reason))
        self.assertEqual(0, self.daemon.wait(), self.daemon.log())
        self.assertLess(time.monotonic() - start, STOP_SECONDS)
        self.assertNotIn("cutting off", self.daemon.log())
        # What was in work was answered, not refused.
        self.assertFalse([reply for reply in replies[:-1] if reply.frame.error.code])


class RealStreamsTest(StreamCase):
    """The other methods, on real networks."""

    @classmethod
    def fill_store(cls, store):
        models = case.test_data() / "models"
        cls.dog = (case.test_data() / "images/dog_ort.jpg").read_bytes()
        store.add("road", models / "road_segmentation_adas_0001/model.onnx", config="preprocess { scale: 1 color: BGR }")
        for name in ("yolox_nano", "squeezenet_fp32"):
            store.add(name, models / name / "model.onnx")

    def test_detect_segment_and_perceive_answer_as_alone(self):
        detected = self.open("StreamDetect").ask(vision_pb2.StreamDetectRequest(
            model=spec("yolox_nano"), options={"max_detections": 2}, frame=frame(1, self.dog)))
        self.assertEqual(self.client.detect("yolox_nano", self.dog, max_detections=2).results[0], detected.result)
        segmented = self.open("StreamSegment").ask(vision_pb2.StreamSegmentRequest(
            model=spec("road"), options={"format": "RLE"}, frame=frame(2, self.dog)))
        self.assertEqual(self.client.segment("road", self.dog, format="RLE").results[0], segmented.result)
        tasks = [task("yolox_nano"), task("road"), task("squeezenet_fp32", classify={"top_k": 1})]
        stream = self.open("StreamPerceive")
        perceived = stream.ask(vision_pb2.StreamPerceiveRequest(tasks=tasks, frame=frame(3, self.dog)))
        alone = self.client.perceive(self.dog, *tasks)
        for one, other in zip(alone.results, perceived.result.results, strict=True):
            self.assertEqual(one.WhichOneof("result"), other.WhichOneof("result"))
            for result in ("classification", "detections", "segmentation"):
                self.assertEqual(getattr(one, result), getattr(other, result))
        bad = stream.ask(vision_pb2.StreamPerceiveRequest(tasks=[*tasks, task("nobody")], frame=frame(4, self.dog)))
        self.assertIn("tasks[3]", bad.frame.error.message)
        again = stream.ask(vision_pb2.StreamPerceiveRequest(tasks=tasks, frame=frame(5, self.dog)))
        self.assertEqual((0, 5), (again.frame.error.code, again.frame.id))

    def test_a_client_that_does_not_read_holds_back_itself_alone(self):
        case.skip_if_sanitized("bytes of memory")
        large = saved(Image.new("RGB", (LARGE_SIDE, LARGE_SIDE), (90, 120, 60)), "JPEG")
        message = vision_pb2.StreamSegmentRequest(model=spec("road"), options={"format": "LABELS"}, frame=frame(0, large))
        stream = self.open("StreamSegment")

        sent = 0

        def stalled():
            """Whether a while's frames were all dropped: what lies between the daemon and its client is full."""
            nonlocal sent
            scrape = self.metrics()
            for _ in range(FRAMES_OF_A_WHILE):
                stream.send(message)
                sent += 1
                # All but the one in work and the one that waits.
                wait_until(lambda: self.arrived() >= sent - 2, 60, "the frame has arrived")
            return answered(self.metrics()) == answered(scrape)

        def answered(scrape):
            return scrape.sum("dnnd_requests_total", method="StreamSegment", model="road", code="OK")

        wait_until(stalled, 60, "no more answers are made")
        count, resident = answered(self.metrics()), self.daemon.resident_bytes()
        for _ in range(5):
            self.assertTrue(stalled(), "replies pile up")
        growth = self.daemon.resident_bytes() / resident
        self.figure("frames, answers that nobody reads, growth of memory", (sent, count, round(growth, 3)))
        self.assertLess(growth, LARGEST_GROWTH)
        # Others are served as ever.
        self.assertEqual(1, len(self.client.segment("road", self.dog).results))
        stream.close()
        replies = stream.replies()
        self.assertEqual(sent, len(replies) + stream.dropped())

    def arrived(self):
        """Frames of the stream that were answered or dropped."""
        scrape = self.metrics()
        return (scrape.sum("dnnd_stream_frames_dropped_total", model="road") +
                scrape.sum("dnnd_requests_total", method="StreamSegment", model="road"))
