#include "engine/passes/fuse_residual.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

class FuseResidualTest : public ::testing::Test {
 protected:
  ValueId Conv(const std::string& name, ValueId x) {
    return g_.Op("Conv", name, {x, g_.Weight(name + ".w", {4, 4, 1, 1})});
  }
  std::string Fused(std::vector<ValueId> outputs) {
    return Running(RunAndCompare(g_.Finish(outputs), FuseResidual, kFoldTolerance));
  }
  PassGraph g_;
  ValueId x_ = g_.In("x", {1, 4, 4, 4});
};

TEST_F(FuseResidualTest, TheBlockOfAResidualNetworkSumsInPlace) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  const ValueId b = Conv("b", Conv("a", stem));
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {b, stem})}), "Relu, Conv, Conv+Add");
}

TEST_F(FuseResidualTest, TheLaterOfTwoConvsTakesTheSum) {
  const ValueId a = Conv("a", x_);
  const ValueId b = Conv("b", x_);
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {a, b})}), "Conv, Conv+Add");
}

TEST_F(FuseResidualTest, ChainsOfBlocksFuseEach) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  const ValueId first = g_.Op("Add", "sum1", {Conv("b", Conv("a", stem)), stem});
  const ValueId second = g_.Op("Add", "sum2", {first, Conv("d", Conv("c", first))});
  EXPECT_EQ(Fused({second}), "Relu, Conv, Conv+Add, Conv, Conv+Add");
}

// What would be overwritten while somebody needs it.
TEST_F(FuseResidualTest, StaysWhereTheOtherIsAnInputOfTheGraph) {
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {Conv("a", x_), x_})}), "Conv, Add");
}

TEST_F(FuseResidualTest, StaysWhereTheOtherIsAnOutputOfTheGraph) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {Conv("b", Conv("a", stem)), stem}), stem}),
            "Relu, Conv, Conv, Add");
}

TEST_F(FuseResidualTest, StaysWhereTheOtherIsReadLater) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  const ValueId sum = g_.Op("Add", "sum", {Conv("b", Conv("a", stem)), stem});
  const ValueId later = g_.Op("Mul", "later", {sum, stem});
  EXPECT_EQ(Fused({later}), "Relu, Conv, Conv, Add, Mul");
}

TEST_F(FuseResidualTest, StaysWhereTheConvItselfReadsTheOther) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {Conv("a", stem), stem})}), "Relu, Conv, Add");
}

TEST_F(FuseResidualTest, StaysWhereAViewOfTheOtherIsReadLater) {
  const ValueId stem = g_.Op("Relu", "stem", {x_});
  const ValueId flat = g_.Op("Flatten", "flat", {stem});
  const ValueId sum = g_.Op("Add", "sum", {Conv("b", Conv("a", stem)), stem});
  const ValueId late = g_.Op("Exp", "late", {flat});
  EXPECT_EQ(Fused({sum, late}), "Relu, Flatten, Conv, Conv, Add, Exp");
}

TEST_F(FuseResidualTest, StaysWhereTheOtherIsAViewOfAnInput) {
  const ValueId view = g_.Op("Reshape", "view",
                             {g_.In("flat", {64}), g_.Constant("s", Tensor::Int64s({1, 4, 4, 4}))});
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {Conv("a", x_), view})}), "Reshape, Conv, Add");
}

TEST_F(FuseResidualTest, StaysWhereOneSideIsBroadcast) {
  const ValueId pooled = g_.Op("GlobalAveragePool", "pool", {x_});
  EXPECT_EQ(Fused({g_.Op("Add", "sum", {Conv("a", x_), pooled})}), "GlobalAveragePool, Conv, Add");
}

}  // namespace
}  // namespace dnnd::engine
