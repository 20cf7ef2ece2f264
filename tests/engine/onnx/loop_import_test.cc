// The bodies of loops: what names in them mean, and what is refused.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/onnx/export.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Adds `a` of the graph around to what is carried.
onnx::GraphProto Body() {
  onnx::GraphProto body;
  body.set_name("body");
  for (const char* name : {"trip", "before", "carried"}) {
    body.add_input()->set_name(name);
  }
  NodeWriter(body, "Identity", {"before"}, {"after"});
  NodeWriter(body, "Add", {"carried", "a"}, {"sum"});
  AddOutput(body, "after");
  AddOutput(body, "sum");
  return body;
}

// y = x, and `a` added to it as often as `trips` says.
onnx::ModelProto Looped(onnx::GraphProto body,
                        std::vector<std::string> inputs = {"trips", "", "x"}) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "trips", {});
  AddInput(model, "x", {2});
  AddInput(model, "a", {2});
  NodeWriter(model, "Loop", std::move(inputs), {"y"}).Name("again").Subgraph("body", body);
  AddOutput(model, "y");
  return model;
}

TEST(ImportLoops, ABodyReadsWhatIsCarriedAndTheGraphAround) {
  const absl::StatusOr<Graph> graph = Import(Looped(Body()));
  ASSERT_THAT(graph, IsOk());
  const Node& node = graph->nodes[0];
  EXPECT_EQ(node.attributes.Int("carried", 0), 1);
  ASSERT_EQ(node.inputs.size(), 4u);
  EXPECT_EQ(node.inputs[1], kNoValue);
  EXPECT_EQ(graph->value(node.inputs[3]).name, "a");
  const Graph* body = node.attributes.Subgraph("body");
  ASSERT_NE(body, nullptr);
  std::vector<std::string> names;
  for (const ValueId id : body->inputs) {
    names.push_back(body->value(id).name);
  }
  EXPECT_THAT(names, ElementsAre("trip", "before", "carried", "a"));
  EXPECT_EQ(body->value(body->inputs[2]).type, DataType::kFloat32);  // that of x
  EXPECT_EQ(graph->value(graph->outputs[0]).type, DataType::kFloat32);
}

// What is carried at first says nothing of later trips.
TEST(ImportLoops, ConstantsAreNotThoseOfEveryTrip) {
  onnx::ModelProto model = Looped(Body(), {"trips", "", "start"});
  onnx::TensorProto& start = *model.mutable_graph()->add_initializer();
  start.set_name("start");
  start.set_data_type(onnx::TensorProto::FLOAT);
  start.add_dims(2);
  start.add_float_data(1);
  start.add_float_data(2);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  const Graph* body = graph->nodes[0].attributes.Subgraph("body");
  const Value& carried = body->value(body->inputs[2]);
  EXPECT_FALSE(carried.constant.has_value());
  EXPECT_FALSE(carried.shape.has_value());
}

TEST(ImportLoops, WhatDoesNotFitIsRefused) {
  onnx::GraphProto two = Body();
  two.mutable_input()->RemoveLast();
  EXPECT_THAT(Import(Looped(two)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("its body has 2 inputs")));
  onnx::GraphProto one = Body();
  one.mutable_output()->RemoveLast();
  EXPECT_THAT(Import(Looped(one)), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("body gives 1 results, the node has 2")));
  onnx::ModelProto none = Looped(Body());
  none.mutable_graph()->mutable_node(0)->clear_attribute();
  EXPECT_THAT(Import(none), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no body")));
  onnx::GraphProto twice = Body();
  onnx::TensorProto& constant = *twice.add_initializer();
  constant.set_name("carried");
  constant.set_data_type(onnx::TensorProto::FLOAT);
  constant.add_float_data(1);
  EXPECT_THAT(Import(Looped(twice)), StatusIs(absl::StatusCode::kInvalidArgument,
                                              HasSubstr("\"carried\": something of this name")));
  onnx::GraphProto nested = Body();
  nested.mutable_node()->RemoveLast();
  NodeWriter(nested, "Loop", {"trip", "", "carried"}, {"sum"}).Subgraph("body", Body());
  EXPECT_THAT(Import(Looped(nested)), StatusIs(absl::StatusCode::kUnimplemented,
                                               HasSubstr("lies in the body of another loop")));
}

TEST(ExportLoops, IsRefused) {
  const absl::StatusOr<Graph> graph = Import(Looped(Body()));
  ASSERT_THAT(graph, IsOk());
  const testing::TempDir folder;
  EXPECT_THAT(ExportModel(*graph, folder.path() + "/model.onnx"),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("loops are not written")));
}

}  // namespace
}  // namespace dnnd::engine
