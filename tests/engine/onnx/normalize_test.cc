#include "engine/onnx/normalize.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

onnx::ModelProto WithInput(int opset, const std::vector<int64_t>& dims) {
  onnx::ModelProto model = ModelOfOpset(opset);
  AddInput(model, "x", dims);
  AddOutput(model, "y");
  return model;
}

std::vector<int64_t> Int64sOf(const Graph& graph, ValueId id) {
  const Dims dims = *ToInt64s(graph.value(id).constant->in_memory()->view());
  return {dims.begin(), dims.end()};
}

struct MovedInts {
  const char* op;
  int opset;
  const char* attribute;
  int input;
};

class AttributeBecomesInput : public ::testing::TestWithParam<MovedInts> {};

TEST_P(AttributeBecomesInput, AsAVectorOfInt64) {
  const MovedInts& moved = GetParam();
  onnx::ModelProto model = WithInput(moved.opset, {2, 3, 4, 4});
  NodeWriter(model, moved.op, {"x"}, {"y"}).Ints(moved.attribute, {0, 2});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  const Node& node = graph->nodes.at(0);
  EXPECT_FALSE(node.attributes.Has(moved.attribute));
  ASSERT_GT(node.inputs.size(), moved.input);
  EXPECT_THAT(Int64sOf(*graph, node.inputs[moved.input]), ElementsAre(0, 2));
}

INSTANTIATE_TEST_SUITE_P(
    All, AttributeBecomesInput,
    ::testing::Values(MovedInts{"Squeeze", 11, "axes", 1}, MovedInts{"Unsqueeze", 12, "axes", 1},
                      MovedInts{"ReduceSum", 12, "axes", 1}, MovedInts{"ReduceMean", 17, "axes", 1},
                      MovedInts{"ReduceMax", 13, "axes", 1}, MovedInts{"Split", 12, "split", 1},
                      MovedInts{"Pad", 10, "pads", 1}, MovedInts{"Pad", 1, "paddings", 1},
                      MovedInts{"Slice", 9, "starts", 1}, MovedInts{"Slice", 9, "ends", 2},
                      MovedInts{"Slice", 9, "axes", 3}, MovedInts{"Reshape", 4, "shape", 1}),
    [](const auto& info) {
      return std::string(info.param.op) + std::to_string(info.param.opset) + info.param.attribute;
    });

TEST(Normalize, LimitsOfClipBecomeInputs) {
  onnx::ModelProto model = WithInput(6, {1});
  NodeWriter(model, "Clip", {"x"}, {"y"}).Float("max", 6);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  const Node& node = graph->nodes.at(0);
  ASSERT_EQ(node.inputs.size(), 3);
  EXPECT_EQ(node.inputs[1], kNoValue);
  EXPECT_EQ(*graph->value(node.inputs[2]).constant->in_memory()->data<float>(), 6);
}

TEST(Normalize, OldSoftmaxFlattensAndTheNewOneDoesNot) {
  for (const int opset : {12, 13}) {
    onnx::ModelProto model = WithInput(opset, {2, 3, 4});
    NodeWriter(model, "Softmax", {"x"}, {"y"});
    const absl::StatusOr<Graph> graph = Import(model);
    ASSERT_THAT(graph, IsOk());
    EXPECT_EQ(graph->nodes[0].attributes.Int("coerce_2d", 0), opset < 13 ? 1 : 0);
    EXPECT_EQ(graph->nodes[0].attributes.Int("axis", -1), opset < 13 ? 1 : -1);
  }
}

TEST(Normalize, CastNamesOurTypes) {
  onnx::ModelProto model = WithInput(13, {1});
  NodeWriter(model, "Cast", {"x"}, {"y"}).Int("to", onnx::TensorProto::DOUBLE);
  onnx::ModelProto old = WithInput(5, {1});
  NodeWriter(old, "Cast", {"x"}, {"y"}).String("to", "DOUBLE");
  for (const onnx::ModelProto& each : {model, old}) {
    const absl::StatusOr<Graph> graph = Import(each);
    ASSERT_THAT(graph, IsOk());
    EXPECT_EQ(graph->nodes[0].attributes.Int("to", 0), static_cast<int>(DataType::kFloat64));
  }
}

TEST(Normalize, UpsampleOfEveryOpsetBecomesAResize) {
  onnx::ModelProto first = WithInput(1, {1, 1, 2, 2});
  NodeWriter(first, "Upsample", {"x"}, {"y"})
      .Float("height_scale", 2)
      .Float("width_scale", 3)
      .String("mode", "bilinear");
  onnx::ModelProto seventh = WithInput(7, {1, 1, 2, 2});
  NodeWriter(seventh, "Upsample", {"x"}, {"y"})
      .Floats("scales", {1, 1, 2, 3})
      .String("mode", "linear");
  onnx::ModelProto ninth = WithInput(9, {1, 1, 2, 2});
  AddInitializer(ninth, FloatTensor("scales", {4}, {1, 1, 2, 3}));
  NodeWriter(ninth, "Upsample", {"x", "scales"}, {"y"}).String("mode", "linear");
  onnx::ModelProto tenth = WithInput(10, {1, 1, 2, 2});
  AddInitializer(tenth, FloatTensor("scales", {4}, {1, 1, 2, 3}));
  NodeWriter(tenth, "Resize", {"x", "scales"}, {"y"}).String("mode", "linear");
  for (const onnx::ModelProto& model : {first, seventh, ninth, tenth}) {
    const absl::StatusOr<Graph> graph = Import(model);
    ASSERT_THAT(graph, IsOk());
    const Node& node = graph->nodes.at(0);
    EXPECT_EQ(node.op, "Resize");
    ASSERT_EQ(node.inputs.size(), 3);
    EXPECT_EQ(node.inputs[1], kNoValue);
    EXPECT_EQ(graph->value(node.inputs[2]).constant->in_memory()->data<float>()[3], 3);
    EXPECT_EQ(node.attributes.String("mode", ""), "linear");
    EXPECT_EQ(node.attributes.String("coordinate_transformation_mode", ""), "asymmetric");
    EXPECT_EQ(node.attributes.String("nearest_mode", ""), "floor");
  }
}

TEST(Normalize, VoidArgumentsOfResizeAreAbsent) {
  onnx::ModelProto model = WithInput(11, {1, 1, 2, 2});
  AddInitializer(model, FloatTensor("void", {0}, {}));
  AddInitializer(model, FloatTensor("scales", {4}, {1, 1, 2, 3}));
  NodeWriter(model, "Resize", {"x", "void", "scales"}, {"y"});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes[0].inputs[1], kNoValue);
}

TEST(Normalize, OldBroadcastAlongAnAxisBecomesAnUnsqueeze) {
  onnx::ModelProto model = WithInput(6, {2, 3, 4, 5});
  AddInitializer(model, FloatTensor("b", {3}, {1, 2, 3}));
  NodeWriter(model, "Relu", {"x"}, {"r"});  // whose rank no one declares
  NodeWriter(model, "Add", {"r", "b"}, {"y"}).Int("broadcast", 1).Int("axis", 1);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->nodes.size(), 3);
  EXPECT_EQ(graph->nodes[1].op, "Unsqueeze");
  EXPECT_THAT(Int64sOf(*graph, graph->nodes[1].inputs[1]), ElementsAre(1, 2));
  EXPECT_EQ(graph->nodes[2].inputs[1], graph->nodes[1].outputs[0]);
  EXPECT_FALSE(graph->nodes[2].attributes.Has("axis"));
}

TEST(Normalize, OldBroadcastAtTheEndNeedsNothing) {
  onnx::ModelProto model = WithInput(6, {2, 3});
  AddInitializer(model, FloatTensor("b", {3}, {1, 2, 3}));
  NodeWriter(model, "Mul", {"x", "b"}, {"y"}).Int("broadcast", 1);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes.size(), 1);
}

TEST(Normalize, OldSlopesLieAlongTheChannels) {
  onnx::ModelProto model = WithInput(6, {2, 3, 4, 5});
  AddInitializer(model, FloatTensor("slope", {3}, {1, 2, 3}));
  NodeWriter(model, "PRelu", {"x", "slope"}, {"y"});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->nodes.size(), 2);
  EXPECT_THAT(Int64sOf(*graph, graph->nodes[0].inputs[1]), ElementsAre(1, 2));
}

TEST(Normalize, TheMaskOfDropoutIsAllTrue) {
  onnx::ModelProto model = WithInput(13, {2});
  NodeWriter(model, "Dropout", {"x"}, {"y", "mask"});
  AddOutput(model, "mask");
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->nodes.size(), 3);
  EXPECT_EQ(graph->nodes[1].op, "ConstantOfShape");
  EXPECT_TRUE(*graph->nodes[1].attributes.TensorValue("value").data<bool>());
  EXPECT_EQ(graph->nodes[2].outputs.size(), 1);
}

TEST(Normalize, NodesOfTrainingAreRefusedTogether) {
  onnx::ModelProto model = WithInput(15, {1, 2});
  for (const char* name : {"s", "b", "m", "v"}) {
    AddInitializer(model, FloatTensor(name, {2}, {1, 1}));
  }
  NodeWriter(model, "BatchNormalization", {"x", "s", "b", "m", "v"}, {"t"})
      .Name("bn1")
      .Int("training_mode", 1);
  NodeWriter(model, "BatchNormalization", {"t", "s", "b", "m", "v"}, {"y"})
      .Name("bn2")
      .Int("training_mode", 1);
  EXPECT_THAT(Import(model), StatusIs(absl::StatusCode::kUnimplemented,
                                      ::testing::AllOf(HasSubstr("bn1"), HasSubstr("bn2"),
                                                       HasSubstr("training"))));
}

}  // namespace
}  // namespace dnnd::engine
