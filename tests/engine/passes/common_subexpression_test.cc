#include "engine/passes/common_subexpression.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

TEST(CommonSubexpressionTest, EqualNodesAreComputedOnce) {
  PassGraph g;
  const ValueId x = g.In("x", {2, 3});
  const ValueId a = g.Op("Exp", "a", {g.Op("Relu", "r1", {x})});
  const ValueId b = g.Op("Exp", "b", {g.Op("Relu", "r2", {x})});
  const ValueId sum = g.Op("Add", "sum", {a, b});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({sum}), CommonSubexpression)), "Relu, Exp, Add");
}

TEST(CommonSubexpressionTest, AnotherAttributeInputOrOutputOfTheGraphKeepsANode) {
  PassGraph g;
  const ValueId x = g.In("x", {2, 3});
  const ValueId y = g.In("y", {2, 3});
  const ValueId a = g.Op("LeakyRelu", "a", {x}, {{"alpha", 0.1f}});
  const ValueId b = g.Op("LeakyRelu", "b", {x}, {{"alpha", 0.2f}});
  const ValueId c = g.Op("LeakyRelu", "c", {y}, {{"alpha", 0.1f}});
  const ValueId d = g.Op("LeakyRelu", "d", {x}, {{"alpha", 0.1f}});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({a, b, c, d}), CommonSubexpression)),
            "LeakyRelu, LeakyRelu, LeakyRelu, LeakyRelu");
}

}  // namespace
}  // namespace dnnd::engine
