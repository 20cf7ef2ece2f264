#include "engine/onnx/export.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/onnx/tensor_file.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::dnnd::testing::TempDir;
using ::testing::HasSubstr;

absl::StatusOr<Graph> RoundTrip(const Graph& graph) {
  const TempDir folder;
  const std::string path = folder.path() + "/model.onnx";
  if (absl::Status status = ExportModel(graph, path); !status.ok()) {
    return status;
  }
  return ImportModelFile(path);
}

// Names of constants that the importer makes up may change; the rest may not.
std::string DumpAfter(const absl::StatusOr<Graph>& graph) {
  return graph.ok() ? Dump(*graph) : graph.status().ToString();
}

TEST(Export, ARoundTripKeepsNodesAttributesAndWeights) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, 3, 8, 8});
  std::vector<float> weights(16 * 3 * 3 * 3 * 4);
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(i);
  }
  AddInitializer(model, FloatTensor("w", {64, 3, 3, 3}, weights));
  NodeWriter(model, "Conv", {"x", "w"}, {"c"})
      .Name("conv")
      .Ints("pads", {1, 1, 1, 1})
      .String("auto_pad", "NOTSET")
      .Int("group", 1);
  NodeWriter(model, "LeakyRelu", {"c"}, {"l"}).Float("alpha", 0.25f);
  NodeWriter(model, "Clip", {"l", "", "six"}, {"k"});
  AddInitializer(model, FloatTensor("six", {}, {6}));
  NodeWriter(model, "Cast", {"k"}, {"y"}).Int("to", onnx::TensorProto::DOUBLE);
  AddOutput(model, "y");
  const absl::StatusOr<Graph> before = Import(model);
  ASSERT_THAT(before, IsOk());
  const absl::StatusOr<Graph> after = RoundTrip(*before);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(Dump(*after), Dump(*before));
  for (size_t i = 0; i < before->nodes.size(); ++i) {
    EXPECT_EQ(before->nodes[i].name, after->nodes[i].name);
    EXPECT_TRUE(before->nodes[i].attributes.entries().size() ==
                after->nodes[i].attributes.entries().size());
  }
  EXPECT_EQ(after->nodes[3].attributes.Int("to", 0), static_cast<int>(DataType::kFloat64));
  EXPECT_EQ(after->nodes[0].attributes.Ints("pads"), std::vector<int64_t>(4, 1));
  const absl::StatusOr<Tensor> kept =
      after->value(after->nodes[0].inputs[1]).constant->Materialize();
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->data<float>()[1000], 1000.f);
}

TEST(Export, AxesOfAReductionAreAnAttributeInTheFile) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {2, 3, 4});
  NodeWriter(model, "ReduceMean", {"x"}, {"y"}).Ints("axes", {1}).Int("keepdims", 0);
  AddOutput(model, "y");
  const absl::StatusOr<Graph> before = Import(model);
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(DumpAfter(RoundTrip(*before)), Dump(*before));
}

TEST(Export, ASoftmaxOverSeveralAxesIsFlattened) {
  onnx::ModelProto model = ModelOfOpset(11);
  AddInput(model, "x", {2, 3, 4});
  NodeWriter(model, "Softmax", {"x"}, {"y"}).Int("axis", 1);
  AddOutput(model, "y");
  const absl::StatusOr<Graph> before = Import(model);
  ASSERT_THAT(before, IsOk());
  const absl::StatusOr<Graph> after = RoundTrip(*before);
  ASSERT_THAT(after, IsOk());
  std::vector<std::string> ops;
  for (const Node& node : after->nodes) {
    ops.push_back(node.op);
    EXPECT_EQ(node.attributes.Int("coerce_2d", 0), 0);
  }
  EXPECT_THAT(ops, ::testing::ElementsAre("Shape", "Flatten", "Softmax", "Reshape"));
}

TEST(Export, WhatOpset17CannotExpressIsRefusedAndLeavesNoFile) {
  onnx::ModelProto model = ModelOfOpset(20);
  AddInput(model, "x", {2});
  NodeWriter(model, "Gelu", {"x"}, {"y"}).Name("g");
  AddOutput(model, "y");
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  const TempDir folder;
  EXPECT_THAT(ExportModel(*graph, folder.path() + "/m.onnx"),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("Gelu node \"g\"")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Export, AFolderThatIsNotThereIsAnError) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {2});
  NodeWriter(model, "Relu", {"x"}, {"y"});
  AddOutput(model, "y");
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(ExportModel(*graph, "/nonexistent/folder/m.onnx"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent")));
}

TEST(TensorFile, KeepsNumbersAndStrings) {
  const TempDir folder;
  const std::string path = folder.path() + "/t.pb";
  ASSERT_THAT(WriteTensorFile(path, "t", Tensor::Of<float>(Shape({2, 1}), {1, 2}).view()), IsOk());
  absl::StatusOr<NamedTensor> read = ReadTensorFile(path);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name, "t");
  EXPECT_EQ(read->tensor.tensor_type().ToString(), "float32[2,1]");
  EXPECT_EQ(read->tensor.data<float>()[1], 2);
  ASSERT_THAT(WriteTensorFile(path, "", Tensor::Of<std::string>(Shape({1}), {"a"}).view()), IsOk());
  read = ReadTensorFile(path);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->tensor.data<std::string>()[0], "a");
}

TEST(TensorFile, ThatHoldsNoTensorIsRefused) {
  const TempDir folder;
  EXPECT_THAT(ReadTensorFile(folder.Write("t.pb", "")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("t.pb")));
  EXPECT_THAT(ReadTensorFile(folder.path() + "/none.pb"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.pb")));
}

}  // namespace
}  // namespace dnnd::engine
