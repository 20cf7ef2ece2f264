#!/usr/bin/env python3
"""Tests layers.py on snippets: what it must refuse, and what it must let pass."""

import pathlib
import tempfile
import unittest

import layers

REFUSED = [
    ("the engine includes the server", "engine/exec/plan.cc", '"server/config/options.h"'),
    ("the engine includes our protos", "engine/base/status.h", '"dnnd/v1/config.pb.h"'),
    ("a lower room of the engine includes a higher one", "engine/tensor/shape.cc", '"engine/ops/op_def.h"'),
    ("a room of the engine includes the facade", "engine/ops/conv.cc", '"engine/engine.h"'),
    ("the importer includes more of ops than op_def.h", "engine/onnx/import.cc", '"engine/ops/registry.h"'),
    ("a new room of the engine has no arrow", "engine/extra/a.cc", '"engine/base/status.h"'),
    ("oneDNN outside its room", "engine/ops/conv.cc", "<dnnl.hpp>"),
    ("oneDNN by its other path", "server/batching/lane.cc", "<oneapi/dnnl/dnnl.hpp>"),
    ("a lower room of the server includes a higher one", "server/config/load.cc", '"server/grpc/service.h"'),
    ("neighbours without an arrow", "server/vision/decode.cc", '"server/batching/queue.h"'),
    ("the configuration includes the engine's depth", "server/config/load.cc", '"engine/exec/plan.h"'),
    ("a handler knows a wire", "server/handlers/classify.h", "<grpcpp/grpcpp.h>"),
    ("a room includes the server's top", "server/http/http.cc", '"server/daemon/server.h"'),
    ("the client includes the server", "client/commands/health.cc", '"server/config/options.h"'),
    ("the client includes the engine", "client/main.cc", '"engine/base/status.h"'),
    ("drawing knows a message", "client/draw/overlay.h", '"dnnd/v1/vision.pb.h"'),
    ("drawing knows a wire", "client/draw/overlay.h", "<grpcpp/channel.h>"),
    ("a lower room of the client includes a higher one", "client/output/table.h", '"client/api/channel.h"'),
    ("a command decodes pictures by itself", "client/commands/detect.cc", "<png.h>"),
    ("a room without an arrow to the protos includes one", "server/telemetry/metrics.cc", '"google/rpc/status.pb.h"'),
    ("the engine includes the health protocol", "engine/base/status.h", '"grpc/health/v1/health.pb.h"'),
    ("gRPC's C headers outside the wire", "server/batching/queue.cc", "<grpc/grpc.h>"),
    ("an indented include", "engine/tensor/shape.cc", '"engine/ir/graph.h"', "#  include "),
]

ALLOWED = [
    ("its own room", "engine/ops/conv.cc", '"engine/ops/op_def.h"'),
    ("an arrow", "engine/ops/conv.cc", '"engine/onednn/memory.h"'),
    ("an arrow of an arrow", "engine/exec/plan.cc", '"engine/base/status.h"'),
    ("the one header of an arrow", "engine/onnx/import.cc", '"engine/ops/op_def.h"'),
    ("the facade sees all", "engine/engine.h", '"engine/train/trainer.h"'),
    ("oneDNN at home", "engine/onednn/memory.h", "<dnnl.hpp>"),
    ("a server room without the engine uses engine/base", "server/config/load.cc", '"engine/base/status.h"'),
    ("a server room reaches the engine", "server/batching/lane.cc", '"engine/exec/plan.h"'),
    ("the wire includes its stubs", "server/grpc/vision.cc", '"dnnd/v1/vision.grpc.pb.h"'),
    ("the server's top sees all", "server/daemon/server.cc", '"server/grpc/service.h"'),
    ("commands draw", "client/commands/detect.cc", '"client/draw/overlay.h"'),
    ("drawing includes a picture decoder", "client/draw/png_read.cc", "<png.h>"),
    ("the client includes protos", "client/api/client.h", '"dnnd/v1/vision.grpc.pb.h"'),
    ("messages of the health protocol are no gRPC", "server/handlers/health.cc", '"grpc/health/v1/health.pb.h"'),
    ("tests see all", "tests/integration/classify_test.cc", '"server/daemon/server.h"'),
    ("a library", "engine/base/status.h", '"absl/status/status.h"'),
]


class LayersTest(unittest.TestCase):
    def faults_of(self, path, target, directive="#include "):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(f"// a comment\n{directive}{target}\n")
            return list(layers.faults(pathlib.Path(folder)))

    def test_refuses_what_no_arrow_allows(self):
        for name, path, *snippet in REFUSED:
            with self.subTest(name):
                found = self.faults_of(path, *snippet)
                self.assertEqual([(path, 2)], [(where, line) for where, line, _ in found])

    def test_lets_pass_what_an_arrow_allows(self):
        for name, path, *snippet in ALLOWED:
            with self.subTest(name):
                self.assertEqual([], self.faults_of(path, *snippet))

    def test_a_comment_is_not_an_include(self):
        self.assertEqual([], self.faults_of("engine/base/status.h", '"engine/engine.h"', "// #include "))


if __name__ == "__main__":
    unittest.main()
