#include "engine/passes/fuse_activation.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

struct ActivationCase {
  std::string op;
  Attributes attributes;
};

class FuseActivationTest : public ::testing::TestWithParam<ActivationCase> {};

TEST_P(FuseActivationTest, BecomesAPostOp) {
  PassGraph g;
  const ValueId x = g.In("x", {1, 3, 4, 4});
  const ValueId conv = g.Op("Conv", "conv", {x, g.Weight("w", {4, 3, 1, 1})});
  const ValueId y = g.Op(GetParam().op, "y", {conv}, GetParam().attributes);
  EXPECT_EQ(Running(RunAndCompare(g.Finish({y}), FuseActivation, kFoldTolerance)),
            "Conv+" + GetParam().op);
}

INSTANTIATE_TEST_SUITE_P(
    Activations, FuseActivationTest,
    ::testing::Values(ActivationCase{"Relu", {}}, ActivationCase{"LeakyRelu", {{"alpha", 0.2f}}},
                      ActivationCase{"Sigmoid", {}}, ActivationCase{"Tanh", {}},
                      ActivationCase{"Elu", {{"alpha", 0.7f}}}, ActivationCase{"HardSwish", {}},
                      ActivationCase{"Gelu", {}}),
    [](const auto& info) { return info.param.op; });

TEST(FuseActivationTest, ClipFusesWithKnownOrAbsentBounds) {
  PassGraph g;
  const ValueId x = g.In("x", {1, 3, 4, 4});
  const auto conv = [&](const std::string& name) {
    return g.Op("Conv", name, {x, g.Weight(name + ".w", {4, 3, 1, 1})});
  };
  const ValueId low = g.Constant("low", Tensor::Scalar(-0.1f));
  const ValueId high = g.Constant("high", Tensor::Scalar(0.2f));
  const ValueId bound = g.In("bound", {});
  const ValueId both = g.Op("Clip", "both", {conv("a"), low, high});
  const ValueId upper = g.Op("Clip", "upper", {conv("b"), kNoValue, high});
  const ValueId dynamic = g.Op("Clip", "dynamic", {conv("c"), bound});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({both, upper, dynamic}), FuseActivation)),
            "Conv+Clip, Conv+Clip, Conv, Clip");
}

TEST(FuseActivationTest, GatedProductsFuseWhole) {
  PassGraph g;
  const ValueId x = g.In("x", {1, 3, 4, 4});
  const ValueId a = g.Op("Conv", "a", {x, g.Weight("a.w", {4, 3, 1, 1})});
  const ValueId swish = g.Op("Mul", "swish", {a, g.Op("Sigmoid", "gate", {a})});
  const ValueId b = g.Op("Conv", "b", {x, g.Weight("b.w", {4, 3, 1, 1})});
  const ValueId hard = g.Op("HardSigmoid", "hard", {b}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
  const ValueId hard_swish = g.Op("Mul", "hard_swish", {hard, b});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({swish, hard_swish}), FuseActivation, kFoldTolerance)),
            "Conv+Sigmoid+Mul, Conv+HardSigmoid+Mul");
}

TEST(FuseActivationTest, StaysWhereSomethingElseReadsTheResult) {
  PassGraph g;
  const ValueId x = g.In("x", {1, 3, 4, 4});
  const ValueId a = g.Op("Conv", "a", {x, g.Weight("a.w", {4, 3, 1, 1})});
  const ValueId relu = g.Op("Relu", "relu", {a});
  const ValueId b = g.Op("Conv", "b", {x, g.Weight("b.w", {4, 3, 1, 1})});
  const ValueId gate = g.Op("Sigmoid", "gate", {b});
  const ValueId product = g.Op("Mul", "product", {b, gate});
  const ValueId pool = g.Op("Relu", "after_pool", {g.Op("GlobalMaxPool", "pool", {x})});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({a, relu, product, gate, pool}), FuseActivation)),
            "Conv, Relu, Conv, Sigmoid, Mul, GlobalMaxPool, Relu");
}

}  // namespace
}  // namespace dnnd::engine
