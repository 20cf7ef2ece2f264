#include "engine/passes/fold_batch_norm.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

class FoldBatchNormTest : public ::testing::Test {
 protected:
  ValueId BatchNorm(const std::string& name, ValueId x, int64_t channels) {
    return g_.Op("BatchNormalization", name,
                 {x, g_.Weight(name + ".scale", Shape({channels})),
                  g_.Weight(name + ".shift", Shape({channels})),
                  g_.Weight(name + ".mean", Shape({channels})),
                  g_.Positive(name + ".variance", Shape({channels}))},
                 {{"epsilon", 1e-3f}});
  }
  Graph Folded(std::vector<ValueId> outputs) {
    return RunAndCompare(g_.Finish(outputs), FoldBatchNorm, kFoldTolerance);
  }
  PassGraph g_;
};

TEST_F(FoldBatchNormTest, GoesIntoAConvWithAndWithoutBias) {
  ValueId x = g_.In("x", {2, 3, 5, 5});
  x = g_.Op("Conv", "a", {x, g_.Weight("a.w", {4, 3, 3, 3})});
  x = BatchNorm("bn1", x, 4);
  x = g_.Op("Conv", "b", {x, g_.Weight("b.w", {4, 2, 1, 1}), g_.Weight("b.b", {4})},
            {{"group", int64_t{2}}});
  x = BatchNorm("bn2", x, 4);
  EXPECT_EQ(Running(Folded({x})), "Conv+BatchNormalization, Conv+BatchNormalization");
}

TEST_F(FoldBatchNormTest, GoesIntoGemmAndConvTranspose) {
  const ValueId x = g_.In("x", {2, 3, 4, 4});
  const ValueId up =
      BatchNorm("bn1", g_.Op("ConvTranspose", "up", {x, g_.Weight("up.w", {3, 5, 2, 2})}), 5);
  const ValueId flat = g_.Op("Flatten", "flat", {x});
  const ValueId dense =
      BatchNorm("bn2",
                g_.Op("Gemm", "fc", {flat, g_.Weight("fc.w", {6, 48}), g_.Weight("fc.b", {6})},
                      {{"transB", int64_t{1}}}),
                6);
  const ValueId other = BatchNorm("bn3", g_.Op("Gemm", "fc2", {flat, g_.Weight("w2", {48, 6})}), 6);
  EXPECT_EQ(Running(Folded({up, dense, other})),
            "ConvTranspose+BatchNormalization, Flatten, Gemm+BatchNormalization, "
            "Gemm+BatchNormalization");
}

TEST_F(FoldBatchNormTest, ScaleAndShiftByChannelGoIn) {
  ValueId x = g_.In("x", {1, 3, 4, 4});
  x = g_.Op("Conv", "a", {x, g_.Weight("a.w", {4, 3, 1, 1})});
  x = g_.Op("Mul", "mul", {g_.Weight("m", {1, 4, 1, 1}), x});
  x = g_.Op("Add", "add", {x, g_.Weight("s", {4, 1, 1})});
  x = g_.Op("Sub", "sub", {x, g_.Weight("c", {})});
  EXPECT_EQ(Running(Folded({x})), "Conv+Mul+Add+Sub");
}

TEST_F(FoldBatchNormTest, StaysWhereTheResultIsReadTwiceOrTheConstantIsNotByChannel) {
  const ValueId x = g_.In("x", {1, 3, 4, 4});
  const ValueId conv = g_.Op("Conv", "a", {x, g_.Weight("a.w", {4, 3, 1, 1})});
  const ValueId normed = BatchNorm("bn", conv, 4);
  const ValueId second = g_.Op("Conv", "b", {x, g_.Weight("b.w", {4, 3, 1, 1})});
  const ValueId by_column = g_.Op("Add", "add", {second, g_.Weight("columns", {4})});
  const ValueId from_left =
      g_.Op("Sub", "sub",
            {g_.Weight("l", {4, 1, 1}), g_.Op("Conv", "c", {x, g_.Weight("c.w", {4, 3, 1, 1})})});
  EXPECT_EQ(Running(Folded({conv, normed, by_column, from_left})),
            "Conv, BatchNormalization, Conv, Add, Conv, Sub");
}

// A recipe may compute the parameters, and stand after the Conv.
TEST_F(FoldBatchNormTest, ParametersMayBeRecipes) {
  ValueId x = g_.In("x", {1, 3, 4, 4});
  x = g_.Op("Conv", "a", {x, g_.Weight("a.w", {4, 3, 1, 1})});
  const ValueId scale = g_.Op("Exp", "recipe", {g_.Weight("log", {4, 1, 1})});
  x = g_.Op("Mul", "mul", {x, scale});
  EXPECT_EQ(Running(Folded({x})), "Conv+Mul");
}

std::vector<std::string> WeightNames(int64_t batch) {
  PassGraph g;
  const ValueId x = g.In("x", {batch, 3, 4, 4});
  const ValueId conv = g.Op("Conv", "a", {x, g.Weight("a.w", {4, 3, 1, 1})});
  const ValueId normed = g.Op("BatchNormalization", "bn",
                              {conv, g.Weight("scale", {4}), g.Weight("shift", {4}),
                               g.Weight("mean", {4}), g.Positive("variance", {4})});
  const Graph folded = RunAndCompare(g.Finish({normed}), FoldBatchNorm, kFoldTolerance);
  std::vector<std::string> names;
  for (ValueId input : folded.nodes.back().inputs) {
    names.push_back(folded.value(input).name);
  }
  return names;
}

// Packed weights are shared between plans by these names.
TEST(FoldBatchNormNamesTest, NamesOfTheNewConstantsDoNotDependOnTheBatch) {
  EXPECT_EQ(WeightNames(1), WeightNames(2));
  EXPECT_EQ(WeightNames(1)[1], "a.w*scale/sqrt(variance)");
}

}  // namespace
}  // namespace dnnd::engine
