#include "engine/cost/cost_model.h"

#include <gtest/gtest.h>

namespace dnnd::engine {
namespace {

TEST(CostModelTest, WithoutAnEstimateOfItsOwnANodeMovesItsArgumentsOnce) {
  Node node;
  node.op = "Transpose";
  node.inputs = {0};
  node.outputs = {1};
  const std::vector<TensorType> inputs = {{DataType::kFloat32, Shape({2, 3})}};
  const std::vector<TensorType> outputs = {{DataType::kFloat32, Shape({3, 2})}};
  const std::vector<const Tensor*> known = {nullptr};
  const Cost cost =
      EstimateCost(*FindOp("Transpose"), CompileContext(node, inputs, known, outputs, {false}, 1));
  EXPECT_EQ(cost.read_bytes, 24);
  EXPECT_EQ(cost.written_bytes, 24);
  EXPECT_EQ(cost.weight_bytes, 0);
  EXPECT_EQ(cost.other_operations, 6);
}

TEST(CostModelTest, AConvolutionCountsItsMultiplyAccumulatesAndWeights) {
  Node node;
  node.op = "Conv";
  node.inputs = {0, 1};
  node.outputs = {2};
  const std::vector<TensorType> inputs = {{DataType::kFloat32, Shape({1, 3, 8, 8})},
                                          {DataType::kFloat32, Shape({4, 3, 3, 3})}};
  const std::vector<TensorType> outputs = {{DataType::kFloat32, Shape({1, 4, 6, 6})}};
  const std::vector<const Tensor*> known = {nullptr, nullptr};
  const Cost cost =
      EstimateCost(*FindOp("Conv"), CompileContext(node, inputs, known, outputs, {false, true}, 1));
  EXPECT_EQ(cost.multiply_accumulates, 4 * 36 * 27);
  EXPECT_EQ(cost.weight_bytes, 4 * 27 * 4);
  EXPECT_EQ(cost.read_bytes, 3 * 64 * 4);
}

}  // namespace
}  // namespace dnnd::engine
