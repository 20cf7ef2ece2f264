"""Clients that nobody here wrote: grpcurl and Python by reflection alone, promtool, and Prometheus."""

import base64
import json
import math
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

import case
import environment
import grpc
from client import Failure
from dnnd.v1 import vision_pb2
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from load import Load
from wait import wait_until

SERVICES = {"dnnd.v1.AdminService", "dnnd.v1.ModelService", "dnnd.v1.PredictService", "dnnd.v1.VisionService",
            "grpc.health.v1.Health"}
STAGES = {"decode", "preprocess", "queue", "batch", "compute", "postprocess", "total"}
QUERY_SECONDS = 60


class GrpcurlTest(case.DaemonCase):
    @classmethod
    def setUpClass(cls):
        cls.program, reason = environment.grpcurl()
        if cls.program is None:
            raise unittest.SkipTest(reason)
        super().setUpClass()

    def grpcurl(self, *arguments, flags=()):
        return [str(self.program), "-plaintext", *flags, self.daemon.grpc_address, *arguments]

    def output(self, *arguments, flags=(), **named):
        return subprocess.run(self.grpcurl(*arguments, flags=flags), check=True, stdout=subprocess.PIPE, text=True,
                              timeout=60, **named).stdout

    def test_it_lists_and_describes_every_service(self):
        listed = set(self.output("list").split())
        self.assertLessEqual(SERVICES, listed)
        for service in listed:
            with self.subTest(service):
                described = self.output("describe", service)
                self.assertIn(f"{service} is a service", described)
                self.assertIn("rpc ", described)

    def test_it_classifies_a_picture(self):
        label, picture = case.shapes_pictures()[0]
        request = {"model": {"name": "shapes"}, "images": [{"encoded": base64.b64encode(picture).decode()}]}
        reply = json.loads(self.output("dnnd.v1.VisionService/Classify", flags=("-d", "@"), input=json.dumps(request)))
        self.assertEqual(label, reply["results"][0]["categories"][0]["label"])

    def test_it_shows_the_details_of_an_error(self):
        done = subprocess.run(self.grpcurl("dnnd.v1.VisionService/Classify", flags=("-d", '{"model": {"name": "nobody"}}')),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("MODEL_NOT_FOUND", done.stderr)

    def test_it_watches_the_health_of_a_model(self):
        with tempfile.TemporaryFile("w+") as out:
            watch = subprocess.Popen(
                self.grpcurl("grpc.health.v1.Health/Watch", flags=("-d", '{"service": "shapes"}')), stdout=out)

            def states():
                out.seek(0)
                return re.findall(r'"status": "(\w+)"', out.read())
            try:
                wait_until(lambda: states() == ["SERVING"], 30, "its first state")
                self.client.unload("shapes")
                wait_until(lambda: states()[-1] == "NOT_SERVING", 30, "the unload")
                self.client.load("shapes")
                wait_until(lambda: states()[-1] == "SERVING", 30, "the load")
            finally:
                watch.kill()
                watch.wait()


class ReflectionTest(case.DaemonCase):
    """Python that has no file of ours: everything comes from the server."""

    def test_python_calls_every_kind_of_method_by_reflection(self):
        database = ProtoReflectionDescriptorDatabase(self.client.channel)
        pool = descriptor_pool.DescriptorPool(database)
        self.assertLessEqual(SERVICES, set(database.get_services()))

        def method(service, name):
            found = pool.FindServiceByName(service).FindMethodByName(name)
            request, reply = map(message_factory.GetMessageClass, (found.input_type, found.output_type))
            return request, self.client.channel.unary_unary(
                f"/{service}/{name}", request_serializer=request.SerializeToString, response_deserializer=reply.FromString)

        label, picture = case.shapes_pictures()[0]
        request, classify = method("dnnd.v1.VisionService", "Classify")
        reply = classify(request(model={"name": "shapes"}, images=[{"encoded": picture}]), timeout=60)
        self.assertEqual(label, reply.results[0].categories[0].label)
        request, check = method("grpc.health.v1.Health", "Check")
        self.assertEqual(1, check(request(service="shapes"), timeout=60).status)
        request, listed = method("dnnd.v1.ModelService", "ListModels")
        self.assertEqual(["shapes"], [model.name for model in listed(request(), timeout=60).models])

    def test_the_stubs_of_grpcio_tools_classify_and_tell_the_health(self):
        label, picture = case.shapes_pictures()[0]
        self.assertEqual(label, self.client.classify("shapes", picture).results[0].categories[0].label)
        self.assertEqual("SERVING", self.client.health_of("shapes"))

    def test_compression_of_replies_is_up_to_the_client(self):
        channel = grpc.insecure_channel(self.daemon.grpc_address)
        self.addCleanup(channel.close)
        self.assertIsNotNone(ProtoReflectionDescriptorDatabase(channel).get_services())


class DocumentedClientTest(case.DaemonCase):
    """The programs of proto/README.md, as they stand there but for the address: one that classifies, one that streams."""

    def run_it(self, *pictures, streams=False):
        text = (environment.ROOT / "proto/README.md").read_text()
        classifies, streaming = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        program = streaming if streams else classifies
        self.assertIn("127.0.0.1:8001", program)
        stubs = pathlib.Path(vision_pb2.__file__).parents[2]
        return subprocess.run([sys.executable, "-c", program.replace("127.0.0.1:8001", self.daemon.grpc_address), *pictures],
                              env={"PYTHONPATH": str(stubs)}, stdout=subprocess.PIPE, text=True, timeout=60)

    def test_it_names_what_is_on_pictures(self):
        pictures = sorted(map(str, case.SHAPES_PICTURES.iterdir()))
        done = self.run_it(*pictures)
        self.assertEqual(0, done.returncode)
        labels = [pathlib.Path(picture).name.split("_")[0] for picture in pictures]
        self.assertEqual(labels, [line.split()[1] for line in done.stdout.splitlines()])

    def test_it_streams_pictures(self):
        pictures = sorted(map(str, case.SHAPES_PICTURES.iterdir()))
        done = self.run_it(*pictures, __file__, streams=True)
        self.assertEqual(0, done.returncode)
        *replies, last = done.stdout.splitlines()
        self.assertEqual(len(pictures) + 1, len(replies) + int(last.split()[0]))
        self.assertGreater(len(replies), 0)
        for reply in replies:
            picture, said, *_ = reply.split()
            self.assertEqual("images[0]:" if picture == __file__ else pathlib.Path(picture).name.split("_")[0], said)

    def test_it_tells_the_reason_of_a_refusal(self):
        done = self.run_it(__file__)
        self.assertEqual(1, done.returncode)
        self.assertIn("INVALID_ARGUMENT", done.stdout)
        self.assertIn("IMAGE_UNDECODABLE {", done.stdout)


class PrometheusTest(case.DaemonCase):
    def setUp(self):
        for program in ("prometheus", "promtool"):
            if shutil.which(program) is None:
                self.skipTest(f"no {program}")

    def load(self):
        pictures = case.shapes_pictures()
        return Load(self.daemon.grpc_address, lambda client, number: client.classify("shapes", pictures[number % 8][1]))

    def test_promtool_likes_the_metrics(self):
        with self.load() as load:
            wait_until(lambda: len(load.answers) >= 10, 60, "answers")
            self.assertIsInstance(self.client.classify("nobody", b"x"), Failure)
            text = self.daemon.http("/metrics")
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        self.assertEqual((0, ""), (checked.returncode, checked.stdout))

    def start_prometheus(self, folder):
        """Its address. Another process may take the port that was free: then it ends, and a next one is tried."""
        config = pathlib.Path(folder, "prometheus.yml")
        config.write_text("global: {scrape_interval: 250ms, scrape_timeout: 250ms}\nscrape_configs:\n"
                          f"- {{job_name: dnnd, static_configs: [{{targets: ['{self.daemon.http_address}']}}]}}\n")
        log = pathlib.Path(folder, "log").open("wb")
        self.addCleanup(log.close)
        for _ in range(3):
            with socket.create_server(("127.0.0.1", 0)) as free:
                address = f"127.0.0.1:{free.getsockname()[1]}"
            process = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                                        f"--web.listen-address={address}"], stdout=log, stderr=log)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            wait_until(lambda: process.poll() is not None or self.is_up(address), 60, "prometheus is up")
            if process.poll() is None:
                return address
        self.fail(pathlib.Path(folder, "log").read_text())

    @staticmethod
    def is_up(address):
        try:
            with urllib.request.urlopen(f"http://{address}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    @staticmethod
    def query(address, expression):
        url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=30) as reply:
            return json.load(reply)["data"]["result"]

    def test_prometheus_tells_the_99th_percentile_of_every_stage(self):
        folder = tempfile.TemporaryDirectory(prefix="dnnd-prometheus-")
        self.addCleanup(folder.cleanup)
        address = self.start_prometheus(folder.name)
        expression = "histogram_quantile(0.99, sum by (le, stage) (rate(dnnd_stage_duration_seconds_bucket[30s])))"

        def answered():
            found = {sample["metric"]["stage"]: float(sample["value"][1]) for sample in self.query(address, expression)}
            return found if STAGES <= {stage for stage, value in found.items() if math.isfinite(value)} else None

        with self.load():
            percentiles = wait_until(answered, QUERY_SECONDS, "a percentile of every stage")
        for stage in sorted(STAGES):
            self.figure(stage, f"{percentiles[stage] * 1000:.2f} ms")
            self.assertGreater(percentiles[stage], 0)
        self.assertEqual([["up", "1"]], [[sample["metric"]["__name__"], sample["value"][1]]
                                         for sample in self.query(address, "up")])
