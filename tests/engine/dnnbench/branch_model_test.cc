// ONNX files with branches, from bytes to answers. What is wanted was worked out by hand from
// ONNX's definitions, and is what ONNX Runtime gives.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/dnnbench/runner.h"
#include "engine/engine.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;

onnx::TensorProto Int64Scalar(const std::string& name, int64_t value) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_int64_data(value);
  return tensor;
}

// z = x + (sum(x) > 0 ? x * w : x - sum(x)); the branches read x and the sum from outside, w lies
// in its branch.
onnx::ModelProto ByData() {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {2, 2});
  AddInitializer(model, FloatTensor("zero", {}, {0}));
  NodeWriter(model, "ReduceSum", {"x"}, {"sum"}).Int("keepdims", 0);
  NodeWriter(model, "Greater", {"sum", "zero"}, {"positive"});
  onnx::GraphProto scaled;
  *scaled.add_initializer() = FloatTensor("w", {2}, {10, 100});
  NodeWriter(scaled, "Mul", {"x", "w"}, {"scaled"});
  AddOutput(scaled, "scaled");
  onnx::GraphProto shifted;
  NodeWriter(shifted, "Sub", {"x", "sum"}, {"shifted"});
  AddOutput(shifted, "shifted");
  NodeWriter(model, "If", {"positive"}, {"y"})
      .Name("choice")
      .Subgraph("then_branch", scaled)
      .Subgraph("else_branch", shifted);
  NodeWriter(model, "Add", {"x", "y"}, {"z"});
  SetInfo(*model.mutable_graph()->add_output(), "z", {2, 2});
  return model;
}

// y = x has no elements ? an empty constant : x + bias, as exporters guard what cannot be empty.
onnx::ModelProto ByShape() {
  onnx::ModelProto model = ModelOfOpset(16);
  AddInput(model, "x", {-1, 2});
  AddInitializer(model, Int64Scalar("none", 0));
  NodeWriter(model, "Size", {"x"}, {"numel"});
  NodeWriter(model, "Equal", {"numel", "none"}, {"empty"});
  onnx::GraphProto nothing;
  NodeWriter(nothing, "Constant", {}, {"nothing"})
      .TensorValue("value", FloatTensor("", {0, 2}, {}));
  AddOutput(nothing, "nothing");
  onnx::GraphProto shifted;
  *shifted.add_initializer() = FloatTensor("bias", {2}, {0.5f, -0.5f});
  NodeWriter(shifted, "Add", {"x", "bias"}, {"shifted"});
  AddOutput(shifted, "shifted");
  NodeWriter(model, "If", {"empty"}, {"y"})
      .Name("guard")
      .Subgraph("then_branch", nothing)
      .Subgraph("else_branch", shifted);
  SetInfo(*model.mutable_graph()->add_output(), "y", {-1, 2});
  return model;
}

absl::StatusOr<std::shared_ptr<Model>> Load(const onnx::ModelProto& model) {
  return LoadModel(BytesInMemory(model.SerializeAsString()));
}

absl::StatusOr<Tensor> Answer(const std::shared_ptr<Model>& model, const Shape& shape,
                              const std::vector<float>& elements) {
  absl::StatusOr<std::unique_ptr<Runner>> runner = Runner::Create(model, /*threads=*/1);
  if (!runner.ok()) {
    return runner.status();
  }
  const absl::StatusOr<std::vector<Tensor>> outputs =
      (*runner)->Run({Tensor::Of<float>(shape, elements)});
  return outputs.ok() ? absl::StatusOr<Tensor>(outputs->front()) : outputs.status();
}

TEST(BranchModel, ThatDataDecideRunsTheBranchOfEachRequest) {
  const auto model = Load(ByData());
  ASSERT_THAT(model, IsOk());
  EXPECT_FALSE((*model)->signature().batchable);
  EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), "[2,2]");
  ExpectTensor<float>(Answer(*model, {2, 2}, {1, 2, 3, -4}), {2, 2}, {11, 202, 33, -404});
  ExpectTensor<float>(Answer(*model, {2, 2}, {1, 2, -3, -4}), {2, 2}, {6, 8, -2, -4});
}

TEST(BranchModel, ThatShapesDecideIsPlannedAndBatched) {
  const auto model = Load(ByShape());
  ASSERT_THAT(model, IsOk());
  EXPECT_TRUE((*model)->signature().batchable);
  const auto executable = (*model)->Prepare({{Shape({2, 2})}, 1});
  ASSERT_THAT(executable, IsOk());
  EXPECT_EQ((*executable)->tail(), nullptr);
  ExpectTensor<float>(Answer(*model, {2, 2}, {1, 2, 3, 4}), {2, 2}, {1.5f, 1.5f, 3.5f, 3.5f});
  ExpectTensor<float>(Answer(*model, {1, 2}, {1, 2}), {1, 2}, {1.5f, 1.5f});
  ExpectTensor<float>(Answer(*model, {0, 2}, {}), {0, 2}, {});
}

// As many as a file may hold, half of them decided by data: loading and running take their time
// once for each (a second or so, where the square of their number would take minutes).
TEST(BranchModel, OfVeryManyBranchesLoadsAndRuns) {
  constexpr int kBranches = 25'000;
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, 2});
  AddInitializer(model, Int64Scalar("none", 0));
  AddInitializer(model, FloatTensor("zero", {}, {0}));
  NodeWriter(model, "Size", {"x"}, {"numel"});
  NodeWriter(model, "Equal", {"numel", "none"}, {"by_shape"});
  NodeWriter(model, "ReduceSum", {"x"}, {"sum"}).Int("keepdims", 0);
  NodeWriter(model, "Greater", {"sum", "zero"}, {"by_data"});
  std::string last = "x";
  for (int i = 0; i < kBranches; ++i) {
    const std::string next = absl::StrCat("y", i);
    onnx::GraphProto same;
    NodeWriter(same, "Identity", {last}, {"same"});
    AddOutput(same, "same");
    onnx::GraphProto minus;
    NodeWriter(minus, "Neg", {last}, {"minus"});
    AddOutput(minus, "minus");
    NodeWriter(model, "If", {i < kBranches / 2 ? "by_shape" : "by_data"}, {next})
        .Subgraph("then_branch", same)
        .Subgraph("else_branch", minus);
    last = next;
  }
  SetInfo(*model.mutable_graph()->add_output(), last, {-1, 2});
  const auto loaded = Load(model);
  ASSERT_THAT(loaded, IsOk());
  ExpectTensor<float>(Answer(*loaded, {1, 2}, {1, 2}), {1, 2}, {1, 2});
}

}  // namespace
}  // namespace dnnd::engine
