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

TEST(CommonSubexpressionTest, NodesWithGraphsInsideAreOneWhereThoseAreTheSame) {
  const auto branch = [] {
    GraphBuilder builder("branch");
    builder.Output(builder.Constant("w", Tensor::Scalar(1.f)));
    return std::make_shared<const Graph>(std::move(builder).Build().value());
  };
  const std::shared_ptr<const Graph> shared = branch();
  const auto count_after = [](std::shared_ptr<const Graph> first,
                              std::shared_ptr<const Graph> second) {
    GraphBuilder builder("two");
    const ValueId c = builder.Input("c", DataType::kBool, {});
    const ValueId a = builder.Op("If", "a", {c}, {{"then_branch", std::move(first)}});
    const ValueId b = builder.Op("If", "b", {c}, {{"then_branch", std::move(second)}});
    builder.Output(builder.Op("Add", "sum", {a, b}));
    Graph graph = std::move(builder).Build().value();
    EXPECT_TRUE(CommonSubexpression(graph).ok());
    return graph.nodes.size();
  };
  EXPECT_EQ(count_after(shared, shared), 2);
  EXPECT_EQ(count_after(branch(), branch()), 3);
}

}  // namespace
}  // namespace dnnd::engine
