#include "engine/ops/interpret.h"

#include <gtest/gtest.h>

#include "engine/ir/builder.h"
#include "tests/testing/graphs.h"
#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// y = relu(x + exp(w)); the second output is the recipe itself.
struct Recipe {
  Graph graph;
  ValueId weight;
  ValueId sum;
};

Recipe MakeRecipe() {
  GraphBuilder g("recipe");
  Recipe recipe;
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  recipe.weight = g.Op("Exp", "weight", {g.Constant("w", Tensor::Of<float>(Shape({2}), {0, 0}))});
  recipe.sum = g.Op("Add", "sum", {x, recipe.weight});
  g.Output(g.Op("Relu", "y", {recipe.sum}));
  g.Output(recipe.weight);
  recipe.graph = std::move(g).Build().value();
  return recipe;
}

TEST(InterpretTest, RunsEveryNodeInOrder) {
  const auto got = Interpret(MakeRecipe().graph, {Tensor::Of<float>(Shape({2}), {-3, 3})});
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<float>((*got)[0], {2}, {0, 4});
  ExpectTensor<float>((*got)[1], {2}, {1, 1});
}

TEST(InterpretTest, NamesTheNodeThatFails) {
  EXPECT_THAT(Interpret(MakeRecipe().graph, {Tensor::Of<float>(Shape({3}), {1, 2, 3})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Add node \"sum\"")));
  EXPECT_THAT(Interpret(MakeRecipe().graph, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 0 inputs")));
}

TEST(InterpretTest, ResidualSumsAndActivationsOfANodeApply) {
  GraphBuilder g("post ops");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{1, ""}, Dim{1, ""}, Dim{2, ""}});
  g.Output(g.Op("Conv", "conv",
                {x, g.Constant("w", Tensor::Of<float>(Shape({1, 1, 1}), {2})), kNoValue, x}));
  Graph graph = std::move(g).Build().value();
  PostOp sum{PostOp::Kind::kSum};
  sum.operand = 3;
  graph.nodes[0].post_ops = {sum, PostOp{PostOp::Kind::kRelu}};
  const auto got = Interpret(graph, {Tensor::Of<float>(Shape({1, 1, 2}), {1, -1})});
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<float>((*got)[0], {1, 1, 2}, {3, 0});
}

// Each Neg holds 8 kB beside its input, and the second one frees the first's.
TEST(InterpretTest, RefusesWhatHoldsMoreThanItMay) {
  GraphBuilder g("chain");
  ValueId value = g.Input("x", DataType::kFloat32, {Dim{2048, ""}});
  for (const char* name : {"a", "b", "c"}) {
    value = g.Op("Neg", name, {value});
  }
  g.Output(value);
  const Graph graph = std::move(g).Build().value();
  const auto x = Tensor::Create(DataType::kFloat32, Shape({2048}));
  EXPECT_TRUE(Interpret(graph, {*x}, RunNode, 2 * x->num_bytes()).ok());
  EXPECT_THAT(Interpret(graph, {*x}, RunNode, x->num_bytes() - 1),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("Neg node \"a\"")));
}

// Extents that are only known while the graph runs.
TEST(InterpretTest, RunsWhatDependsOnElements) {
  GraphBuilder g("places");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId places = g.Op("NonZero", "places", {x});
  const ValueId flat = g.Op("Squeeze", "flat", {places, g.Constant("front", Tensor::Int64s({0}))});
  g.Output(g.Op("Gather", "y", {x, flat}));
  const Graph graph = std::move(g).Build().value();
  const auto some = Interpret(graph, {Tensor::Of<float>(Shape({4}), {0, 5, 0, 7})});
  ASSERT_TRUE(some.ok()) << some.status();
  ExpectTensor<float>((*some)[0], {2}, {5, 7});
  const auto none = Interpret(graph, {Tensor::Of<float>(Shape({4}), {0, 0, 0, 0})});
  ASSERT_TRUE(none.ok()) << none.status();
  ExpectTensor<float>((*none)[0], {0}, {});
}

TEST(EvaluateConstantTest, ComputesARecipeAndReadsAConstant) {
  const Recipe recipe = MakeRecipe();
  ExpectTensor<float>(EvaluateConstant(recipe.graph, recipe.weight), {2}, {1, 1});
  ExpectTensor<float>(EvaluateConstant(recipe.graph, recipe.graph.nodes[0].inputs[0]), {2}, {0, 0});
}

TEST(EvaluateConstantTest, RefusesWhatDependsOnAnInput) {
  const Recipe recipe = MakeRecipe();
  EXPECT_THAT(EvaluateConstant(recipe.graph, recipe.sum),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("depends on an input")));
}

TEST(EvaluateConstantTest, ReadsWhatLiesInTheFileOnlyWhenItIsNeeded) {
  const std::vector<float> elements = {1, 2};
  std::string bytes(reinterpret_cast<const char*>(elements.data()), 8);
  Graph graph;
  const Constant stored(TensorType{DataType::kFloat32, Shape({2})}, BytesInMemory(bytes), 0);
  ValueNames names(graph);
  const ValueId weight = graph.AddConstant("w", stored, names);
  Node node;
  node.op = "Neg";
  node.name = "neg";
  node.inputs = {weight};
  node.outputs = {graph.AddValue("negated", DataType::kFloat32, names)};
  graph.nodes.push_back(node);
  ExpectTensor<float>(EvaluateConstant(graph, node.outputs[0]), {2}, {-1, -2});
  EXPECT_EQ(graph.value(weight).constant->in_memory(), nullptr);
}

}  // namespace
}  // namespace dnnd::engine
